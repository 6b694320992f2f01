package dev.tercet.internal.nio;

import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.SocketChannel;

/**
 * What to do when {@code accept} fails: pass it on, or pause and try again.
 *
 * <p><b>The problem.</b> Some errors concern one connection, which the kernel has dropped already
 * or will; some pass, such as a lack of descriptors; some last. NIO has one class for all of them,
 * without the number, and the text is in the user's language.
 *
 * <p><b>The strategy.</b> No text is looked at. A lack of descriptors or memory is found by an
 * experiment: can a socket be opened? All other errors of the system are tried again, a bounded
 * number of times, with a pause in between, so that an error that comes back at once does not make
 * the caller spin. A connection, or a queue that is empty, ends the count.
 *
 * <p>Not thread-safe; one loop of accepts is one task.
 */
public final class AcceptErrors {
  /** With the pauses about 10 s. */
  private static final int MAX_TRIES = 110;

  /**
   * With the server's pauses about 2 s; a socket of ours has tried for 10 s before each of them.
   */
  private static final int MAX_PAUSES = 20;

  private static final long FIRST_PAUSE_NANOS = 1_000_000;
  private static final long LONGEST_PAUSE_NANOS = 100_000_000;

  private int failures;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  /** No error so far. */
  public AcceptErrors() {}

  /** A connection came, or the queue was empty. */
  public void succeeded() {
    failures = 0;
    pauseNanos = FIRST_PAUSE_NANOS;
  }

  /**
   * For who accepts from the system: how long to wait before the next try.
   *
   * @return 1 ms, then twice as long each time, up to 100 ms
   * @throws IOException {@code e}, when it is not the system's, when the system lacks descriptors
   *     or memory, and when it has come too often in a row
   */
  public long pauseNanosAfter(IOException e) throws IOException {
    if (!isOfTheSystem(e) || ++failures > MAX_TRIES || !canOpenSocket()) {
      throw e;
    }
    long pause = pauseNanos;
    pauseNanos = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    return pause;
  }

  /**
   * For who serves a listener: whether to pause and try again.
   *
   * @return true as long as the system lacks descriptors or memory; for another error of the system
   *     a bounded number of times in a row
   */
  public boolean mayPass(IOException e) {
    if (!isOfTheSystem(e)) {
      return false;
    }
    if (!canOpenSocket()) {
      return true;
    }
    return ++failures <= MAX_PAUSES;
  }

  /** What is of a more special class says what is wrong, and is nothing that passes. */
  private static boolean isOfTheSystem(IOException e) {
    return e.getClass() == IOException.class || e.getClass() == SocketException.class;
  }

  private static boolean canOpenSocket() {
    try {
      SocketChannel.open().close();
      return true;
    } catch (IOException noSocket) {
      return false;
    }
  }
}
