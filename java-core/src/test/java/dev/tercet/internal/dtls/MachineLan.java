package dev.tercet.internal.dtls;

import dev.tercet.internal.dtls.bouncycastle.DtlsEngines;
import dev.tercet.internal.dtls.bouncycastle.Identities;
import dev.tercet.internal.dtls.bouncycastle.SeededRandom;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.ClientHello;
import dev.tercet.proto.dtls.EndpointMachine;
import dev.tercet.proto.dtls.HandshakeEngine;
import dev.tercet.proto.dtls.RetransmitTimer;
import dev.tercet.proto.dtls.SessionSettings;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsLimits;
import dev.tercet.tls.DtlsServerConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Endpoint machines on a network, in virtual time and on one thread: the engines run in lock step.
 * A datagram is ten milliseconds on its way. All comes from one seed, keys included.
 */
final class MachineLan {
  /** A second, no limit, Ethernet and IPv4, ten messages. */
  static final SessionSettings SETTINGS =
      new SessionSettings(1_000_000_000, RetransmitTimer.NEVER, 1472, 548, 10);

  static final long MILLI = 1_000_000;
  private static final DtlsConfig CLIENT = DtlsConfig.DEFAULT.withTrust(Identities.SMALL.trust());
  private static final DtlsServerConfig SERVER = DtlsServerConfig.of(Identities.SMALL.identity());
  private static final long LATENCY_NANOS = 10 * MILLI;

  final LockStepThreads threads = new LockStepThreads();
  final List<String> trace = new ArrayList<>();
  long nowNanos = 12_345_678_901L;

  /** What becomes of each datagram that is sent. */
  UnaryOperator<List<Flying>> router = UnaryOperator.identity();

  private final SeededRandom secrets;
  private final Map<InetSocketAddress, Node> nodes = new LinkedHashMap<>();
  private final PriorityQueue<Due> flying = new PriorityQueue<>();
  private long sent;

  /** A datagram on its way. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Flying(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {}

  private record Due(long atNanos, long order, Flying what) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  MachineLan(long seed) {
    secrets = new SeededRandom(seed);
  }

  Node node(String literal, int port) {
    return node(literal, port, DtlsLimits.DEFAULT);
  }

  Node node(String literal, int port, DtlsLimits limits) {
    Node node = new Node(address(literal, port), limits);
    nodes.put(node.address, node);
    return node;
  }

  static InetSocketAddress address(String literal, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(literal), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** One endpoint. */
  final class Node {
    final InetSocketAddress address;
    final EndpointMachine machine;
    private final DtlsEngines engines = new DtlsEngines(threads, secrets);
    SessionSettings settings = SETTINGS;

    Node(InetSocketAddress address, DtlsLimits limits) {
      this.address = address;
      this.machine = new EndpointMachine(secrets, limits);
    }

    Node serving() {
      machine.startServing(false);
      return this;
    }

    Association connect(Node server) {
      return machine.connect(server.address);
    }

    void start(Association association) {
      ClientHello hello = association.hello();
      HandshakeEngine engine =
          hello == null
              ? engines.client(CLIENT, Identities.HOST, association.peer(), nowNanos, () -> {})
              : engines.server(SERVER, hello, nowNanos, () -> {});
      machine.start(association, engine, settings, nowNanos);
      pump();
    }

    /** The one that was accepted. */
    Association accept() {
      Association next = machine.pollAccepted();
      if (next == null) {
        throw new AssertionError("nobody came to " + address);
      }
      return next;
    }

    void send(Association association, String text) {
      machine.send(association, text.getBytes(StandardCharsets.UTF_8));
      pump();
    }

    void close(Association association) {
      machine.close(association, true);
      pump();
    }
  }

  static List<String> drain(Association association) {
    List<String> got = new ArrayList<>();
    byte @Nullable [] message;
    while ((message = association.pollMessage()) != null) {
      got.add(new String(message, StandardCharsets.UTF_8));
    }
    return got;
  }

  /** Client and server sides of a new handshake, done. */
  List<Association> handshake(Node client, Node server) {
    Association out = client.connect(server);
    client.start(out);
    settle();
    Association in = server.accept();
    server.start(in);
    settle();
    if (out.state() != Association.State.ESTABLISHED
        || in.state() != Association.State.ESTABLISHED) {
      throw new AssertionError(out + ", " + in);
    }
    return List.of(out, in);
  }

  /** Lets all that flies arrive, and no time pass but for that. */
  void settle() {
    while (!flying.isEmpty()) {
      arriveNext();
    }
  }

  /** Runs until a time, timers and all. */
  void runFor(long nanos) {
    long end = nowNanos + nanos;
    while (true) {
      long timer = RetransmitTimer.NEVER;
      for (Node node : nodes.values()) {
        timer = Math.min(timer, node.machine.nextDeadlineNanos());
      }
      Due next = flying.peek();
      if (next != null && next.atNanos <= Math.min(timer, end)) {
        arriveNext();
      } else if (timer <= end) {
        nowNanos = timer;
        for (Node node : nodes.values()) {
          node.machine.onTimeout(nowNanos);
        }
        pump();
      } else {
        nowNanos = end;
        return;
      }
    }
  }

  private void arriveNext() {
    Due due = flying.remove();
    nowNanos = Math.max(nowNanos, due.atNanos);
    arrive(due.what);
  }

  /** Puts a datagram before somebody's door, now. */
  void arrive(Flying what) {
    trace.add(
        nowNanos + " " + what.from + " > " + what.to + " " + HexFormat.of().formatHex(what.bytes));
    Node node = nodes.get(what.to);
    if (node != null) {
      node.machine.receive(what.from, ByteBuffer.wrap(what.bytes), nowNanos);
      pump();
    }
  }

  /** Sends what the machines want to send. */
  void pump() {
    for (Node node : nodes.values()) {
      EndpointMachine.Outgoing out;
      while ((out = node.machine.pollOutgoing()) != null) {
        for (Flying each : router.apply(List.of(new Flying(node.address, out.to(), out.bytes())))) {
          Flying copy =
              new Flying(each.from, each.to, Arrays.copyOf(each.bytes, each.bytes.length));
          flying.add(new Due(nowNanos + LATENCY_NANOS, sent++, copy));
        }
      }
    }
  }
}
