package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static dev.tercet.blocking.RealSockets.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressFamily;
import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectAttempt.Outcome;
import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.Network;
import dev.tercet.RankedAddress;
import dev.tercet.Resolver;
import dev.tercet.blocking.RealSockets.Other;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The race over real sockets: 127.0.0.2 swallows connects, 127.0.0.1 takes them, others refuse. */
@Timeout(60)
class ConnectRaceRealSocketTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<ConnectReport> reports = new ArrayList<>();

  @BeforeEach
  void before() throws Exception {
    RealSockets.before();
  }

  @AfterEach
  void after() throws Exception {
    RealSockets.after();
  }

  private static List<InetAddress> ips(String... literals) throws IOException {
    List<InetAddress> list = new ArrayList<>();
    for (String literal : literals) {
      list.add(InetAddress.getByName(literal));
    }
    return list;
  }

  private ConnectOptions racing(@Nullable Duration delay, String... literals) throws IOException {
    Resolver resolver = Resolver.fixed(Map.of("test.example", ips(literals)));
    return with(resolver).withHappyEyeballsDelay(delay);
  }

  private ConnectOptions with(Resolver resolver) {
    return ConnectOptions.DEFAULT
        .withNetwork(EventLoop.shared().network().withResolver(resolver))
        .withOnReport(reports::add);
  }

  private List<Outcome> outcomes() {
    assertEquals(1, reports.size());
    return reports.get(0).attempts().stream().map(ConnectAttempt::outcome).toList();
  }

  private static String peer(SocketStream stream) {
    return RealSockets.ip(stream.remoteAddress());
  }

  @Test
  @DisplayName("IO-HE5 IO-HE8 IO-HE14 past a dead address in one delay; its SYN has stopped then")
  void deadAddress() throws Exception {
    try (DeadAddress dead = DeadAddress.open()) {
      Duration delay = Duration.ofMillis(30);
      ConnectOptions options = racing(delay, "127.0.0.2", "127.0.0.1", "127.0.0.3");
      try (SocketStream stream = Net.openTcpStream("test.example", dead.port(), options)) {
        assertEquals(0, dead.synSent());
        assertEquals("127.0.0.1", peer(stream));
      }
      assertEquals(List.of(Outcome.ABANDONED, Outcome.WON, Outcome.NOT_STARTED), outcomes());
      ConnectAttempt second = reports.get(0).attempts().get(1);
      assertTrue(second.started().compareTo(delay) >= 0, reports.get(0).toString());
    }
  }

  @Test
  @DisplayName(
      "IO-HE5 an address that refuses costs no delay, and one that cannot be bound neither")
  void refusedExpedites() throws Exception {
    try (DeadAddress dead = DeadAddress.open()) {
      ConnectOptions options = racing(HOUR, "127.0.0.3", "127.0.0.4", "127.0.0.1");
      try (SocketStream stream = Net.openTcpStream("test.example", dead.port(), options)) {
        assertEquals("127.0.0.1", peer(stream));
      }
      assertEquals(List.of(Outcome.FAILED, Outcome.FAILED, Outcome.WON), outcomes());
      reports.clear();
      // IPv6 would be better, but cannot be connected to from there: it is tried last.
      ConnectOptions local = racing(HOUR, "::1", "127.0.0.1").withLocalAddress("127.0.0.9");
      try (SocketStream stream = Net.openTcpStream("test.example", dead.port(), local)) {
        assertEquals("127.0.0.9", RealSockets.ip(stream.localAddress()));
      }
      assertEquals(List.of(Outcome.WON, Outcome.NOT_STARTED), outcomes());
      assertEquals("rule 1: there is a way to it", reports.get(0).attempts().get(0).why());
    }
  }

  @Test
  @DisplayName("IO-HE6 no delay: one at a time; a delay of 0: all at once")
  void oneAtATimeAndAllAtOnce() throws Exception {
    try (DeadAddress dead = DeadAddress.open()) {
      ConnectOptions one = racing(null, "127.0.0.2", "127.0.0.1");
      Other connecting = beside(() -> Net.openTcpStream("test.example", dead.port(), one));
      eventually("no SYN", () -> dead.synSent() == 1);
      // Time for a second attempt.
      Thread.sleep(50);
      connecting.interrupt();
      assertInstanceOf(InterruptedException.class, connecting.end());
      assertEquals(List.of(Outcome.ABANDONED, Outcome.NOT_STARTED), outcomes());
      reports.clear();
      ConnectOptions all = racing(Duration.ZERO, "127.0.0.2", "127.0.0.3", "127.0.0.1");
      Net.openTcpStream("test.example", dead.port(), all).close();
      assertEquals(List.of(Outcome.ABANDONED, Outcome.FAILED, Outcome.WON), outcomes());
      assertEquals(0, dead.synSent());
    }
  }

  @Test
  @DisplayName("IO-HE14 interrupted with three attempts under way: no SYN is left, all is told")
  void interrupted() throws Exception {
    try (DeadAddress dead = DeadAddress.open()) {
      // To the same full queue, by different names.
      ConnectOptions options = racing(Duration.ZERO, "127.0.0.2");
      ConnectOptions three =
          options.withNetwork(
              EventLoop.shared()
                  .network()
                  .withResolver(Resolver.fixed(Map.of("test.example", dead.addresses()))));
      for (int i = 0; i < 10; i++) {
        reports.clear();
        Other connecting = beside(() -> Net.openTcpStream("test.example", dead.port(), three));
        eventually("no three SYNs", () -> dead.synSent() == 3);
        connecting.interrupt();
        assertInstanceOf(InterruptedException.class, connecting.end());
        assertEquals(0, dead.synSent());
        assertEquals(List.of(Outcome.ABANDONED, Outcome.ABANDONED, Outcome.ABANDONED), outcomes());
      }
    }
  }

  @Test
  @DisplayName("IO-HE13 a bug in one attempt closes the others and comes out as it is")
  void bug() throws Exception {
    try (DeadAddress dead = DeadAddress.open()) {
      AtomicInteger opened = new AtomicInteger();
      IllegalStateException bug = new IllegalStateException("bug");
      Network network =
          intercepted(
              racing(Duration.ZERO, "127.0.0.2", "127.0.0.1"),
              System::nanoTime,
              () -> {
                if (opened.incrementAndGet() == 2) {
                  throw bug;
                }
              });
      ConnectOptions options = racing(Duration.ZERO, "127.0.0.2", "127.0.0.1").withNetwork(network);
      assertSame(
          bug,
          assertThrows(
              IllegalStateException.class,
              () -> Net.openTcpStream("test.example", dead.port(), options)));
      assertEquals(0, dead.synSent());
    }
  }

  @Test
  @DisplayName("IO-HE2 negative delays and counts are refused")
  void badOptions() {
    Duration negative = Duration.ofNanos(-1);
    ConnectOptions options = ConnectOptions.DEFAULT;
    assertThrows(IllegalArgumentException.class, () -> options.withHappyEyeballsDelay(negative));
    assertThrows(IllegalArgumentException.class, () -> options.withResolutionDelay(negative));
    assertThrows(IllegalArgumentException.class, () -> options.withFirstAddressFamilyCount(0));
    assertEquals(Duration.ofMillis(250), options.happyEyeballsDelay());
    assertEquals(Duration.ofMillis(50), options.resolutionDelay());
    assertNull(options.withHappyEyeballsDelay(null).happyEyeballsDelay());
    assertNotNull(options.withHappyEyeballsDelay(Duration.ofSeconds(Long.MAX_VALUE)));
  }

  // --------------------------------------------------------------------- answers per family

  /** Answers per family, IPv4 at once, IPv6 when the test says. */
  private static final class Slow implements Resolver {
    final CompletableFuture<List<InetAddress>> ipv6 = new CompletableFuture<>();
    final List<InetAddress> ipv4;

    Slow(List<InetAddress> ipv4) {
      this.ipv4 = ipv4;
    }

    @Override
    public CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family) {
      return family == AddressFamily.IPV6 ? ipv6 : CompletableFuture.completedFuture(ipv4);
    }

    @Override
    public boolean answersPerFamily() {
      return true;
    }
  }

  @Test
  @DisplayName("IO-HV1 IO-HV3 IPv4 goes alone when IPv6 does not come in time, or fails")
  void resolutionDelay() throws Exception {
    try (DeadAddress dead = DeadAddress.open()) {
      Slow never = new Slow(ips("127.0.0.1"));
      ConnectOptions options = with(never).withResolutionDelay(Duration.ofMillis(20));
      Net.openTcpStream("test.example", dead.port(), options).close();
      assertTrue(reports.get(0).lookup().toMillis() >= 20, reports.get(0).toString());
      Slow failing = new Slow(ips("127.0.0.1"));
      Other connecting =
          beside(
              () ->
                  Net.openTcpStream(
                          "test.example", dead.port(), with(failing).withResolutionDelay(HOUR))
                      .close());
      assertTrue(connecting.isAlive());
      failing.ipv6.completeExceptionally(new IOException("SERVFAIL"));
      assertNull(connecting.end());
    }
  }

  @Test
  @DisplayName("IO-HV7 an answer that comes while the race hangs takes part in it at once")
  void lateAnswer() throws Exception {
    try (DeadAddress dead = DeadAddress.openDual()) {
      Slow slow = new Slow(ips("127.0.0.2"));
      Other connecting =
          beside(
              () ->
                  Net.openTcpStream(
                          "test.example",
                          dead.port(),
                          with(slow)
                              .withResolutionDelay(Duration.ZERO)
                              .withHappyEyeballsDelay(Duration.ofMillis(1)))
                      .close());
      eventually("no SYN", () -> dead.synSent() == 1);
      slow.ipv6.complete(ips("::1"));
      assertNull(connecting.end());
      assertEquals(List.of(Outcome.ABANDONED, Outcome.WON), outcomes());
    }
  }

  @Test
  @DisplayName("IO-HV3 both families fail: one error that tells of both")
  void bothFail() throws Exception {
    Slow slow = new Slow(List.of());
    slow.ipv6.completeExceptionally(new IOException("SERVFAIL"));
    IOException e =
        assertThrows(IOException.class, () -> Net.openTcpStream("test.example", 80, with(slow)));
    assertTrue(String.valueOf(e.getMessage()).contains("SERVFAIL"), e.getMessage());
    assertEquals(2, e.getSuppressed().length);
  }

  // ------------------------------------------------------------------------------- the plan

  @Test
  @DisplayName("IO-HV4 IO-HE19 planConnect tells the order and why, and the race keeps to it")
  void plan() throws Exception {
    ConnectOptions options = racing(HOUR, "127.0.0.1", "127.0.0.2", "::1");
    List<RankedAddress> plan = Net.planConnect("test.example", 9, options);
    assertEquals(
        ips("::1", "127.0.0.1", "127.0.0.2"),
        plan.stream().map(one -> one.address().getAddress()).toList());
    assertEquals("rule 6: precedence 50 before 35", plan.get(0).why());
    assertEquals("resolver's order", plan.get(2).why());
    assertEquals(9, plan.get(0).address().getPort());
    assertEquals("the only address", Net.planConnect("127.0.0.1", 9).get(0).why());
    ConnectFailedException e =
        assertThrows(
            ConnectFailedException.class,
            () -> Net.openTcpStream("test.example", RealSockets.CLOSED_PORT, options));
    assertEquals(
        plan.stream().map(RankedAddress::why).toList(),
        e.report().attempts().stream().map(ConnectAttempt::why).toList());
    List<RankedAddress> from4 =
        Net.planConnect("test.example", 9, options.withLocalAddress("0.0.0.0"));
    assertEquals(ips("127.0.0.1").get(0), from4.get(0).address().getAddress());
    assertThrows(UnknownHostException.class, () -> Net.planConnect("other.example", 9, options));
    assertThrows(IllegalArgumentException.class, () -> Net.planConnect("test.example", 0));
  }

  // -------------------------------------------------------------------------- a wrong clock

  @Test
  @DisplayName("IO-HE20 a clock that stands still, goes back or leaps cannot make the driver spin")
  void wrongClock() throws Exception {
    try (DeadAddress dead = DeadAddress.open()) {
      long[] now = {0};
      Map<String, LongSupplier> clocks =
          Map.of(
              "stands still", () -> 5,
              "goes back", () -> now[0] -= 1_000_000_000,
              "leaps", () -> now[0] += 3_600_000_000_000L,
              "any", new java.util.Random(1)::nextLong);
      for (Map.Entry<String, LongSupplier> clock : clocks.entrySet()) {
        AtomicInteger readings = new AtomicInteger();
        Network network =
            intercepted(
                racing(null, "127.0.0.2", "127.0.0.3", "127.0.0.1"),
                () -> {
                  readings.incrementAndGet();
                  return clock.getValue().getAsLong();
                },
                () -> {});
        ConnectOptions options =
            racing(Duration.ofMillis(40), "127.0.0.2", "127.0.0.3", "127.0.0.1")
                .withNetwork(network);
        // A clock at random may make the race wait for years, but not spin; with the others it
        // ends.
        CancelScope.moveOnAfter(Duration.ofMillis(clock.getKey().equals("any") ? 400 : 30_000))
            .run(() -> Net.openTcpStream("test.example", dead.port(), options).close());
        assertTrue(readings.get() < 50, clock.getKey() + ": " + readings + " readings");
        assertEquals(0, dead.synSent());
        if (!clock.getKey().equals("any")) {
          ConnectReport report = reports.get(reports.size() - 1);
          assertNotNull(report.winner(), clock.getKey() + ": " + report);
        }
      }
    }
  }

  /** The same network with another clock, and something that happens before a socket is opened. */
  private static Network intercepted(
      ConnectOptions options, LongSupplier clock, Runnable beforeOpen) {
    Network network = options.network();
    NetworkProvider real =
        NetworkProvider.from(network == null ? EventLoop.shared().network() : network);
    return (NetworkProvider)
        Proxy.newProxyInstance(
            ConnectRaceRealSocketTest.class.getClassLoader(),
            new Class<?>[] {NetworkProvider.class},
            (proxy, method, args) -> {
              switch (method.getName()) {
                case "nanoTime" -> {
                  return clock.getAsLong();
                }
                case "openStream" -> beforeOpen.run();
                default -> {}
              }
              return method.invoke(real, args);
            });
  }
}
