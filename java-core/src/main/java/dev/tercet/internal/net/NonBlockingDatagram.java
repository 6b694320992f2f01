package dev.tercet.internal.net;

import dev.tercet.internal.task.Exclusive;
import dev.tercet.internal.task.WaitPlace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A datagram socket: everything about it but waiting. */
public interface NonBlockingDatagram extends NonBlockingResource {
  /**
   * Held while sending.
   *
   * @return one per socket
   */
  Exclusive sending();

  /**
   * Held while receiving.
   *
   * @return one per socket
   */
  Exclusive receiving();

  /**
   * Where to wait for room to send.
   *
   * @return a place; who is woken tries again
   */
  WaitPlace writable();

  /**
   * Binds to a local address.
   *
   * @param address resolved; port 0 for any
   * @throws IOException when it is taken or not ours
   */
  void bind(SocketAddress address) throws IOException;

  /**
   * Sets the peer, without any traffic: only its datagrams are received from now on.
   *
   * @param address resolved
   * @throws IOException when there is no way to it
   */
  void connect(SocketAddress address) throws IOException;

  /**
   * The peer, also after the close.
   *
   * @return null when not connected
   */
  @Nullable SocketAddress remoteAddress();

  /**
   * Sends one datagram, whole. The caller holds {@link #sending}.
   *
   * @param data what to send; may be empty
   * @param to where to; null for the peer of a connected socket
   * @return false when one must wait for {@link #writable}
   * @throws IOException of the system, after which the socket is still good; or {@link
   *     dev.tercet.ClosedResourceException}
   */
  boolean send(ByteBuffer data, @Nullable SocketAddress to) throws IOException;

  /**
   * Receives one datagram. The caller holds {@link #receiving}. What does not fit is lost.
   *
   * @param into where the bytes go
   * @return where it came from, null when one must wait for {@link #readable}
   * @throws IOException of the system, after which the socket is still good; or {@link
   *     dev.tercet.ClosedResourceException}
   */
  @Nullable InetSocketAddress receive(ByteBuffer into) throws IOException;

  /**
   * Whether the last datagram received was longer than the buffer. The caller holds {@link
   * #receiving}.
   *
   * @return false when it was whole
   */
  boolean wasTruncated();
}
