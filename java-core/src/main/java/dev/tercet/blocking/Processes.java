package dev.tercet.blocking;

import dev.tercet.CompletedProcess;
import dev.tercet.ProcessOptions;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.process.Child;
import dev.tercet.internal.process.ChildRun;
import dev.tercet.internal.process.Spawn;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Child processes. On Linux their pipes wait on an event loop: no thread for each, and a wait that
 * is interrupted loses nothing.
 *
 * <pre>{@code
 * var options = ProcessOptions.DEFAULT.withStdout(ChildOutput.CAPTURE);
 * System.out.println(Processes.run(List.of("git", "status"), options).stdoutText());
 * }</pre>
 */
public final class Processes {
  private Processes() {}

  /**
   * Runs a command with the outputs of this program, and no input; see {@link #run(List,
   * ProcessOptions)}.
   *
   * @param command the program and its arguments; no shell reads them
   * @return how it has ended
   * @throws IOException when it cannot be started, or has failed
   * @throws InterruptedException when interrupted before or while waiting; the child has ended
   */
  public static CompletedProcess run(List<String> command)
      throws IOException, InterruptedException {
    return run(command, ProcessOptions.DEFAULT);
  }

  /**
   * Runs a command: starts it, gives it its input, captures what is to be captured, and waits until
   * it has ended (spec PROC-P1).
   *
   * <p><i>Errors:</i> the system's {@link IOException} when it cannot be started (spec PROC-P12);
   * {@link dev.tercet.CalledProcessException} when its status is not 0, unless the options say not
   * to check; {@link dev.tercet.TooLongException} when it writes more than is captured at most;
   * {@link IllegalArgumentException} for an empty command and for PIPE, which nobody could reach
   * (spec PROC-P8). Whatever the error, the child has ended.
   *
   * <p><i>Interruption:</i> the child gets TERM, after the time of the options KILL; when it has
   * ended the interruption is thrown (spec PROC-P14). Starting takes some milliseconds that cannot
   * be interrupted.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param command the program and its arguments; no shell reads them
   * @param options how to run it
   * @return how it has ended, and what was captured
   * @throws IOException when it cannot be started, or has failed
   * @throws InterruptedException when interrupted before or while waiting; the child has ended
   */
  public static CompletedProcess run(List<String> command, ProcessOptions options)
      throws IOException, InterruptedException {
    return runPipeline(List.of(command), options).get(0);
  }

  /**
   * Runs commands of which each reads what the one before it writes, as {@code a | b | c} in a
   * shell. The bytes between them do not go through this program.
   *
   * <p><i>Errors:</i> as {@link #run(List, ProcessOptions)}, for any of them; when several have
   * failed, for the last of these. One that was ended by a broken pipe because the next has had
   * enough has not failed. {@link IllegalArgumentException} for {@code MERGE_INTO_STDOUT}.
   *
   * <p><i>Interruption:</i> as {@link #run(List, ProcessOptions)}, for all of them.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param commands 1 or more
   * @param options the input is of the first, the output of the last, the rest of each
   * @return how they have ended, in the same order
   * @throws IOException when one cannot be started, or has failed
   * @throws InterruptedException when interrupted before or while waiting; all have ended
   */
  public static List<CompletedProcess> runPipeline(
      List<List<String>> commands, ProcessOptions options)
      throws IOException, InterruptedException {
    Parking.checkpoint();
    List<Child> children = Spawn.startToRun(commands, options, LoopGroup.shared());
    try {
      ChildRun run = ChildRun.of(children, options);
      Driver.waiting().run(run);
      return run.results();
    } finally {
      end(children, options.killAfter());
    }
  }

  /**
   * Starts a command and leaves it to the caller, who closes it.
   *
   * <p><i>Errors:</i> the system's {@link IOException} when it cannot be started; {@link
   * IllegalArgumentException} for an empty command, for {@code CAPTURE} and for {@code bytes},
   * which need {@link #run}.
   *
   * <p><i>Interruption:</i> has no effect; it takes some milliseconds.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param command the program and its arguments; no shell reads them
   * @param options how to run it; nobody looks at {@code check}
   * @return the child; the caller closes it
   * @throws IOException when it cannot be started
   * @throws InterruptedException when interrupted before it was started
   */
  public static ChildProcess open(List<String> command, ProcessOptions options)
      throws IOException, InterruptedException {
    Parking.checkpoint();
    Child child = Spawn.startToOpen(command, options, LoopGroup.shared());
    return new ChildProcess(child, options.killAfter());
  }

  /**
   * Takes over a process that somebody else has started, of a library for terminals for instance.
   * Its pipes get a thread for each, since the JDK's block (spec PROC-P30).
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> does not wait.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param process started with pipes, which nobody else uses from now on
   * @return the child, with all three streams; the caller closes it
   */
  public static ChildProcess wrap(Process process) {
    return new ChildProcess(Spawn.wrap(process), ProcessOptions.DEFAULT.killAfter());
  }

  /** Ends children that may still run, waits for their end, and closes the pipes. */
  static void end(List<Child> children, Duration killAfter) {
    boolean anyLeft = false;
    for (Child child : children) {
      if (!child.exited().isOpen()) {
        child.terminate();
        anyLeft = true;
      }
    }
    long deadline = System.nanoTime() + killAfter.toNanos();
    for (Child child : children) {
      long left = deadline - System.nanoTime();
      if (!child.exited().isOpen() && left > 0) {
        Parking.awaitUninterruptibly(child.exited(), left);
      }
    }
    for (Child child : children) {
      if (!child.exited().isOpen() || (anyLeft && child.hasGroup())) {
        child.kill();
      }
      child.closePipes();
    }
    for (Child child : children) {
      Parking.awaitUninterruptibly(child.exited());
    }
  }
}
