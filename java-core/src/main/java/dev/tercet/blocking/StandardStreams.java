package dev.tercet.blocking;

import dev.tercet.internal.process.StandardPipes;

/**
 * The standard streams of this program, whose waits can be interrupted.
 *
 * <p>They use no more than what is asked for: nothing is read ahead, and what was sent is with the
 * system. {@code System.in} and {@code System.out} have buffers of their own; who uses both gets
 * their bytes in an order that nobody knows.
 *
 * <p>A read or write of a pipe or a terminal is taken back when its thread is interrupted, on
 * Linux, and no byte is lost. Elsewhere, and for sockets and named pipes, a read goes on; the next
 * call gets what it brings.
 *
 * <p>Closing one ends the stream, and leaves the descriptor open: others may use it.
 *
 * <p><i>Thread-safety:</i> any thread gets the same streams; two that read get {@link
 * dev.tercet.BusyResourceException}.
 */
public final class StandardStreams {
  private StandardStreams() {}

  /**
   * What this program reads: descriptor 0.
   *
   * @return a stream over the one standard input there is
   */
  public static ReceiveStream input() {
    return new PipeReceiveStream(StandardPipes.input());
  }

  /**
   * What this program writes: descriptor 1.
   *
   * @return a stream over the one standard output there is
   */
  public static SendStream output() {
    return new PipeSendStream(StandardPipes.output());
  }

  /**
   * What this program complains of: descriptor 2.
   *
   * @return a stream over the one standard error there is
   */
  public static SendStream error() {
    return new PipeSendStream(StandardPipes.error());
  }
}
