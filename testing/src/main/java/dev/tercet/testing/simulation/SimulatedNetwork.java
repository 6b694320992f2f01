package dev.tercet.testing.simulation;

import dev.tercet.AddressFamily;
import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.NonBlockingListener;
import dev.tercet.internal.net.NonBlockingResource;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.net.SerialExecutor;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.internal.nio.ConnectErrors;
import dev.tercet.internal.text.Durations;
import dev.tercet.proto.AddressKey;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory and in virtual time: names, TCP, UDP. Everything that Tercet opens on it
 * behaves as on a real one. The test sets latencies and failures.
 *
 * <pre>{@code
 * SimulatedNetwork network = sim.network();                        // in Kotlin's runIoTest: network
 * network.names().set("example.com", "2001:db8::1", "192.0.2.1");
 * network.onConnect("2001:db8::1", ConnectAnswer.hang());
 * network.onConnect("192.0.2.1", ConnectAnswer.accept().after(Duration.ofMillis(30)));
 * Net.openTcpStream("example.com", 443).close();
 * assertEquals(Duration.ofMillis(280), sim.now());
 * network.trace().assertNothingOpen();
 * }</pre>
 *
 * <p>All addresses are in one world: a listener can be bound to any of them, and is reached from
 * everywhere. A wildcard means the loopback addresses. A connect to where nobody listens is
 * refused. At first nothing takes any time. Unix sockets, multicast and broadcast are refused.
 *
 * <p>It is one object for both languages. Nothing here waits; threads and coroutines can be mixed
 * as far as the {@link VirtualTime} can have both.
 *
 * <p><i>Thread-safety:</i> any thread. What happens is a function of the seed only if one thing
 * happens at a time, as in {@link Simulation} and {@code runIoTest}.
 */
public abstract class SimulatedNetwork implements Network {
  private static final int BUFFER_BYTES = 65_536;

  private final VirtualTime time;
  private final long seed;
  private final NetworkTrace trace;
  private final NameTable names;
  private final Latencies latencies;
  private final Cuts cuts;
  private final SimulatedTcp tcp;
  private final SimulatedUdp udp;

  /** Guarded by this, as is everything below. */
  private final Set<AddressFamily> disabled = EnumSet.noneOf(AddressFamily.class);

  /** Where packets to a destination leave from; null for no route. */
  private final Map<AddressKey, @Nullable InetAddress> sources = new HashMap<>();

  private int bufferBytes = BUFFER_BYTES;

  /** Only {@link SimulatedProvider} is one. */
  SimulatedNetwork(VirtualTime time, long seed) {
    this.time = time;
    this.seed = seed;
    this.trace = new NetworkTrace(time);
    this.names = new NameTable(time, trace);
    this.latencies = new Latencies(seed);
    this.cuts = new Cuts(time);
    this.tcp = new SimulatedTcp(this, time, latencies, cuts);
    this.udp = new SimulatedUdp(trace, time, latencies, cuts);
  }

  /**
   * Makes a network with a custom clock. {@link Simulation} and {@code runIoTest} have one.
   *
   * @param time the clock, and what happens later
   * @param seed for the jitter of latencies
   * @return a network with no names but {@code localhost}
   */
  public static SimulatedNetwork create(VirtualTime time, long seed) {
    return new SimulatedProvider(time, seed);
  }

  // ------------------------------------------------------------------------- what a test says

  /**
   * The name table: the resolver of this network.
   *
   * @return the same each time
   */
  public NameTable names() {
    return names;
  }

  /**
   * What has happened so far.
   *
   * @return the same each time; it goes on
   */
  public NetworkTrace trace() {
    return trace;
  }

  /**
   * Sets how an address answers connects to all of its ports that have no answer of their own.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for what is no IP address, and for no
   * answers.
   *
   * @param literal an IP address
   * @param oneForEach the first for the next connect, the second for the one after that, and the
   *     last for all others
   */
  public void onConnect(String literal, ConnectAnswer... oneForEach) {
    tcp.onConnect(NameAnswer.ip(literal), oneForEach);
  }

  /**
   * Says how one port of an address answers connects.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for what is no IP address or no port, and
   * for no answers.
   *
   * @param literal an IP address
   * @param port 1 to 65535
   * @param oneForEach as in {@link #onConnect(String, ConnectAnswer...)}
   */
  public void onConnect(String literal, int port, ConnectAnswer... oneForEach) {
    tcp.onConnect(NameAnswer.ip(literal), Addresses.requireRemotePort(port), oneForEach);
  }

  /**
   * The far ends of all connections that {@link ConnectAnswer#accept} has made.
   *
   * @return in the order in which they were established
   */
  public List<SimulatedPeer> peers() {
    return tcp.peers();
  }

  /**
   * Says how long everything is on its way, in each direction.
   *
   * @param latency 0 or more
   */
  public void setLatency(Duration latency) {
    setLatency(latency, latency);
  }

  /**
   * Says how long everything is on its way, in each direction. What is on its way already is not
   * touched.
   *
   * @param atLeast 0 or more
   * @param atMost what is between the two is drawn for each segment and packet; segments of one
   *     connection keep their order, datagrams do not
   */
  public void setLatency(Duration atLeast, Duration atMost) {
    latencies.set(null, atLeast, atMost);
  }

  /**
   * Says how long things are on their way to and from one address.
   *
   * @param literal an IP address
   * @param atLeast 0 or more
   * @param atMost as in {@link #setLatency(Duration, Duration)}
   */
  public void setLatency(String literal, Duration atLeast, Duration atMost) {
    latencies.set(NameAnswer.ip(literal), atLeast, atMost);
  }

  /**
   * Cuts a host off: nothing arrives there or comes from there any more, until {@link #heal}. What
   * TCP has sent waits and arrives then, in order; connects hang. Datagrams are lost. What is on
   * its way already is cut off, too.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for what is no IP address.
   *
   * @param literal an IP address
   */
  public void partition(String literal) {
    cuts.cut(NameAnswer.ip(literal));
  }

  /**
   * Ends a {@link #partition}; does nothing when there is none.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for what is no IP address.
   *
   * @param literal an IP address
   */
  public void heal(String literal) {
    cuts.heal(NameAnswer.ip(literal));
  }

  /**
   * Says how many bytes of one direction of a connection can be on their way or unread, 64 KiB at
   * first. Holds for connections that are opened from now on.
   *
   * @param bytes 1 or more
   */
  public synchronized void setBufferBytes(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("the buffer must hold at least 1 byte, not " + bytes);
    }
    bufferBytes = bytes;
  }

  /**
   * Takes a family away: its sockets cannot be opened, as on a machine that does not have it.
   *
   * @param family ANY for both
   */
  public synchronized void disable(AddressFamily family) {
    if (family == AddressFamily.ANY) {
      disabled.addAll(EnumSet.of(AddressFamily.IPV4, AddressFamily.IPV6));
    } else {
      disabled.add(family);
    }
  }

  /**
   * Says from where packets to an address leave. At first that is, for loopback addresses, the
   * address itself, else {@code 203.0.113.254} or {@code 2001:db8::fffe}.
   *
   * @param destination an IP address
   * @param source one of the same family; null for no route to there
   */
  public void setSource(String destination, @Nullable String source) {
    InetAddress to = NameAnswer.ip(destination);
    InetAddress from = source == null ? null : NameAnswer.ip(source);
    if (from != null && !Addresses.family(from).equals(Addresses.family(to))) {
      throw new IllegalArgumentException(source + " is not of the family of " + destination);
    }
    synchronized (this) {
      sources.put(AddressKey.of(to), from);
    }
  }

  /**
   * Lets a router decide about all datagrams that are sent from now on (KIT-F13).
   *
   * @param router instead of the one that delivers everything after the latency of its way
   */
  public void setRouter(Router router) {
    udp.setRouter(router);
  }

  /**
   * The router of datagrams now.
   *
   * @return the default one, or what was set
   */
  public Router router() {
    return udp.router();
  }

  /**
   * Puts a datagram on its way as if its source had sent it: the router decides.
   *
   * @param packet any, also from an address that nobody has
   */
  public void sendPacket(Packet packet) {
    udp.send(packet);
  }

  /**
   * Puts a datagram straight into the inbox of whoever is bound to its destination; if nobody is,
   * it vanishes (KIT-F10).
   *
   * @param packet any
   */
  public void deliverPacket(Packet packet) {
    udp.deliver(packet);
  }

  /**
   * As {@link #deliverPacket(Packet)}, later.
   *
   * @param packet any
   * @param after how much later, 0 or more
   */
  public void deliverPacket(Packet packet, Duration after) {
    udp.deliver(packet, after);
  }

  /**
   * The time in this network.
   *
   * @return since the beginning of the test
   */
  public Duration now() {
    return Duration.ofNanos(time.nanoTime());
  }

  @Override
  public Resolver resolver() {
    return names;
  }

  @Override
  public String toString() {
    return "SimulatedNetwork(at " + Durations.text(now()) + ")";
  }

  // ------------------------------------------------------------------------- what sockets need

  NonBlockingSocket newStream(ProtocolFamily family) {
    requireFamily(family);
    SimulatedSocket socket = newSocket(family);
    socket.numbered(opened(NetworkEvent.Kind.OPEN, "stream " + family));
    return socket;
  }

  NonBlockingListener newListener(ProtocolFamily family) {
    requireFamily(family);
    return new SimulatedListener(
        this, family, opened(NetworkEvent.Kind.OPEN, "listener " + family));
  }

  NonBlockingDatagram newDatagram(ProtocolFamily family) {
    requireFamily(family);
    return new SimulatedDatagram(
        this, family, opened(NetworkEvent.Kind.OPEN, "datagram " + family));
  }

  private synchronized void requireFamily(ProtocolFamily family) {
    AddressFamily ip;
    if (family == StandardProtocolFamily.INET) {
      ip = AddressFamily.IPV4;
    } else if (family == StandardProtocolFamily.INET6) {
      ip = AddressFamily.IPV6;
    } else {
      throw new UnsupportedOperationException("a simulated network has no " + family.name());
    }
    if (disabled.contains(ip)) {
      throw new UnsupportedOperationException("this simulated network does not have " + ip);
    }
  }

  /** What drivers take for the time. */
  long nanos() {
    return time.nanoTime();
  }

  /** Where things run that the datagrams of a socket bring about. */
  SerialExecutor turnsOf(int socket) {
    return new SimulatedSerialExecutor(time, seed, socket);
  }

  /** From where packets to an address leave; null for no route. */
  synchronized @Nullable InetAddress source(InetAddress destination) {
    boolean ipv4 = destination instanceof Inet4Address;
    if (disabled.contains(ipv4 ? AddressFamily.IPV4 : AddressFamily.IPV6)) {
      return null;
    }
    if (sources.containsKey(AddressKey.of(destination))) {
      return sources.get(AddressKey.of(destination));
    }
    if (destination.isLoopbackAddress()) {
      return destination;
    }
    return NameAnswer.ip(ipv4 ? "203.0.113.254" : "2001:db8::fffe");
  }

  synchronized SimulatedSocket newSocket(ProtocolFamily family) {
    return new SimulatedSocket(this, family, bufferBytes);
  }

  void connect(SimulatedSocket client, InetSocketAddress to) {
    tcp.connect(client, to);
  }

  InetSocketAddress bindStream(InetSocketAddress wanted, NonBlockingResource socket)
      throws IOException {
    try {
      return tcp.bindings.bind(wanted.getAddress(), wanted.getPort(), socket);
    } catch (SocketException e) {
      throw ConnectErrors.cannot("bind to", wanted, e);
    }
  }

  void unbindStream(@Nullable InetSocketAddress address) {
    if (address != null) {
      tcp.bindings.unbind(address);
    }
  }

  InetSocketAddress bindDatagram(InetAddress address, int port, SimulatedDatagram socket)
      throws IOException {
    try {
      return udp.bindings.bind(address, port, socket);
    } catch (SocketException e) {
      throw ConnectErrors.cannot("bind to", new InetSocketAddress(address, port), e);
    }
  }

  void unbindDatagram(@Nullable InetSocketAddress address) {
    if (address != null) {
      udp.bindings.unbind(address);
    }
  }

  InetAddress loopback(ProtocolFamily family) {
    return NameAnswer.ip(family == StandardProtocolFamily.INET ? "127.0.0.1" : "::1");
  }

  /** An address with port 0 to send from, or the system's error when there is no route. */
  InetSocketAddress requireSource(InetSocketAddress to) throws IOException {
    InetAddress source = source(to.getAddress());
    if (source == null) {
      throw ConnectErrors.withAddress(new SocketException("Network is unreachable"), to);
    }
    return new InetSocketAddress(source, 0);
  }

  InetSocketAddress requireAddress(SocketAddress address, ProtocolFamily family) {
    if (Addresses.requireResolved(address) instanceof InetSocketAddress inet
        && (family == StandardProtocolFamily.INET6 || inet.getAddress() instanceof Inet4Address)) {
      return family == StandardProtocolFamily.INET6 && inet.getAddress().isAnyLocalAddress()
          // Whichever wildcard it says: that of an IPv6 socket is for both families.
          ? new InetSocketAddress(NameAnswer.ip("::"), inet.getPort())
          : inet;
    }
    throw new UnsupportedAddressTypeException();
  }

  /** Lets something arrive at the other end of a connection; returns when. */
  long carry(
      @Nullable InetSocketAddress from,
      @Nullable InetSocketAddress to,
      long notBefore,
      Runnable arrival) {
    if (from == null || to == null) {
      throw new IllegalStateException("not connected");
    }
    long latencyNanos = latencies.next(from.getAddress(), to.getAddress());
    long at = Math.max(notBefore, time.nanoTime() + latencyNanos);
    time.schedule(at, () -> cuts.arrive(from.getAddress(), to.getAddress(), arrival));
    return at;
  }

  void record(NetworkEvent.Kind kind, int socket, String detail) {
    trace.record(kind, socket, detail);
  }

  int opened(NetworkEvent.Kind kind, String what) {
    return trace.opened(kind, what);
  }

  void closed(int socket) {
    trace.closed(socket);
  }
}
