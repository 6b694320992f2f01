package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.internal.dtls.LockStepThreads;
import dev.tercet.proto.dtls.ClientHello;
import dev.tercet.proto.dtls.CookieGate;
import dev.tercet.proto.dtls.DtlsSession;
import dev.tercet.proto.dtls.DtlsSession.State;
import dev.tercet.proto.dtls.RetransmitTimer;
import dev.tercet.proto.dtls.SessionSettings;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A client and a server on a network that loses, doubles and delays, in virtual time and on one
 * thread: the engines run in lock step. All comes from one seed, keys included.
 */
public final class LossyPair implements AutoCloseable {
  public static final InetSocketAddress SERVER_ADDRESS = new InetSocketAddress("192.0.2.7", 4433);
  private static final byte[] CLIENT_ADDRESS = {10, 0, 0, 1, 0, 99};
  private static final long MILLI = 1_000_000;

  /** What a network and its ends are like. */
  public record Row(
      int lossPercent,
      boolean isLarge,
      int networkMtu,
      int configuredMtu,
      boolean isMutual,
      boolean isShuffling) {}

  public final Row row;
  public final long seed;
  public final LockStepThreads threads = new LockStepThreads();
  public final List<String> trace = new ArrayList<>();
  public DtlsSession client;
  public @Nullable DtlsSession server;

  /** What the server session began with. */
  public @Nullable ClientHello hello;

  public long nowNanos = 12_345_678_901L;
  public int challenges;
  public int serverSessions;
  public int datagrams;

  public DtlsConfig clientConfig;
  public DtlsServerConfig serverConfig;
  public @Nullable String serverName = Identities.HOST;

  /** What becomes of each datagram beside the network's own doings. */
  public UnaryOperator<List<byte[]>> attacker = UnaryOperator.identity();

  private final Random random;
  private final SeededRandom secrets;
  private final CookieGate gate;
  private final SessionSettings settings;
  private final DtlsEngines engines;
  private final PriorityQueue<Packet> flying = new PriorityQueue<>();
  private long sent;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Packet(long atNanos, long order, boolean toServer, byte[] bytes)
      implements Comparable<Packet> {
    @Override
    public int compareTo(Packet other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  public LossyPair(Row row, long seed) {
    this(row, seed, RetransmitTimer.NEVER);
  }

  public LossyPair(Row row, long seed, long handshakeTimeoutNanos) {
    this.row = row;
    this.seed = seed;
    random = new Random(seed);
    secrets = new SeededRandom(seed);
    byte[] key = new byte[CookieGate.KEY_BYTES];
    secrets.nextBytes(key);
    gate = new CookieGate(key);
    engines = new DtlsEngines(threads, secrets);
    Identities who = row.isLarge ? Identities.LARGE : Identities.SMALL;
    clientConfig = DtlsConfig.DEFAULT.withTrust(who.trust());
    serverConfig = DtlsServerConfig.of(who.identity());
    if (row.isMutual) {
      clientConfig = clientConfig.withIdentity(who.identity());
      serverConfig = serverConfig.withClientAuth(ClientAuth.NEED, who.trust());
    }
    settings =
        new SessionSettings(
            1000 * MILLI,
            handshakeTimeoutNanos,
            row.configuredMtu,
            Math.min(row.configuredMtu, 548),
            10);
    client = newClient();
  }

  private DtlsSession newClient() {
    return DtlsSession.client(
        engines.client(clientConfig, serverName, SERVER_ADDRESS, nowNanos, () -> {}), settings);
  }

  /** Begins anew, with what the configurations are now, and what the engines remember. */
  public void restart() {
    close();
    flying.clear();
    hello = null;
    server = null;
    client = newClient();
  }

  /** Puts another client in the place of the one that is there. Before the start. */
  public void useClient(DtlsSession other) {
    client = other;
  }

  public void start() {
    client.start(nowNanos);
    pump();
  }

  /** Runs until both have a handshake; an error if virtual time runs out first. */
  public void handshake() {
    start();
    long limitNanos = nowNanos + 4 * 3600 * 1000 * MILLI;
    while (client.state() != State.ESTABLISHED
        || server == null
        || server.state() != State.ESTABLISHED) {
      Throwable failure = client.failure();
      if (failure == null && server != null) {
        failure = server.failure();
      }
      if (failure != null) {
        throw new AssertionError(this + ": failed", failure);
      }
      if (!step() || nowNanos - limitNanos > 0) {
        throw new AssertionError(this + ": stalled");
      }
    }
  }

  /** Lets all that flies arrive, and nothing else happen. */
  public void settle() {
    while (!flying.isEmpty()) {
      step();
    }
  }

  /** A few events. */
  public void settleFor(int events) {
    for (int i = 0; i < events; i++) {
      step();
    }
  }

  /** Sends messages both ways, lets them arrive, and says what did, the client's first. */
  public List<List<String>> talk(int messages) {
    List<List<String>> got = List.of(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < messages; i++) {
      client.send(("up " + i).getBytes(StandardCharsets.UTF_8));
      server().send(("down " + i).getBytes(StandardCharsets.UTF_8));
      pump();
      settle();
      drain(server(), got.get(0));
      drain(client, got.get(1));
    }
    return got;
  }

  public DtlsSession server() {
    if (server == null) {
      throw new AssertionError("no server session");
    }
    return server;
  }

  /** One event: a datagram arrives, or a timer is due. False when nothing will happen any more. */
  public boolean step() {
    long due = client.nextDeadlineNanos();
    if (server != null) {
      due = Math.min(due, server.nextDeadlineNanos());
    }
    Packet next = flying.peek();
    if (next != null && next.atNanos <= due) {
      flying.poll();
      nowNanos = next.atNanos;
      arrive(next);
    } else if (due == RetransmitTimer.NEVER) {
      return false;
    } else {
      nowNanos = due;
      client.onTimeout(nowNanos);
      if (server != null) {
        server.onTimeout(nowNanos);
      }
    }
    pump();
    return true;
  }

  /** Puts a datagram before the server's or the client's door, now. */
  public void inject(boolean toServer, byte[] bytes) {
    arrive(new Packet(nowNanos, 0, toServer, bytes));
    pump();
  }

  private void arrive(Packet packet) {
    trace.add(
        nowNanos + (packet.toServer ? " > " : " < ") + HexFormat.of().formatHex(packet.bytes));
    ByteBuffer datagram = ByteBuffer.wrap(packet.bytes);
    if (!packet.toServer) {
      client.receive(datagram, nowNanos);
    } else if (ClientHello.looksLikeOneUntrusted(datagram)) {
      arriveHello(datagram);
    } else if (server != null) {
      server.receive(datagram, nowNanos);
    }
  }

  private void arriveHello(ByteBuffer datagram) {
    ClientHello came = ClientHello.parseUntrusted(datagram);
    if (came != null && hello != null && hello.isNotBefore(came)) {
      return;
    }
    byte[] salt = new byte[CookieGate.SALT_BYTES];
    secrets.nextBytes(salt);
    CookieGate.Verdict verdict = gate.judgeUntrusted(CLIENT_ADDRESS, datagram, salt, nowNanos);
    if (verdict instanceof CookieGate.Verdict.Challenge challenge) {
      challenges++;
      post(false, challenge.datagram());
    } else if (verdict instanceof CookieGate.Verdict.Accept accept) {
      if (server != null) {
        server.close(false);
      }
      serverSessions++;
      hello = accept.hello();
      server =
          DtlsSession.server(
              engines.server(serverConfig, hello, nowNanos, () -> {}), settings, hello);
      server.start(nowNanos);
    }
  }

  /** Sends what the sessions want to send. */
  public void pump() {
    byte[] bytes;
    while ((bytes = client.pollDatagram()) != null) {
      post(true, bytes);
    }
    while (server != null && (bytes = server.pollDatagram()) != null) {
      post(false, bytes);
    }
  }

  private void post(boolean toServer, byte[] bytes) {
    datagrams++;
    if (bytes.length > row.configuredMtu) {
      throw new AssertionError(this + ": a datagram of " + bytes.length);
    }
    for (byte[] each : attacker.apply(List.of(bytes))) {
      if (each.length > row.networkMtu || random.nextInt(100) < row.lossPercent) {
        continue;
      }
      fly(toServer, each);
      if (row.isShuffling && random.nextInt(100) < 10) {
        fly(toServer, each);
      }
    }
  }

  private void fly(boolean toServer, byte[] bytes) {
    long delay = 10 * MILLI;
    if (row.isShuffling && random.nextInt(100) < 20) {
      delay += random.nextInt(3000) * MILLI;
    }
    flying.add(new Packet(nowNanos + delay, sent++, toServer, Arrays.copyOf(bytes, bytes.length)));
  }

  private static void drain(DtlsSession session, List<String> into) {
    byte[] message;
    while ((message = session.pollMessage()) != null) {
      into.add(new String(message, StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    client.close(false);
    if (server != null) {
      server.close(false);
    }
  }

  @Override
  public String toString() {
    return row
        + " seed "
        + seed
        + " after "
        + datagrams
        + " datagrams, "
        + client.state()
        + " "
        + client.statistics()
        + ", "
        + (server == null ? "no server" : server.state() + " " + server.statistics());
  }
}
