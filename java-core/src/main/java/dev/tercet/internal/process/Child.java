package dev.tercet.internal.process;

import dev.tercet.ExitStatus;
import dev.tercet.PosixSignal;
import dev.tercet.internal.log.Log;
import dev.tercet.internal.wait.Latch;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A child process, without waiting: our ends of its pipes, its end, and the signals.
 *
 * <p>Signals go through the process's handle and never through {@link Process#destroy}, which
 * closes the pipes too: the child's last words would be lost, and it would die of a broken pipe
 * (spec PROC-P29).
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Child {
  private static final Log LOG = Log.of("dev.tercet.process");

  private final Process process;
  private final List<String> command;
  private final ChildPipes.Ends pipes;
  private final @Nullable ProcessGroup group;
  private final Latch exited = new Latch();

  Child(
      Process process, List<String> command, ChildPipes.Ends pipes, @Nullable ProcessGroup group) {
    this.process = process;
    this.command = command;
    this.pipes = pipes;
    this.group = group;
    CompletableFuture<?> unused = process.onExit().whenComplete((ended, never) -> exited.open());
  }

  /**
   * What was started.
   *
   * @return the program and its arguments
   */
  public List<String> command() {
    return command;
  }

  /**
   * The number of the process.
   *
   * @return 1 or more
   */
  public long pid() {
    return process.pid();
  }

  /**
   * Where we send to.
   *
   * @return null when its input is no pipe of ours
   */
  public @Nullable PipeSink stdin() {
    return pipes.stdin();
  }

  /**
   * Where we receive its output from.
   *
   * @return null when its output is no pipe of ours
   */
  public @Nullable PipeSource stdout() {
    return pipes.stdout();
  }

  /**
   * Where we receive its errors from.
   *
   * @return null when its standard error is no pipe of ours
   */
  public @Nullable PipeSource stderr() {
    return pipes.stderr();
  }

  /**
   * How it has ended.
   *
   * @return null while it runs
   */
  public @Nullable ExitStatus status() {
    return process.isAlive() ? null : new ExitStatus(process.exitValue());
  }

  /**
   * Where to wait for its end.
   *
   * @return a latch that opens when it has ended
   */
  public Latch exited() {
    return exited;
  }

  /** Asks it to end: TERM. A failure is logged. Does nothing when it has ended. */
  public void terminate() {
    if (group != null) {
      group.signal("TERM");
    } else {
      signal("TERM", ProcessHandle::destroy, Process::destroy);
    }
  }

  /**
   * Ends it: KILL. A failure is logged. Does nothing when it has ended, unless it has a group:
   * others of it may be left.
   */
  public void kill() {
    if (group != null) {
      group.signal("KILL");
    }
    signal("KILL", ProcessHandle::destroyForcibly, Process::destroyForcibly);
  }

  /** An exception is a warning too: whoever ends a child goes on to wait for it (spec PROC-P17). */
  private void signal(String name, Predicate<ProcessHandle> byHandle, Consumer<Process> otherwise) {
    try {
      if (process.isAlive() && !byHandle.test(process.toHandle()) && process.isAlive()) {
        LOG.warn("cannot send ", name, " to ", this);
      }
    } catch (UnsupportedOperationException e) {
      // Somebody else's kind of process has no handle.
      otherwise.accept(process);
    } catch (RuntimeException | Error e) {
      LOG.warning(e, "cannot send ", name, " to ", this);
    }
  }

  /**
   * Whether there may be others that are to end with it.
   *
   * @return true when it was given a group of its own
   */
  public boolean hasGroup() {
    return group != null;
  }

  /**
   * Sends any signal. Blocks for some milliseconds: it runs {@code kill}.
   *
   * @throws IOException when that cannot be run, or says that it has failed
   */
  public void send(PosixSignal signal) throws IOException {
    if (process.isAlive()) {
      ProcessGroup.kill(signal.name(), group == null ? pid() : -pid());
    }
  }

  /** Closes our ends of all pipes, at once. */
  public void closePipes() {
    pipes.close();
  }

  @Override
  public String toString() {
    ExitStatus status = status();
    return command.get(0) + ", process " + pid() + (status == null ? "" : ", " + status);
  }
}
