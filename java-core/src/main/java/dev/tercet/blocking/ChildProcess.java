package dev.tercet.blocking;

import dev.tercet.ExitStatus;
import dev.tercet.PosixSignal;
import dev.tercet.Resource;
import dev.tercet.internal.process.Child;
import dev.tercet.internal.process.PipeSink;
import dev.tercet.internal.process.PipeSource;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A child process that runs, from {@link Processes#open}. {@link #close} ends it.
 *
 * <pre>{@code
 * var piped = ProcessOptions.DEFAULT.withStdin(ChildInput.PIPE).withStdout(ChildOutput.PIPE);
 * try (var child = Processes.open(List.of("ssh", "gateway", "nc", "db.example", "5433"), piped);
 *     var tls = TlsStream.wrapClient(child.stdio(), "db.example", TlsConfig.DEFAULT)) {
 *   tls.sendAll("hello".getBytes(UTF_8));
 * }
 * }</pre>
 *
 * <p><i>Thread-safety:</i> any thread; the streams as streams are.
 */
public final class ChildProcess implements Resource {
  private final Child child;
  private final Duration killAfter;
  private final @Nullable SendStream stdin;
  private final @Nullable ReceiveStream stdout;
  private final @Nullable ReceiveStream stderr;

  ChildProcess(Child child, Duration killAfter) {
    this.child = child;
    this.killAfter = killAfter;
    PipeSink in = child.stdin();
    PipeSource out = child.stdout();
    PipeSource err = child.stderr();
    this.stdin = in == null ? null : new PipeSendStream(in);
    this.stdout = out == null ? null : new PipeReceiveStream(out);
    this.stderr = err == null ? null : new PipeReceiveStream(err);
  }

  /**
   * The number of the process.
   *
   * @return 1 or more
   */
  public long pid() {
    return child.pid();
  }

  /**
   * What was started.
   *
   * @return the program and its arguments
   */
  public List<String> command() {
    return child.command();
  }

  /**
   * Its standard input; closing the stream is the end that the child finds (spec PROC-P20).
   *
   * @return the same stream each time
   * @throws IllegalStateException when it was not started with {@code ChildInput.PIPE}
   */
  public SendStream stdin() {
    return piped(stdin, "standard input", "ChildInput.PIPE");
  }

  /**
   * Its standard output (spec PROC-P20).
   *
   * @return the same stream each time
   * @throws IllegalStateException when it was not started with {@code ChildOutput.PIPE}
   */
  public ReceiveStream stdout() {
    return piped(stdout, "standard output", "ChildOutput.PIPE");
  }

  /**
   * Its standard error (spec PROC-P20).
   *
   * @return the same stream each time
   * @throws IllegalStateException when it was not started with {@code ChildOutput.PIPE}
   */
  public ReceiveStream stderr() {
    return piped(stderr, "standard error", "ChildOutput.PIPE");
  }

  /**
   * Its standard input and output as one stream, for TLS over a child for instance.
   *
   * @return a new stream over the same two
   * @throws IllegalStateException when one of them is not piped
   */
  public StapledStream<SendStream, ReceiveStream> stdio() {
    return StapledStream.of(stdin(), stdout());
  }

  private static <T> T piped(@Nullable T stream, String what, String option) {
    if (stream == null) {
      throw new IllegalStateException(
          "the " + what + " of this child is no pipe; start it with " + option);
    }
    return stream;
  }

  /**
   * How it has ended. Does not wait (spec PROC-P20).
   *
   * @return null while it runs
   */
  public @Nullable ExitStatus status() {
    return child.status();
  }

  /**
   * Waits until it has ended. Any number of threads may wait (spec PROC-P21).
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> no effect on the child; wait again.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @return how it has ended
   * @throws InterruptedException when interrupted before or while waiting
   */
  public ExitStatus awaitExit() throws InterruptedException {
    Parking.checkpoint();
    Parking.await(child.exited());
    ExitStatus status = child.status();
    if (status == null) {
      throw new IllegalStateException("woken before the end of " + child);
    }
    return status;
  }

  /** Asks it to end: TERM. Does not wait, and does nothing to a child that has ended. */
  public void terminate() {
    child.terminate();
  }

  /** Ends it: KILL. Does not wait, and does nothing to a child that has ended. */
  public void kill() {
    child.kill();
  }

  /**
   * Sends it a signal; does nothing to a child that has ended (spec PROC-P22).
   *
   * <p><i>Errors:</i> an {@link IOException} when the program {@code kill} cannot be run.
   *
   * <p><i>Interruption:</i> has no effect; it takes some milliseconds.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param signal which
   * @throws IOException when it cannot be sent
   */
  public void sendSignal(PosixSignal signal) throws IOException {
    Parking.refuseOnLoop();
    child.send(signal);
  }

  /**
   * Ends the child if it still runs, and closes the pipes: TERM, after the time of the options
   * KILL, and waits for its end (spec PROC-P15, PROC-P16).
   *
   * <p><i>Errors:</i> none; a signal that cannot be sent is logged.
   *
   * <p><i>Interruption:</i> does not end it; the flag stays set. In an expired scope the
   * cancellation is thrown at the end.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() {
    Processes.end(List.of(child), killAfter);
    Parking.throwIfExpired();
  }

  /** Kills the child and closes the pipes, without waiting for its end. */
  @Override
  public void closeForcefully() {
    child.kill();
    child.closePipes();
  }

  @Override
  public String toString() {
    return "ChildProcess(" + child + ")";
  }
}
