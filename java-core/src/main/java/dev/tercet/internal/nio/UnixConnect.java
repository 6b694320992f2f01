package dev.tercet.internal.nio;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;

/**
 * When to try again to connect to a Unix socket. A listener whose queue is full makes a
 * non-blocking connect fail at once on Linux, where TCP would wait, and there is no event to wait
 * for; so try again after a pause, with a fresh socket (spec IO-U3).
 *
 * <p>NIO says it with a {@link SocketException}, and a text in the user's language, as it says that
 * the socket is of another kind. Texts are not looked at. So each of them is tried again, for half
 * a minute.
 *
 * <p>Not thread-safe; one connect is one task.
 */
public final class UnixConnect {
  /** The family of Unix sockets. */
  public static final ProtocolFamily FAMILY = StandardProtocolFamily.UNIX;

  private static final long FIRST_PAUSE_NANOS = 1_000_000;
  private static final long LONGEST_PAUSE_NANOS = 50_000_000;

  /** With the pauses about 30 s. */
  private static final int MAX_TRIES = 600;

  private long pauseNanos = FIRST_PAUSE_NANOS;
  private int failures;

  /** Begins a connect. */
  public UnixConnect() {}

  /**
   * How long to wait before the next try.
   *
   * @param e what the last try failed with
   * @return 1 ms, then twice as long each time, up to 50 ms
   * @throws IOException {@code e}, when another try would be of no use
   */
  public long pauseNanosAfter(IOException e) throws IOException {
    if (!mayBeFullQueue(e) || ++failures > MAX_TRIES) {
      throw e;
    }
    long pause = pauseNanos;
    pauseNanos = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    return pause;
  }

  /** EAGAIN. */
  private static boolean mayBeFullQueue(IOException e) {
    return e.getClass() == SocketException.class;
  }
}
