package dev.tercet.testing.simulation;

import dev.tercet.AddressText;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.SerialExecutor;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.proto.AddressKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A datagram socket of a {@link SimulatedNetwork}: an address and an unbounded inbox (KIT-F10). */
final class SimulatedDatagram extends SimulatedResource implements NonBlockingDatagram {
  private final int number;
  private final Exclusive sending = new Exclusive("another task is sending");
  private final Exclusive receiving = new Exclusive("another task is receiving");

  private volatile boolean truncated;

  /** Guarded by room, as is everything below. */
  private final Queue<Packet> inbox = new ArrayDeque<>();

  private volatile @Nullable InetSocketAddress remote;

  SimulatedDatagram(SimulatedNetwork network, ProtocolFamily family, int number) {
    super(network, family, "socket", SocketOptions.none());
    this.number = number;
  }

  @Override
  public SerialExecutor executor() {
    return network.turnsOf(number);
  }

  @Override
  public void bind(InetSocketAddress address) throws IOException {
    room.step(
        () -> {
          ensureOpen();
          return bindTo(address);
        });
  }

  /** A wildcard becomes the loopback address of the family (KIT-F4). */
  private InetSocketAddress bindTo(InetSocketAddress wanted) throws IOException {
    InetAddress address = wanted.getAddress();
    InetSocketAddress bound =
        network.bindDatagram(
            address.isAnyLocalAddress() ? network.loopback(family) : address,
            wanted.getPort(),
            this);
    local = bound;
    network.record(NetworkEvent.Kind.BIND, number, AddressText.of(bound));
    return bound;
  }

  private InetSocketAddress boundFor(InetSocketAddress to) throws IOException {
    InetSocketAddress bound = local;
    return bound != null ? bound : bindTo(network.requireSource(to));
  }

  @Override
  public void connect(InetSocketAddress address) throws IOException {
    room.step(
        () -> {
          ensureOpen();
          InetSocketAddress bound = boundFor(address);
          inbox.clear();
          remote = address;
          network.record(NetworkEvent.Kind.CONNECT, number, AddressText.of(address));
          return bound;
        });
  }

  @Override
  public boolean send(ByteBuffer data, @Nullable InetSocketAddress to) throws IOException {
    Packet packet =
        room.step(
            () -> {
              ensureOpen();
              InetSocketAddress peer = remote;
              InetSocketAddress destination = Objects.requireNonNull(peer == null ? to : peer);
              InetSocketAddress source = boundFor(destination);
              byte[] payload = new byte[data.remaining()];
              data.get(payload);
              Packet sent = Packet.of(source, destination, payload);
              network.record(NetworkEvent.Kind.SEND, number, sent.toString());
              return sent;
            });
    // The router is the test's: not under our lock.
    network.sendPacket(packet);
    return true;
  }

  /** Takes a packet in; false when it is not for this socket. */
  boolean arrived(Packet packet) {
    return room.decide(
        () -> {
          InetSocketAddress peer = remote;
          return !closed
              && (peer == null || AddressKey.isSame(peer, packet.source()))
              && inbox.add(packet);
        });
  }

  @Override
  public @Nullable InetSocketAddress receive(ByteBuffer into) throws IOException {
    Packet packet =
        room.step(
            () -> {
              ensureOpen();
              return inbox.poll();
            });
    if (packet == null) {
      return null;
    }
    byte[] payload = packet.payload();
    int n = Math.min(payload.length, into.remaining());
    into.put(payload, 0, n);
    truncated = n < payload.length;
    network.record(NetworkEvent.Kind.RECEIVE, number, packet + (truncated ? ", cut to " + n : ""));
    return packet.source();
  }

  @Override
  public boolean wasTruncated() {
    return truncated;
  }

  @Override
  public boolean isReadable() throws IOException {
    return room.step(
        () -> {
          ensureOpen();
          return !inbox.isEmpty();
        });
  }

  @Override
  public void joinGroup(InetAddress group, NetworkInterface on) {
    throw new UnsupportedOperationException("a simulated network has no multicast");
  }

  @Override
  public void leaveGroup(InetAddress group, NetworkInterface on) {
    throw new IllegalStateException("not a member of " + group.getHostAddress());
  }

  @Override
  public WaitPlace readable() {
    return room.until(() -> closed || !inbox.isEmpty());
  }

  @Override
  public WaitPlace writable() {
    return room.until(() -> true);
  }

  @Override
  public void close() {
    room.change(
        () -> {
          if (!closed) {
            closed = true;
            inbox.clear();
            network.unbindDatagram(local);
            network.closed(number);
          }
        });
  }

  @Override
  public Exclusive sending() {
    return sending;
  }

  @Override
  public Exclusive receiving() {
    return receiving;
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public String toString() {
    return "#" + number + " " + AddressText.of(local) + (closed ? ", closed" : "");
  }
}
