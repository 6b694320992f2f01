package dev.tercet.internal.nio;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;

/**
 * When to try again to connect to a Unix socket. A listener whose queue is full makes a
 * non-blocking connect fail at once on Linux, where TCP would wait, and there is no event to wait
 * for; so try again after a pause, with a fresh socket, until the caller gives up (spec IO-U3).
 *
 * <p>Not thread-safe; one connect is one task.
 */
public final class UnixConnect {
  /** The family of Unix sockets. */
  public static final ProtocolFamily FAMILY = StandardProtocolFamily.UNIX;

  private static final long FIRST_PAUSE_NANOS = 1_000_000;
  private static final long LONGEST_PAUSE_NANOS = 50_000_000;

  private long pauseNanos = FIRST_PAUSE_NANOS;

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
    if (!isQueueFull(e)) {
      throw e;
    }
    long pause = pauseNanos;
    pauseNanos = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    return pause;
  }

  /** EAGAIN: a plain SocketException, with the system's text. */
  private static boolean isQueueFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return e instanceof SocketException
        && !(e instanceof ConnectException)
        && (message.contains("Resource temporarily unavailable") || message.contains("Try again"));
  }
}
