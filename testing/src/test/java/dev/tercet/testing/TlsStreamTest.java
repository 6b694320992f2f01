package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.TooSlowException;
import dev.tercet.WouldBlockException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.StapledStream;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.blocking.Unwrapped;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.testing.certificates.TestLeaf;
import dev.tercet.testing.streams.MemoryReceiveStream;
import dev.tercet.testing.streams.MemorySendStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.NeedHandshakeException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTruncatedException;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What blocking TLS streams do, over memory. */
@Timeout(120)
class TlsStreamTest {
  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Pair<TlsStream<StapledStream<MemorySendStream, MemoryReceiveStream>>> pair() {
    return TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.CLIENT, TlsPairs.SERVER);
  }

  /** What a call throws; it must throw something. */
  private static Throwable failure(InThread.Call call) {
    return assertThrows(Throwable.class, call::run);
  }

  private static void assertBroken(Class<? extends Throwable> cause, @Nullable Throwable thrown) {
    assertInstanceOf(cause, assertInstanceOf(BrokenResourceException.class, thrown).getCause());
  }

  private static void assertMessage(String part, @Nullable Throwable thrown) {
    assertTrue(
        thrown != null && String.valueOf(thrown.getMessage()).contains(part), () -> "" + thrown);
  }

  @Test
  @DisplayName(
      "TLS-A1 TLS-A2 TLS-A3 TLS-A5 TLS-A6 wrapping does no I/O and keeps what it was given")
  void wrapping() {
    var transports = MemoryStreams.pair();
    TlsStream<?> client = TlsStream.wrapClient(transports.left(), "Server.Test.", TlsPairs.CLIENT);
    TlsStream<?> server = TlsStream.wrapServer(transports.right(), TlsPairs.SERVER);
    assertThrows(WouldBlockException.class, () -> transports.left().sendStream().getDataNow());
    assertSame(transports.left(), client.transportStream());
    assertEquals(TlsRole.CLIENT, client.role());
    assertEquals(TlsRole.SERVER, server.role());
    assertEquals("Server.Test.", client.serverHostname());
    assertNull(server.serverHostname());
    assertFalse(client.httpsCompatible());
    assertThrows(NeedHandshakeException.class, client::info);
    assertThrows(NeedHandshakeException.class, () -> server.channelBinding("tls-server-end-point"));
  }

  @Test
  @DisplayName(
      "TLS-A4 TLS-M5 TLS-M6 a client without a name to check is refused, dangers are spelled out")
  void failsClosed() {
    Stream transport = MemoryStreams.pair().left();
    TlsConfig config = TlsPairs.CLIENT;
    assertThrows(
        IllegalArgumentException.class, () -> TlsStream.wrapClient(transport, null, config));
    for (String name : List.of("", " ", "a b", "stra\u00dfe.test", "x..test", "[::1]", "1.2.3")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> TlsStream.wrapClient(transport, name, config),
          name);
    }
    assertNull(
        TlsStream.wrapClient(transport, null, config.dangerouslyWithoutHostnameCheck())
            .serverHostname());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            TlsStream.wrapClient(
                transport,
                "a.test",
                config.withConfigurer(
                    (engine, parameters) -> parameters.setEndpointIdentificationAlgorithm(null))));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            TlsStream.wrapClient(
                transport,
                "a.test",
                config.withConfigurer(
                    (engine, parameters) -> parameters.setServerNames(List.of()))));
  }

  @Test
  @DisplayName("TLS-A7 the configurer is called once for each stream, and what it sets counts")
  void configurer() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    TlsServerConfig server =
        TlsPairs.SERVER.withConfigurer(
            (engine, parameters) -> {
              calls.incrementAndGet();
              parameters.setProtocols(new String[] {"TLSv1.2"});
            });
    var pair = TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.CLIENT, server));
    assertEquals("TLSv1.2", pair.left().info().version());
    assertEquals(1, calls.get());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-B1 TLS-B2 TLS-B11 TLS-J6 the first operation does the handshake, as doHandshake does")
  void implicitHandshake(TlsVersion version) throws Exception {
    var pair = TlsPairs.wrap(MemoryStreams.pair(), version);
    InThread reader =
        InThread.start(() -> assertArrayEquals(b("hello"), pair.right().receiveSome()));
    pair.left().sendAll(b("hello"));
    assertNull(reader.outcome());
    pair.left().doHandshake();
    TlsInfo info = pair.left().info();
    assertEquals(version.protocolName(), info.version());
    assertTrue(
        info.peerCertificates()
            .get(0)
            .getSubjectAlternativeNames()
            .toString()
            .contains(TlsPairs.NAME));
    assertArrayEquals(
        pair.left().channelBinding("tls-server-end-point"),
        pair.right().channelBinding("tls-server-end-point"));
    assertThrows(
        UnsupportedOperationException.class, () -> pair.left().channelBinding("tls-unique"));
  }

  @Test
  @DisplayName("TLS-B3 waitSendAllMightNotBlock does no handshake")
  void waitingOnly() throws Exception {
    var transports = MemoryStreams.pair();
    transports
        .left()
        .sendStream()
        .setSendAllHook(
            () -> {
              throw new IOException("a byte was sent");
            });
    TlsStream.wrapClient(transports.left(), TlsPairs.NAME, TlsPairs.CLIENT)
        .waitSendAllMightNotBlock();
  }

  @Test
  @DisplayName("TLS-B12 over lockstep both handshakes return, though nobody takes the tickets")
  void lockstepHandshake() throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.lockstepPair(), TlsVersion.TLS_1_3);
    InThread sender = InThread.start(() -> pair.right().sendAll(b("x")));
    assertArrayEquals(b("x"), pair.left().receiveSome());
    assertNull(sender.outcome());
  }

  @Test
  @DisplayName("TLS-B4 TLS-F4 a sender, a receiver and two that only want the handshake, at once")
  void fullDuplex() throws Exception {
    var pair = TlsPairs.wrap(MemoryStreams.lockstepPair(), TlsVersion.TLS_1_3);
    byte[] data = new byte[30 * 32 * 1024];
    Nursery.run(
        nursery -> {
          for (TlsStream<?> side : List.of(pair.left(), pair.right())) {
            nursery.startSoon(() -> side.sendAll(data));
            nursery.startSoon(side::doHandshake);
            nursery.startSoon(side::doHandshake);
            nursery.startSoon(
                () -> {
                  int received = 0;
                  while (received < data.length) {
                    received += side.receiveSome().length;
                  }
                });
          }
        });
    assertTrue(pair.left().info().cipherSuite().startsWith("TLS_"));
  }

  @Test
  @DisplayName(
      "TLS-B5 TLS-B6 TLS-B17 an interrupted handshake breaks it, and those who wait learn it")
  void interruptedHandshake() throws Exception {
    var pair = pair();
    InThread driver = InThread.start(() -> pair.left().doHandshake()).awaitParked();
    InThread waiter = InThread.start(() -> pair.left().sendAll(b("x"))).awaitParked();
    driver.thread.interrupt();
    assertInstanceOf(InterruptedException.class, driver.outcome());
    assertInstanceOf(BrokenResourceException.class, waiter.outcome());
    assertInstanceOf(BrokenResourceException.class, failure(() -> pair.left().doHandshake()));
    pair.left().close();
    assertInstanceOf(ClosedResourceException.class, failure(() -> pair.left().doHandshake()));
    assertThrows(
        ClosedResourceException.class, () -> pair.left().transportStream().sendAll(b("x")));
  }

  @Test
  @DisplayName("TLS-B17 TLS-C8 an interrupt before anything has begun has no effect")
  void interruptedBefore() throws Exception {
    var pair = pair();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> pair.left().sendAll(b("x")));
    InThread reader = InThread.start(() -> assertArrayEquals(b("y"), pair.right().receiveSome()));
    pair.left().sendAll(b("y"));
    assertNull(reader.outcome());
  }

  @Test
  @DisplayName("TLS-B7 TLS-B8 TLS-C5 an error of the transport comes out as it is, then Broken")
  void transportErrors() throws Exception {
    var transports = MemoryStreams.pair();
    IOException error = new IOException("cable cut");
    transports
        .left()
        .sendStream()
        .setSendAllHook(
            () -> {
              throw error;
            });
    var client = TlsStream.wrapClient(transports.left(), TlsPairs.NAME, TlsPairs.CLIENT);
    assertSame(error, failure(client::doHandshake));
    assertBroken(IOException.class, failure(client::doHandshake));
    assertSame(error, failure(client::waitSendAllMightNotBlock).getCause());
    client.close();

    var others = MemoryStreams.pair();
    others
        .right()
        .receiveStream()
        .setReceiveSomeHook(
            () -> {
              throw error;
            });
    var server = TlsStream.wrapServer(others.right(), TlsPairs.SERVER);
    assertSame(error, failure(() -> server.receiveSome()));
    assertBroken(IOException.class, failure(server::doHandshake));

    var pair = TlsPairs.handshaken(MemoryStreams.pair(), TlsVersion.TLS_1_3);
    pair.left()
        .transportStream()
        .sendStream()
        .setSendAllHook(
            () -> {
              throw error;
            });
    assertSame(error, failure(() -> pair.left().sendAll(b("x"))));
    assertBroken(IOException.class, failure(() -> pair.left().sendAll(b("x"))));
    pair.left().close();
  }

  @Test
  @DisplayName("TLS-D9 an error of the transport while receiving data breaks nothing")
  void receiveError() throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), TlsVersion.TLS_1_3);
    IOException error = new IOException("once");
    MemoryReceiveStream below = pair.left().transportStream().receiveStream();
    below.setReceiveSomeHook(
        () -> {
          throw error;
        });
    assertSame(error, failure(() -> pair.left().receiveSome()));
    below.setReceiveSomeHook(null);
    pair.right().sendAll(b("later"));
    assertArrayEquals(b("later"), pair.left().receiveSome());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-M4 TLS-B9 TLS-B19 a wrong name breaks both sides, each of which is told why")
  void wrongName(TlsVersion version) throws Exception {
    var transports = MemoryStreams.pair();
    var client =
        TlsStream.wrapClient(
            transports.left(), "other.test", TlsPairs.CLIENT.withVersions(version));
    var server = TlsStream.wrapServer(transports.right(), TlsPairs.SERVER);
    InThread serving = InThread.start(() -> server.receiveSome());
    Throwable thrown = failure(() -> client.sendAll(b("x")));
    assertBroken(SSLException.class, thrown);
    assertMessage("expected: other.test; found: server.test", thrown);
    Throwable told = serving.outcome();
    assertMessage("the peer sent the alert certificate_unknown", told);
    assertThrows(NeedHandshakeException.class, client::info);
  }

  @Test
  @DisplayName("TLS-M1 TLS-M2 TLS-M3 names in every form, and addresses, are checked")
  void names() throws Exception {
    TestIdentity identity =
        TlsPairs.CA.leaf("xn--bcher-kva.test", "::1", "127.0.0.1", "a.test").issue();
    TlsServerConfig server = TlsServerConfig.of(identity.identity());
    for (String name :
        List.of("A.Test", "a.test.", "b\u00fccher.test", "127.0.0.1", "::1", "0:0::1")) {
      var transports = MemoryStreams.pair();
      var pair =
          new Pair<>(
              TlsStream.wrapClient(transports.left(), name, TlsPairs.CLIENT),
              TlsStream.wrapServer(transports.right(), server));
      TlsPairs.handshaken(pair);
    }
    for (String name : List.of("b.test", "127.0.0.2", "x.a.test")) {
      var transports = MemoryStreams.pair();
      var client = TlsStream.wrapClient(transports.left(), name, TlsPairs.CLIENT);
      var serving = TlsStream.wrapServer(transports.right(), server);
      InThread handshake = InThread.start(serving::doHandshake);
      assertMessage("expected: " + name, failure(client::doHandshake));
      assertInstanceOf(BrokenResourceException.class, handshake.outcome());
    }
  }

  @Test
  @DisplayName("TLS-M4 expired, not yet valid, for clients only, nameless, incomplete: all refused")
  void badCertificates() throws Exception {
    Instant now = Instant.now();
    TestCa below = TlsPairs.CA.intermediate("below");
    TestLeaf good = TlsPairs.CA.leaf(TlsPairs.NAME);
    List<TestLeaf> bad =
        List.of(
            good.withValidity(now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(2))),
            good.withValidity(now.plus(Duration.ofDays(2)), now.plus(Duration.ofDays(9))),
            good.withUsage(TestLeaf.Usage.CLIENT),
            TlsPairs.CA.leaf().withCommonName("other.test"),
            TlsPairs.CA.leaf("*.server.test"),
            below.leaf(TlsPairs.NAME).withoutIntermediates(),
            TestCa.create("stranger").leaf(TlsPairs.NAME));
    for (TestLeaf leaf : bad) {
      TlsServerConfig server = TlsServerConfig.of(leaf.issue().identity());
      var pair = TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.CLIENT, server);
      InThread serving = InThread.start(() -> pair.right().doHandshake());
      Throwable thrown = failure(() -> pair.left().doHandshake());
      assertMessage("the peer's certificate was refused", thrown);
      assertMessage("expected: server.test; found: ", thrown);
      serving.outcome();
    }
    var whole = TlsServerConfig.of(below.leaf(TlsPairs.NAME).issue().identity());
    TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.CLIENT, whole));
    var dangerous =
        TlsPairs.wrap(
            MemoryStreams.pair(),
            TlsConfig.DEFAULT.dangerouslyTrustAnything(),
            TlsServerConfig.of(bad.get(0).issue().identity()));
    TlsPairs.handshaken(dangerous);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N6 TLS-B15 a server that needs a certificate refuses clients without one")
  void clientAuth(TlsVersion version) throws Exception {
    TlsServerConfig server = TlsPairs.SERVER.withClientAuth(ClientAuth.NEED, TlsPairs.CA.trust());
    TlsConfig client = TlsPairs.CLIENT.withVersions(version);
    var pair = TlsPairs.wrap(MemoryStreams.pair(), client, server);
    InThread serving = InThread.start(() -> pair.right().doHandshake());
    assertMessage("the peer sent the alert", failure(() -> pair.left().receiveSome()));
    assertBroken(SSLException.class, serving.outcome());

    TlsConfig known = client.withIdentity(TlsPairs.CA.issue("client.test"));
    var good = TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), known, server));
    assertEquals(
        "CN=client.test",
        good.right().info().peerCertificates().get(0).getSubjectX500Principal().getName());

    TlsServerConfig wanting = server.withClientAuth(ClientAuth.WANT, TlsPairs.CA.trust());
    var none = TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), client, wanting));
    assertEquals(List.of(), none.right().info().peerCertificates());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N1 a key manager chooses the certificate by the name that the client sends")
  void keyManagerChooses(TlsVersion version) throws Exception {
    ChangingIdentity identity =
        new ChangingIdentity(
            TlsPairs.CA.leaf("one.test").withCommonName("one.test").issue(),
            TlsPairs.CA.leaf("two.test").withCommonName("two.test").issue());
    TlsServerConfig server = TlsServerConfig.of(identity.byName("two.test").context());
    for (String name : List.of("one.test", "two.test")) {
      var transports = MemoryStreams.pair();
      // Sessions of its own: a session that is resumed has no choice in it.
      TlsConfig client = TlsPairs.stranger().withVersions(version);
      var pair =
          TlsPairs.handshaken(
              new Pair<>(
                  TlsStream.wrapClient(transports.left(), name, client),
                  TlsStream.wrapServer(transports.right(), server)));
      assertEquals(
          "CN=" + name,
          pair.left().info().peerCertificates().get(0).getSubjectX500Principal().getName());
    }
  }

  @Test
  @DisplayName("TLS-N4 TLS-N5 TLS-J3 the server's order decides about the application protocol")
  void alpn() throws Exception {
    TlsServerConfig server = TlsPairs.SERVER.withAlpn("h2", "http/1.1");
    TlsConfig client = TlsPairs.CLIENT.withAlpn("http/1.1", "h2");
    var pair = TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), client, server));
    assertEquals("h2", pair.left().info().alpn());
    assertEquals("h2", pair.right().info().alpn());
    var none = TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.CLIENT, server));
    assertNull(none.left().info().alpn());
    assertNull(none.right().info().alpn());
    var other = TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.CLIENT.withAlpn("smtp"), server);
    InThread serving = InThread.start(() -> other.right().doHandshake());
    assertMessage("no_application_protocol", failure(() -> other.left().doHandshake()));
    assertBroken(SSLException.class, serving.outcome());
  }

  @Test
  @DisplayName("TLS-B20 plaintext in both directions is told at once")
  void plaintext() throws Exception {
    var transports = MemoryStreams.pair();
    transports.left().sendAll(b("GET / HTTP/1.0\r\n\r\n"));
    var server = TlsStream.wrapServer(transports.right(), TlsPairs.SERVER);
    assertMessage("does not speak TLS, it sent \"GET / HTTP/1.0", failure(server::doHandshake));
    var others = MemoryStreams.pair();
    others.right().sendAll(b("220 mail.test ESMTP\r\n"));
    var client = TlsStream.wrapClient(others.left(), TlsPairs.NAME, TlsPairs.CLIENT);
    assertMessage("does not speak TLS, it sent \"220 mail.test", failure(client::doHandshake));
  }

  @Test
  @DisplayName("TLS-B18 a handshake that takes too long is Broken, and the transport is closed")
  void handshakeTimeout() throws Exception {
    var transports = MemoryStreams.pair();
    var client =
        TlsStream.wrapClient(
            transports.left(),
            TlsPairs.NAME,
            TlsPairs.CLIENT.withHandshakeTimeout(Duration.ofMillis(1)));
    assertBroken(TooSlowException.class, failure(client::doHandshake));
    assertBroken(TooSlowException.class, failure(client::doHandshake));
    assertThrows(ClosedResourceException.class, () -> transports.left().sendAll(b("x")));
  }

  @Test
  @DisplayName("TLS-F1 TLS-F2 TLS-F3 two of a kind are Busy, before and after the handshake")
  void busy() throws Exception {
    var unshaken = TlsPairs.wrap(MemoryStreams.lockstepPair(), TlsVersion.TLS_1_3);
    var shaken = TlsPairs.handshaken(MemoryStreams.lockstepPair(), TlsVersion.TLS_1_3);
    for (var pair : List.of(unshaken, shaken)) {
      TlsStream<?> left = pair.left();
      InThread sender = InThread.start(() -> left.sendAll(b("x"))).awaitParked();
      assertMessage("another task is sending", failure(() -> left.sendAll(b("y"))));
      assertInstanceOf(BusyResourceException.class, failure(left::waitSendAllMightNotBlock));
      assertInstanceOf(BusyResourceException.class, failure(left::unwrap));
      InThread receiver = InThread.start(() -> left.receiveSome()).awaitParked();
      assertMessage("another task is receiving", failure(() -> left.receiveSome()));
      left.closeForcefully();
      assertInstanceOf(ClosedResourceException.class, sender.outcome());
      assertInstanceOf(ClosedResourceException.class, receiver.outcome());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-C3 TLS-G1 TLS-H1 TLS-H3 close_notify is an end that stays, and closing twice is fine")
  void closeNotify(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), version);
    pair.left().sendAll(b("bye"));
    pair.left().close();
    pair.left().close();
    assertArrayEquals(b("bye"), pair.right().receiveSome());
    assertEquals(0, pair.right().receiveSome().length);
    assertEquals(0, pair.right().receiveSome().length);
    pair.right().close();
    TlsStream<?> left = pair.left();
    assertInstanceOf(ClosedResourceException.class, failure(() -> left.sendAll(b(""))));
    assertInstanceOf(ClosedResourceException.class, failure(() -> left.receiveSome()));
    assertInstanceOf(ClosedResourceException.class, failure(left::doHandshake));
    assertInstanceOf(ClosedResourceException.class, failure(left::unwrap));
    assertInstanceOf(ClosedResourceException.class, failure(left::waitSendAllMightNotBlock));
    assertThrows(
        ClosedResourceException.class, () -> pair.left().transportStream().sendAll(b("x")));
  }

  @Test
  @DisplayName("TLS-H4 closing before the handshake says nothing, and does not wait for the peer")
  void closingFirst() throws Exception {
    for (boolean byClient : new boolean[] {true, false}) {
      // Nobody is at the other end, who could answer.
      var pair = TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), TlsVersion.TLS_1_3);
      TlsStream<WatchedStream> closing = byClient ? pair.left() : pair.right();
      TlsStream<WatchedStream> other = byClient ? pair.right() : pair.left();
      closing.close();
      assertEquals(0, closing.transportStream().sends.get());
      assertEquals(1, closing.transportStream().closes.get());
      assertInstanceOf(BrokenResourceException.class, failure(() -> other.receiveSome()));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-G2 TLS-G3 TLS-G5 TLS-G6 TLS-H2 TLS-H11 an end without close_notify, strict and https")
  void truncation(TlsVersion version) throws Exception {
    var strict = TlsPairs.handshaken(MemoryStreams.pair(), version);
    strict.left().closeForcefully();
    assertBroken(TlsTruncatedException.class, failure(() -> strict.right().receiveSome()));
    assertBroken(TlsTruncatedException.class, failure(() -> strict.right().receiveSome()));
    assertBroken(TlsTruncatedException.class, failure(() -> strict.right().sendAll(b("x"))));
    strict.right().close();

    TlsConfig client = TlsPairs.CLIENT.withVersions(version).withHttpsCompatible(true);
    TlsServerConfig server = TlsPairs.SERVER.withHttpsCompatible(true);
    var https = TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), client, server));
    https.left().sendAll(b("last"));
    https.left().close();
    assertArrayEquals(b("last"), https.right().receiveSome());
    assertEquals(0, https.right().receiveSome().length);
    assertEquals(0, https.right().receiveSome().length);
    assertInstanceOf(BrokenResourceException.class, failure(() -> https.right().sendAll(b("x"))));
    https.right().close();

    var mixed = TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), client, TlsPairs.SERVER));
    mixed.left().close();
    assertBroken(TlsTruncatedException.class, failure(() -> mixed.right().receiveSome()));
  }

  @Test
  @DisplayName(
      "TLS-G4 TLS-B10 https: an end before or in the handshake is no end: nobody was checked")
  void endBeforeHandshake() throws Exception {
    TlsServerConfig server = TlsPairs.SERVER.withHttpsCompatible(true);
    TlsConfig client = TlsPairs.CLIENT.withHttpsCompatible(true);
    byte[][] begins = {{}, {22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3, 1, 2, 3, 4, 5}, {22, 3, 3}};
    for (byte[] begin : begins) {
      for (boolean isClient : new boolean[] {true, false}) {
        var pair = TlsPairs.wrap(MemoryStreams.pair(), client, server);
        var reading = isClient ? pair.left() : pair.right();
        (isClient ? pair.right() : pair.left()).transportStream().sendAll(begin);
        (isClient ? pair.right() : pair.left()).transportStream().sendStream().close();
        for (int i = 0; i < 2; i++) {
          assertBroken(TlsTruncatedException.class, failure(() -> reading.receiveSome()));
        }
        assertThrows(NeedHandshakeException.class, reading::info);
      }
    }
    var sending = TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.CLIENT, server);
    sending.left().transportStream().close();
    assertBroken(TlsTruncatedException.class, failure(() -> sending.right().sendAll(b("x"))));
    var strict = pair();
    strict.left().transportStream().close();
    assertBroken(TlsTruncatedException.class, failure(() -> strict.right().receiveSome()));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-I1 TLS-I2 TLS-I3 TLS-I8 TLS-A5 leaving TLS and coming back, with pipelined bytes")
  void unwrap(TlsVersion version) throws Exception {
    var transports = MemoryStreams.pair();
    var pair = TlsPairs.handshaken(transports, version);
    InThread other =
        InThread.start(
            () -> {
              assertEquals(0, pair.right().receiveSome().length);
              Unwrapped<?> plain = pair.right().unwrap();
              assertEquals(0, plain.trailingBytes().length);
              plain.transportStream().sendAll(b("plain"));
            });
    var unwrapped = pair.left().unwrap();
    assertNull(other.outcome());
    byte[] trailing = unwrapped.trailingBytes();
    byte[] rest = trailing.length == 5 ? new byte[0] : unwrapped.transportStream().receiveSome(5);
    assertEquals(
        "plain",
        new String(trailing, StandardCharsets.UTF_8) + new String(rest, StandardCharsets.UTF_8));
    assertThrows(IllegalStateException.class, () -> pair.left().transportStream());
    assertInstanceOf(ClosedResourceException.class, failure(() -> pair.left().sendAll(b("x"))));
    pair.left().close();
    pair.left().closeForcefully();
    var again =
        new Pair<>(
            TlsStream.wrapClient(unwrapped.transportStream(), TlsPairs.NAME, TlsPairs.CLIENT),
            TlsStream.wrapServer(transports.right(), TlsPairs.SERVER));
    InThread server = InThread.start(() -> again.right().doHandshake());
    again.left().doHandshake();
    assertNull(server.outcome());
  }

  @Test
  @DisplayName("TLS-I2 TLS-O5 bytes behind close_notify, and bytes before the first, are not lost")
  void borders() throws Exception {
    var transports = MemoryStreams.pair();
    transports.left().sendAll(b("PROXY x\r\n"));
    var client = TlsStream.wrapClient(transports.left(), TlsPairs.NAME, TlsPairs.CLIENT);
    InThread clientSide =
        InThread.start(
            () -> {
              client.doHandshake();
              // The close_notify and what follows it go out together.
              MemorySendStream below = transports.left().sendStream();
              below.setSendAllHook(null);
              InThread unwrapping = InThread.start(client::unwrap);
              unwrapping.awaitParked();
              transports.left().sendAll(b("after"));
              MemoryStreams.pump(below, transports.right().receiveStream(), Integer.MAX_VALUE);
              assertNull(unwrapping.outcome());
            });
    byte[] first = transports.right().receiveSome();
    String text = new String(first, StandardCharsets.ISO_8859_1);
    byte[] initial = Arrays.copyOfRange(first, text.indexOf('\n') + 1, first.length);
    var server = TlsStream.wrapServer(transports.right(), TlsPairs.SERVER, initial);
    assertEquals(0, server.receiveSome().length);
    Unwrapped<?> plain = server.unwrap();
    assertArrayEquals(b("after"), plain.trailingBytes());
    assertNull(clientSide.outcome());
  }

  @Test
  @DisplayName("TLS-I5 TLS-I6 leaving TLS fails over a missing close_notify and over unread data")
  void unwrapFails() throws Exception {
    var ended = TlsPairs.handshaken(MemoryStreams.pair(), TlsVersion.TLS_1_3);
    ended.right().transportStream().sendStream().close();
    assertBroken(TlsTruncatedException.class, failure(() -> ended.left().unwrap()));
    var unread = TlsPairs.handshaken(MemoryStreams.pair(), TlsVersion.TLS_1_3);
    unread.right().sendAll(b("important"));
    assertMessage("nobody has received it", failure(() -> unread.left().unwrap()));
    assertInstanceOf(BrokenResourceException.class, failure(() -> unread.left().receiveSome()));
  }

  @Test
  @DisplayName("TLS-S1 sendEof ends one direction in TLS 1.3, and sends nothing in TLS 1.2")
  void sendEof() throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), TlsVersion.TLS_1_3);
    pair.left().sendAll(b("question"));
    pair.left().sendEof();
    pair.left().sendEof();
    assertInstanceOf(ClosedResourceException.class, failure(() -> pair.left().sendAll(b("x"))));
    pair.left().waitSendAllMightNotBlock();
    assertArrayEquals(b("question"), pair.right().receiveSome());
    assertEquals(0, pair.right().receiveSome().length);
    pair.right().sendAll(b("answer"));
    assertArrayEquals(b("answer"), pair.left().receiveSome());
    pair.right().close();
    assertEquals(0, pair.left().receiveSome().length);
    pair.left().close();

    var old = TlsPairs.handshaken(MemoryStreams.pair(), TlsVersion.TLS_1_2);
    assertInstanceOf(UnsupportedOperationException.class, failure(() -> old.left().sendEof()));
    old.left().sendAll(b("still"));
    assertArrayEquals(b("still"), old.right().receiveSome());
  }

  @Test
  @DisplayName("TLS-H5 TLS-H9 closing past a stuck sender says no close_notify and wakes everybody")
  void closingPastStuckSender() throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.lockstepPair(), TlsVersion.TLS_1_3);
    InThread sender = InThread.start(() -> pair.left().sendAll(b("x"))).awaitParked();
    InThread receiver = InThread.start(() -> pair.left().receiveSome()).awaitParked();
    pair.left().close();
    assertInstanceOf(ClosedResourceException.class, sender.outcome());
    assertInstanceOf(ClosedResourceException.class, receiver.outcome());
  }

  @Test
  @DisplayName("TLS-H7 an error in closing the transport is told once")
  void closeError() throws Exception {
    var transports = MemoryStreams.pair();
    AtomicInteger closes = new AtomicInteger();
    transports
        .left()
        .sendStream()
        .setCloseHook(
            () -> {
              closes.incrementAndGet();
              throw new IllegalStateException("close");
            });
    var client =
        TlsStream.wrapClient(
            transports.left(), TlsPairs.NAME, TlsPairs.CLIENT.withHttpsCompatible(true));
    assertMessage("close", failure(client::close));
    client.close();
    assertEquals(1, closes.get());
  }

  @Test
  @DisplayName("TLS-H8 closing in an expired scope, and interrupted, closes by force")
  void cancelledClose() throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.lockstepPair(), TlsVersion.TLS_1_3);
    // Nobody takes close_notify: the close would wait.
    assertTrue(CancelScope.moveOnAfter(Duration.ofMillis(1)).run(() -> pair.left().close()));
    assertInstanceOf(ClosedResourceException.class, failure(() -> pair.left().sendAll(b("x"))));
    assertBroken(TlsTruncatedException.class, failure(() -> pair.right().receiveSome()));
    Thread.currentThread().interrupt();
    pair.right().close();
    assertTrue(Thread.interrupted());
  }

  @Test
  @DisplayName("TLS-H14 a close can wait for the peer's close_notify")
  void waitingClose() throws Exception {
    TlsConfig patient = TlsPairs.CLIENT.withCloseNotifyReadTimeout(Duration.ofSeconds(100));
    var pair = TlsPairs.handshaken(TlsPairs.wrap(MemoryStreams.pair(), patient, TlsPairs.SERVER));
    InThread closing = InThread.start(() -> pair.left().close()).awaitParked();
    pair.right().sendAll(b("thrown away"));
    assertEquals(0, pair.right().receiveSome().length);
    assertTrue(closing.thread.isAlive(), "the close did not wait");
    pair.right().close();
    assertNull(closing.outcome());
  }

  @Test
  @DisplayName("TLS-O1 TLS in TLS: the inner close_notify first, and each level its own")
  void twoLevels() throws Exception {
    var outer = TlsPairs.handshaken(MemoryStreams.pair(), TlsVersion.TLS_1_3);
    var inner = TlsPairs.handshaken(outer, TlsVersion.TLS_1_2);
    inner.left().sendAll(b("deep"));
    inner.left().close();
    assertArrayEquals(b("deep"), inner.right().receiveSome());
    assertEquals(0, inner.right().receiveSome().length);
    assertEquals(0, outer.right().receiveSome().length);
    assertInstanceOf(ClosedResourceException.class, failure(() -> outer.left().sendAll(b("x"))));
  }
}
