package dev.tercet.internal.serve;

import dev.tercet.Resource;
import java.net.SocketAddress;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a server can find below the connections that it serves, whose types it does not know.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public interface ServedBelow {
  /**
   * Whether there will be a count of what moves on each connection of a listener.
   *
   * @return false when it cannot tell idle connections from others
   */
  boolean countsBytes(Object listener);

  /**
   * How to count what has moved on a connection: bytes of a socket; of a DTLS channel, what the
   * peer has sent.
   *
   * @param connection that nobody has used yet
   * @return null when they cannot be counted
   */
  @Nullable LongSupplier bytesOf(Resource connection);

  /**
   * Whose connection it is.
   *
   * @param connection that nobody has used yet
   * @return null when it is not known
   */
  @Nullable SocketAddress peerOf(Resource connection);
}
