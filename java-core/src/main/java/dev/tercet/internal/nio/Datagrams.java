package dev.tercet.internal.nio;

import dev.tercet.AddressText;
import dev.tercet.Datagram;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.Scratch;
import dev.tercet.proto.AddressKey;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What datagram sockets of both languages and of every network refuse, and with which words; and
 * which address a host is bound to.
 */
public final class Datagrams {
  private Datagrams() {}

  /**
   * Receives one datagram, whole. The caller holds {@link NonBlockingDatagram#receiving}.
   *
   * @param socket bound
   * @return null when one must wait
   * @throws IOException as {@link NonBlockingDatagram#receive}
   */
  public static @Nullable Datagram receive(NonBlockingDatagram socket) throws IOException {
    ByteBuffer buffer = Scratch.take();
    try {
      InetSocketAddress source = socket.receive(buffer);
      if (source == null) {
        return null;
      }
      byte[] data = new byte[buffer.flip().remaining()];
      buffer.get(data);
      return new Datagram(data, source);
    } finally {
      Scratch.giveBack(buffer);
    }
  }

  /**
   * Opens a socket and binds it to the first of some addresses whose family this system has.
   *
   * @param addresses of one host, in the resolver's order; null for all of this machine
   * @param port 0 to 65535; 0 for any
   * @return the socket; the caller closes it
   * @throws IOException when the address is taken or not ours
   */
  public static NonBlockingDatagram openBound(
      NetworkProvider network, @Nullable List<InetAddress> addresses, int port) throws IOException {
    if (addresses == null) {
      InetSocketAddress any = new InetSocketAddress(port);
      try {
        return openBound(network, StandardProtocolFamily.INET6, any);
      } catch (UnsupportedOperationException noIpv6) {
        return openBound(network, StandardProtocolFamily.INET, any);
      }
    }
    List<UnsupportedOperationException> unsupported = new ArrayList<>();
    for (InetAddress address : addresses) {
      try {
        return openBound(network, Addresses.family(address), new InetSocketAddress(address, port));
      } catch (UnsupportedOperationException e) {
        unsupported.add(e);
      }
    }
    IOException e = new SocketException("This system doesn't support the family of that address");
    unsupported.forEach(e::addSuppressed);
    throw e;
  }

  private static NonBlockingDatagram openBound(
      NetworkProvider network, ProtocolFamily family, InetSocketAddress local) throws IOException {
    NonBlockingDatagram socket = network.openDatagram(family);
    boolean bound = false;
    try {
      socket.bind(local);
      bound = true;
      return socket;
    } finally {
      if (!bound) {
        socket.close();
      }
    }
  }

  /**
   * Checks an address to bind to.
   *
   * @return the same
   * @throws IllegalArgumentException when it is not resolved, or not of the family of the socket
   * @throws IllegalStateException when the socket is bound already
   */
  public static InetSocketAddress requireLocal(NonBlockingDatagram socket, SocketAddress address) {
    InetSocketAddress local = requireFamily(socket, address);
    InetSocketAddress before = socket.localAddress();
    if (before != null && !socket.isClosed()) {
      throw new IllegalStateException("this socket is bound already, to " + AddressText.of(before));
    }
    return local;
  }

  /**
   * Checks an address to send to or to connect to.
   *
   * @return the same
   * @throws IllegalArgumentException when it is not resolved, has port 0, or is not of the family
   *     of the socket
   */
  public static InetSocketAddress requireRemote(NonBlockingDatagram socket, SocketAddress address) {
    InetSocketAddress remote = requireFamily(socket, address);
    Addresses.requireRemotePort(remote.getPort());
    return remote;
  }

  private static InetSocketAddress requireFamily(
      NonBlockingDatagram socket, SocketAddress address) {
    if (!(Addresses.requireResolved(address) instanceof InetSocketAddress inet)) {
      throw new IllegalArgumentException("not an internet address: " + address);
    }
    if (socket.family() == StandardProtocolFamily.INET
        && !(inet.getAddress() instanceof Inet4Address)) {
      throw new IllegalArgumentException(
          "an IPv4 socket cannot reach " + AddressText.of(inet) + "; open an INET6 one");
    }
    return inet;
  }

  /**
   * Gives a link-local address without a zone the one that the system will take, that of the
   * socket: the answers come from there.
   *
   * @return the same if it has a zone, needs none, or the socket has none either
   */
  public static InetSocketAddress zoned(NonBlockingDatagram socket, InetSocketAddress remote) {
    InetAddress address = remote.getAddress();
    InetSocketAddress local = socket.localAddress();
    int zone = local == null ? 0 : AddressKey.zoneOf(local.getAddress());
    if (zone == 0 || !address.isLinkLocalAddress() || !(address instanceof Inet6Address bare)) {
      return remote;
    }
    if (AddressKey.zoneOf(bare) != 0) {
      return remote;
    }
    try {
      return new InetSocketAddress(
          Inet6Address.getByAddress(null, bare.getAddress(), zone), remote.getPort());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 16 bytes is one", e);
    }
  }

  /**
   * Checks that a socket can be connected.
   *
   * @throws IOException when closed
   * @throws IllegalStateException when it is connected already
   */
  public static void requireUnconnected(NonBlockingDatagram socket) throws IOException {
    socket.ensureOpen();
    InetSocketAddress peer = socket.remoteAddress();
    if (peer != null) {
      throw new IllegalStateException(
          "this socket is connected already, to " + AddressText.of(peer));
    }
  }

  /**
   * Checks that a datagram can be sent.
   *
   * @param to where to; null for the peer
   * @throws IOException when closed, or when the datagram is too long for UDP
   * @throws IllegalStateException when the socket is connected to somebody else, or, without an
   *     address, to nobody
   * @throws UnsupportedOperationException when the datagram is empty and the socket connected: NIO
   *     then makes no system call and says nothing
   */
  public static void requireSendable(
      NonBlockingDatagram socket, ByteBuffer data, @Nullable InetSocketAddress to)
      throws IOException {
    socket.ensureOpen();
    InetSocketAddress peer = socket.remoteAddress();
    if (peer == null && to == null) {
      throw new IllegalStateException("this socket is not connected; use sendTo with an address");
    }
    if (peer != null && to != null && !AddressKey.isSame(to, peer)) {
      throw new IllegalStateException(
          "this socket is connected to "
              + AddressText.of(peer)
              + " and cannot send to "
              + AddressText.of(to));
    }
    if (peer != null && !data.hasRemaining()) {
      throw new UnsupportedOperationException(
          "NIO sends no empty datagram on a connected socket; send it on one that is not"
              + " connected");
    }
    if (data.remaining() > NonBlockingDatagram.MAX_BYTES) {
      // As the system says it of one that is a little shorter, and without a copy of it all.
      throw ConnectErrors.cannot(
          "send " + data.remaining() + " bytes to",
          Objects.requireNonNull(peer == null ? to : peer),
          new SocketException("Message too long"));
    }
  }

  /**
   * Checks a buffer to receive into, before anything is received: nothing may go wrong after that.
   *
   * @throws IllegalArgumentException when it has no room or is read-only
   */
  public static void requireRoom(ByteBuffer into) {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    if (into.isReadOnly()) {
      throw new IllegalArgumentException("the buffer to receive into is read-only");
    }
  }

  /**
   * Checks that something can be received.
   *
   * @throws IOException when closed
   * @throws IllegalStateException when it is not bound, so that nobody could send to it
   */
  public static void requireBound(NonBlockingDatagram socket) throws IOException {
    socket.ensureOpen();
    if (socket.localAddress() == null) {
      throw new IllegalStateException("this socket is not bound, and nobody can send to it");
    }
  }

  /**
   * Checks a multicast group.
   *
   * @param socket that is to be a member
   * @throws IllegalArgumentException when it is no multicast address, or not of the socket's family
   */
  public static void requireGroup(NonBlockingDatagram socket, InetAddress group) {
    if (!group.isMulticastAddress()) {
      throw new IllegalArgumentException("not a multicast address: " + AddressText.of(group));
    }
    requireFamily(socket, new InetSocketAddress(group, 0));
  }
}
