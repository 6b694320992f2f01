package dev.tercet.internal.net;

import dev.tercet.internal.wait.Exclusive;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A listening socket: everything about it but waiting. */
public interface NonBlockingListener extends NonBlockingResource {
  /** What the system is asked for by default; it clips to its own limit (spec IO-TL7). */
  int DEFAULT_BACKLOG = 65_535;

  /**
   * Checks a backlog.
   *
   * @param backlog 1 or more
   * @return the same
   */
  static int requireBacklog(int backlog) {
    if (backlog < 1) {
      throw new IllegalArgumentException("backlog must be at least 1, not " + backlog);
    }
    return backlog;
  }

  /**
   * Held while accepting.
   *
   * @return one per listener
   */
  Exclusive accepting();

  /**
   * Binds and listens. A Unix path is bound atomically over a socket file that may be there (spec
   * IO-U5).
   *
   * @param address resolved; port 0 for any
   * @param backlog how many connections the system may hold for us, 1 or more
   * @throws IOException when it is taken or not ours
   */
  void bind(SocketAddress address, int backlog) throws IOException;

  /**
   * Takes a connection from the queue. The caller holds {@link #accepting}. A connection that was
   * spoilt before it could be taken is dropped (spec IO-SL6).
   *
   * @return null when one must wait for {@link #readable}
   * @throws IOException of the system, after which the listener is still good: {@link
   *     dev.tercet.internal.nio.AcceptErrors} says what to do (spec IO-SL3); or {@link
   *     dev.tercet.ClosedResourceException}
   */
  @Nullable NonBlockingSocket accept() throws IOException;
}
