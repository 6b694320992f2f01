package dev.tercet.blocking;

import dev.tercet.Datagram;
import dev.tercet.Network;
import dev.tercet.Resource;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.names.AddressQuestion;
import dev.tercet.internal.names.Lookups;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.internal.nio.Datagrams;
import dev.tercet.internal.nio.LoopNetwork;
import dev.tercet.internal.nio.NioDatagram;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket: datagrams, each sent and received whole, or lost. Resolved addresses only, except
 * in {@link #bind(String, int)}.
 *
 * <p>An error concerns one call; the socket stays usable. A closed port of the peer is such an
 * error, on a connected socket: {@link java.net.PortUnreachableException}, from the call after the
 * one that sent (spec IO-K12).
 *
 * <p><i>Thread-safety:</i> one thread may send while another receives; a second one in the same
 * direction gets {@link dev.tercet.BusyResourceException}. Closing: any thread.
 */
public final class UdpSocket implements Resource {
  private final NonBlockingDatagram inner;

  /** Who resolves names for it; null: that of the calling thread. */
  private final @Nullable Network network;

  UdpSocket(NonBlockingDatagram inner) {
    this(inner, null);
  }

  private UdpSocket(NonBlockingDatagram inner, @Nullable Network network) {
    this.inner = inner;
    this.network = network;
  }

  NonBlockingDatagram inner() {
    return inner;
  }

  /**
   * Opens a socket that is neither bound nor connected, on the shared loop, or the network of the
   * simulation that the calling thread is in.
   *
   * @param family INET, or INET6, which reaches IPv4 too
   * @return the socket; the caller closes it
   * @throws IOException when the system cannot, for lack of descriptors for example
   * @throws UnsupportedOperationException when the system does not have the family
   */
  public static UdpSocket open(ProtocolFamily family) throws IOException {
    return open(family, LoopNetwork.chosenOrDefault(null));
  }

  /**
   * Opens a socket on a network of the caller's choice; otherwise as {@link #open(ProtocolFamily)}.
   *
   * @param family INET, or INET6, which reaches IPv4 too
   * @param network the network of the socket, {@code EventLoop.network()} for example
   * @return the socket; the caller closes it
   * @throws IOException when the system cannot, for lack of descriptors for example
   * @throws UnsupportedOperationException when the system does not have the family
   */
  public static UdpSocket open(ProtocolFamily family, Network network) throws IOException {
    return new UdpSocket(NetworkProvider.from(network).openDatagram(family), network);
  }

  /**
   * Opens a socket that is bound to a host of this machine, on the shared loop or on the simulated
   * network of the calling thread.
   *
   * <p>A socket that is bound to all addresses answers from the address that the system chooses. On
   * a machine with several addresses it may differ from the one that the client used; a connected
   * client then receives nothing. NIO cannot choose it for each datagram. Bind one socket to each
   * address there.
   *
   * <p><i>Errors:</i> {@link java.net.BindException} when the address is in use, or not of this
   * machine; {@link java.net.UnknownHostException} for a host without addresses; {@link
   * IllegalArgumentException} for a port outside 0..65535 or an empty host, before any I/O.
   *
   * <p><i>Interruption:</i> nothing is left open.
   *
   * @param host a name or an IP literal, whose first address is used; null for all addresses of
   *     this machine, IPv6 and IPv4
   * @param port 0 to 65535; 0 for any
   * @return the socket; the caller closes it
   * @throws IOException when it cannot be bound
   * @throws InterruptedException when interrupted before or while the host is looked up
   */
  public static UdpSocket bind(@Nullable String host, int port)
      throws IOException, InterruptedException {
    return bindOn(null, host, port);
  }

  /**
   * Opens a bound socket on a network of the caller's choice; otherwise as {@link #bind(String,
   * int)}.
   *
   * @param host a name or an IP literal; null for all addresses of this machine
   * @param port 0 to 65535; 0 for any
   * @param network the network of the socket and its resolver
   * @return the socket; the caller closes it
   * @throws IOException when it cannot be bound
   * @throws InterruptedException when interrupted before or while the host is looked up
   */
  public static UdpSocket bind(@Nullable String host, int port, Network network)
      throws IOException, InterruptedException {
    return bindOn(network, host, port);
  }

  private static UdpSocket bindOn(@Nullable Network chosen, @Nullable String host, int port)
      throws IOException, InterruptedException {
    Addresses.requireLocalPort(port);
    Parking.checkpoint();
    NetworkProvider network = LoopNetwork.chosenOrDefault(chosen);
    List<InetAddress> addresses = host == null ? null : Lookups.lookup(network, host);
    return new UdpSocket(Datagrams.openBound(network, addresses, port), network);
  }

  /**
   * Takes over a channel, which becomes non-blocking and belongs to the socket from now on (spec
   * IO-K1).
   *
   * @param channel open, bound and connected or not, registered with no selector
   * @return the socket; the caller closes it
   * @throws IOException when the channel cannot be configured
   * @throws IllegalArgumentException when it is closed or registered with a selector
   */
  public static UdpSocket fromChannel(DatagramChannel channel) throws IOException {
    return new UdpSocket(NioDatagram.of(channel, LoopGroup.shared()));
  }

  /**
   * Binds to a local address. If a socket sends without one, the system binds it, to any port.
   *
   * @param address resolved; port 0 for any
   * @throws IOException when it is in use, or not of this machine; the socket is unchanged
   * @throws IllegalArgumentException when it is not resolved, or not of the family of the socket
   * @throws IllegalStateException when it is bound already
   */
  public void bind(SocketAddress address) throws IOException {
    inner.bind(Datagrams.requireLocal(inner, address));
  }

  /**
   * Looks up an address to {@linkplain #bind(SocketAddress) bind} to. The socket itself resolves
   * nothing, and is not changed.
   *
   * <p>The address has the socket's family: IPv4 for an IPv4 socket. An IPv6 socket is dual-stack:
   * it gets IPv6 if there is one, else IPv4 (spec IO-K6). The resolver is that of the network it
   * was opened on.
   *
   * <p><i>Errors:</i> {@link java.net.UnknownHostException} when the name has no such address;
   * {@link IllegalArgumentException} for what is neither a name nor a literal, for an IPv6 literal
   * with an IPv4 socket, and for the port.
   *
   * <p><i>Interruption:</i> immediate; the answer is ignored.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name, an IP literal, or {@code <broadcast>} for 255.255.255.255; null or empty
   *     for all addresses of this machine
   * @param port 0 to 65535; 0 for any
   * @return resolved
   * @throws IOException when it cannot be looked up
   * @throws InterruptedException when interrupted before or while waiting
   */
  public InetSocketAddress resolveLocalAddress(@Nullable String host, int port)
      throws IOException, InterruptedException {
    return Resolving.resolve(AddressQuestion.local(inner.family(), host, port), network);
  }

  /**
   * Looks up an address to {@linkplain #connect connect} or to {@linkplain #sendTo send} to;
   * otherwise as {@link #resolveLocalAddress}.
   *
   * <p><i>Errors:</i> as {@link #resolveLocalAddress}.
   *
   * <p><i>Interruption:</i> immediate; the answer is ignored.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name, an IP literal, or {@code <broadcast>} for 255.255.255.255; null or empty
   *     for this machine
   * @param port 0 to 65535
   * @return resolved
   * @throws IOException when it cannot be looked up
   * @throws InterruptedException when interrupted before or while waiting
   */
  public InetSocketAddress resolveRemoteAddress(@Nullable String host, int port)
      throws IOException, InterruptedException {
    return Resolving.resolve(AddressQuestion.remote(inner.family(), host, port), network);
  }

  /**
   * Sets the peer, permanently. Sends nothing. From now on {@link #send} sends to it, only its
   * datagrams are received, and a closed port of the peer is reported. Datagrams that have arrived
   * before are discarded.
   *
   * <p><i>Thread-safety:</i> excludes sending and receiving.
   *
   * @param address resolved
   * @throws IOException when there is no route to it; the socket is unchanged
   * @throws IllegalArgumentException when it is not resolved, has port 0, or is not of the family
   *     of the socket
   * @throws IllegalStateException when it is connected already
   */
  public void connect(SocketAddress address) throws IOException {
    InetSocketAddress peer = Datagrams.requireRemote(inner, address);
    inner.sending().enter();
    try {
      inner.receiving().enter();
      try {
        Datagrams.requireUnconnected(inner);
        inner.connect(peer);
      } finally {
        inner.receiving().exit();
      }
    } finally {
      inner.sending().exit();
    }
  }

  /**
   * Sends one datagram to the peer, waiting while the system has no room for it.
   *
   * <p><i>Errors:</i> the system's error, with the address: a datagram of more than 65,507 bytes
   * over IPv4 is a {@link java.net.SocketException}; {@link java.net.PortUnreachableException}
   * concerns an earlier datagram, and this one was not sent; {@link
   * dev.tercet.ClosedResourceException}; {@link dev.tercet.BusyResourceException}; {@link
   * IllegalStateException} when not connected; {@link UnsupportedOperationException} for no data,
   * which NIO cannot send to the peer of a connected socket. The socket stays usable after each of
   * them except Closed.
   *
   * <p><i>Interruption:</i> no effect: nothing was sent.
   *
   * <p><i>Thread-safety:</i> one sender at a time.
   *
   * @param data the datagram, from position to limit; the position moves to the limit when it was
   *     sent, and stays when it was not
   * @throws IOException when it was not sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void send(ByteBuffer data) throws IOException, InterruptedException {
    sendDatagram(data, null);
  }

  /**
   * Sends one datagram, waiting while the system has no room for it. It may be empty.
   *
   * <p><i>Errors:</i> the system's error, with the address: a datagram of more than 65,507 bytes
   * over IPv4 is a {@link java.net.SocketException}, a broadcast without SO_BROADCAST a {@link
   * java.net.BindException}; {@link dev.tercet.ClosedResourceException}; {@link
   * dev.tercet.BusyResourceException}; {@link IllegalArgumentException} for an address that is not
   * resolved, has port 0, or is not of the family of the socket; {@link IllegalStateException} when
   * connected to another. The socket stays usable after each of them except Closed.
   *
   * <p><i>Interruption:</i> no effect: nothing was sent.
   *
   * <p><i>Thread-safety:</i> one sender at a time.
   *
   * @param data the datagram, from position to limit; the position moves to the limit when it was
   *     sent, and stays when it was not
   * @param to the destination, resolved
   * @throws IOException when it was not sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void sendTo(ByteBuffer data, SocketAddress to) throws IOException, InterruptedException {
    sendDatagram(data, Datagrams.requireRemote(inner, to));
  }

  private void sendDatagram(ByteBuffer data, @Nullable InetSocketAddress to)
      throws IOException, InterruptedException {
    inner.sending().enter();
    try {
      Parking.checkpoint();
      Datagrams.requireSendable(inner, data, to);
      if (!data.hasRemaining()) {
        Parking.await(inner.writable());
      }
      while (!inner.send(data, to)) {
        Parking.await(inner.writable());
      }
    } finally {
      inner.sending().exit();
    }
  }

  /**
   * Receives one datagram, waiting for one. Bytes that do not fit into the buffer are lost, and
   * {@link #wasTruncated} returns true; 65,535 bytes are always enough.
   *
   * <p><i>Errors:</i> the system's error; {@link java.net.PortUnreachableException} on a connected
   * socket when the peer's port is closed; {@link dev.tercet.ClosedResourceException}; {@link
   * dev.tercet.BusyResourceException}; {@link IllegalStateException} when not bound; {@link
   * IllegalArgumentException} when the buffer has no room or is read-only. The socket stays usable
   * after each of them except Closed.
   *
   * <p><i>Interruption:</i> no effect: no datagram is lost.
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param into the buffer for the bytes; its position moves by as many as were received, none for
   *     an empty datagram
   * @return the address of the sender
   * @throws IOException when nothing was received
   * @throws InterruptedException when interrupted before or while waiting
   */
  public InetSocketAddress receiveFrom(ByteBuffer into) throws IOException, InterruptedException {
    Datagrams.requireRoom(into);
    inner.receiving().enter();
    try {
      Parking.checkpoint();
      Datagrams.requireBound(inner);
      while (true) {
        InetSocketAddress from = inner.receive(into);
        if (from != null) {
          return from;
        }
        Parking.await(inner.readable());
      }
    } finally {
      inner.receiving().exit();
    }
  }

  /**
   * Receives one datagram, whole, into a fresh array; otherwise as {@link
   * #receiveFrom(ByteBuffer)}. Holds no buffer while it waits.
   *
   * <p><i>Errors:</i> as there.
   *
   * <p><i>Interruption:</i> no effect: no datagram is lost.
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @return the payload and the address of the sender
   * @throws IOException when nothing was received
   * @throws InterruptedException when interrupted before or while waiting
   */
  public Datagram receiveFrom() throws IOException, InterruptedException {
    inner.receiving().enter();
    try {
      Parking.checkpoint();
      Datagrams.requireBound(inner);
      while (true) {
        Datagram datagram = Datagrams.receive(inner);
        if (datagram != null) {
          return datagram;
        }
        Parking.await(inner.readable());
      }
    } finally {
      inner.receiving().exit();
    }
  }

  /**
   * Receives one datagram whose sender is known, as on a connected socket; otherwise as {@link
   * #receiveFrom(ByteBuffer)}.
   *
   * @param into the buffer for the bytes
   * @return how many bytes; 0 for an empty datagram
   * @throws IOException when nothing was received
   * @throws InterruptedException when interrupted before or while waiting
   */
  public int receive(ByteBuffer into) throws IOException, InterruptedException {
    int before = into.position();
    receiveFrom(into);
    return into.position() - before;
  }

  /**
   * Whether the last datagram received was longer than the buffer, so that its rest is lost (spec
   * IO-K12).
   *
   * <p><i>Thread-safety:</i> for the thread that receives.
   *
   * @return false when it was whole, or nothing has been received
   */
  public boolean wasTruncated() {
    return inner.wasTruncated();
  }

  /**
   * Whether {@link #receiveFrom(ByteBuffer)} would find something without waiting: a datagram or an
   * error. Does not affect waiting threads. It opens a selector for each call, which takes about 10
   * µs: do not call it in a loop (spec IO-K13).
   *
   * @return false when it would wait
   * @throws IOException when closed, or when the system has no free descriptors
   */
  public boolean isReadable() throws IOException {
    return inner.isReadable();
  }

  /**
   * Joins a multicast group: datagrams to the group and the port of this socket are received.
   * Sending to a group needs no membership, but often the options {@code IP_MULTICAST_IF} and
   * {@code IP_MULTICAST_TTL}. A second join has no effect.
   *
   * @param group a multicast address
   * @param on the interface that receives its datagrams
   * @throws IOException when the system refuses, or closed
   * @throws IllegalArgumentException when it is no multicast address, or not of the family of the
   *     socket
   */
  public void joinGroup(InetAddress group, NetworkInterface on) throws IOException {
    Datagrams.requireGroup(inner, group);
    inner.joinGroup(group, on);
  }

  /**
   * Leaves a multicast group. The close leaves all.
   *
   * @param group as it was joined
   * @param on as it was joined
   * @throws IOException when closed
   * @throws IllegalStateException when it is no member
   */
  public void leaveGroup(InetAddress group, NetworkInterface on) throws IOException {
    inner.leaveGroup(group, on);
  }

  /**
   * The address of this side; available also after the close.
   *
   * @return null when it is not bound, by {@code bind}, by {@code connect}, or by sending
   */
  public @Nullable InetSocketAddress localAddress() {
    return inner.localAddress();
  }

  /**
   * The address of the peer; available also after the close.
   *
   * @return null when not connected
   */
  public @Nullable InetSocketAddress remoteAddress() {
    return inner.remoteAddress();
  }

  /**
   * Reads a socket option.
   *
   * @param option which
   * @param <T> its type
   * @return its value
   * @throws IOException when closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    return inner.getOption(option);
  }

  /**
   * Sets a socket option, {@code SO_BROADCAST} for instance, which is off.
   *
   * @param option which
   * @param value its value
   * @param <T> its type
   * @throws IOException when the system refuses, or closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    inner.setOption(option, value);
  }

  /**
   * Closes the socket, wakes waiting threads, and waits until the port is free, one turn of the
   * event loop (spec IO-SL10).
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> an interrupt stays pending; in an expired scope {@code
   * CancelledException} is thrown after the close.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() {
    Closing.close(inner);
  }

  @Override
  public void closeForcefully() {
    inner.close();
  }

  @Override
  public String toString() {
    return "UdpSocket(" + inner + ")";
  }
}
