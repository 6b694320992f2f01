package dev.tercet.internal.net;

import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket: everything about it but waiting.
 *
 * <p>What users may not do is refused before it comes here, by {@link
 * dev.tercet.internal.nio.Datagrams}, the same on every network: addresses are resolved and of the
 * family of the socket, nothing is bound or connected twice, and nothing longer than {@link
 * #MAX_BYTES} is sent.
 */
public interface NonBlockingDatagram extends NonBlockingResource {
  /**
   * The length field of a UDP header has 16 bits. What fits is less, and depends on the network.
   */
  int MAX_BYTES = 65_535;

  /**
   * Where things run that its datagrams bring about, when they are nobody's call.
   *
   * @return those of its loop, or of its simulated network
   */
  default SerialExecutor executor() {
    return new LoopSerialExecutor(Objects.requireNonNull(loop(), "loop"));
  }

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
   * @param address of our family; port 0 for any
   * @throws IOException when it is taken or not ours
   */
  void bind(InetSocketAddress address) throws IOException;

  /**
   * Sets the peer, without any traffic: only its datagrams are received from now on, and none that
   * have arrived already. The caller holds {@link #sending} and {@link #receiving}.
   *
   * @throws IOException when there is no way to it; the socket is as it was
   */
  void connect(InetSocketAddress address) throws IOException;

  @Override
  @Nullable InetSocketAddress localAddress();

  /**
   * The peer, also after the close.
   *
   * @return null when not connected
   */
  @Nullable InetSocketAddress remoteAddress();

  /**
   * Sends one datagram, whole, and binds the socket if it is not bound. The caller holds {@link
   * #sending}. Before an empty datagram it has waited for {@link #writable}: the kernel's answer to
   * one is 0, with room and without.
   *
   * @param data what to send; its position moves to its limit when it was sent, else it stays
   * @param to where to; when connected, the peer or null
   * @return false when one must wait for {@link #writable}
   * @throws IOException of the system, after which the socket is still good; or {@link
   *     dev.tercet.ClosedResourceException}
   */
  boolean send(ByteBuffer data, @Nullable InetSocketAddress to) throws IOException;

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
   * Whether the last datagram received was longer than the buffer.
   *
   * @return false when it was whole
   */
  boolean wasTruncated();

  /**
   * Whether {@link #receive} would find something: a datagram, or an error to throw. Disturbs
   * nobody who waits.
   *
   * @return false when one must wait for {@link #readable}
   * @throws IOException when it cannot be told; or {@link dev.tercet.ClosedResourceException}
   */
  boolean isReadable() throws IOException;

  /**
   * Becomes a member of a multicast group; nothing happens when it is one.
   *
   * @param group a multicast address that our family has
   * @param on the interface that the group's datagrams come in by
   * @throws IOException when the system refuses, or closed
   */
  void joinGroup(InetAddress group, NetworkInterface on) throws IOException;

  /**
   * Ends a membership.
   *
   * @throws IOException when closed
   * @throws IllegalStateException when it is no member
   */
  void leaveGroup(InetAddress group, NetworkInterface on) throws IOException;
}
