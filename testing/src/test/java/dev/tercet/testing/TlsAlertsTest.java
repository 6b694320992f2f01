package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.TlsStream;
import dev.tercet.support.HandshakeDamage;
import dev.tercet.support.Stress;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTrust;
import dev.tercet.tls.TlsVersion;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a peer is told when the engine, or what it calls, throws and says nothing. */
@Timeout(120)
class TlsAlertsTest {
  /** Throws what is no certificate error. */
  private record Throwing(Throwable failure) implements X509TrustManager {
    private void fail() {
      if (failure instanceof Error e) {
        throw e;
      }
      throw (RuntimeException) failure;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      fail();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      fail();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static boolean comesFrom(@Nullable Throwable thrown, Throwable origin) {
    return thrown != null && (thrown == origin || comesFrom(thrown.getCause(), origin));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-B19 a client whose trust manager throws tells the server; an Error comes out")
  void trustManagerOfClient(TlsVersion version) throws Exception {
    for (Throwable failure :
        new Throwable[] {new IllegalStateException("bug"), new AssertionError("bug")}) {
      var pair =
          TlsPairs.wrap(
              MemoryStreams.pair(),
              TlsConfig.DEFAULT.withTrust(TlsTrust.of(new Throwing(failure))).withVersions(version),
              TlsPairs.SERVER);
      InThread serving = InThread.start(pair.right()::doHandshake);
      Throwable thrown = InThread.start(pair.left()::doHandshake).outcome();
      assertTrue(comesFrom(thrown, failure), () -> "" + thrown);
      if (failure instanceof Error) {
        assertSame(failure, thrown);
      } else {
        assertInstanceOf(BrokenResourceException.class, thrown);
      }
      assertInstanceOf(
          BrokenResourceException.class, InThread.start(() -> pair.left().receiveSome()).outcome());
      // Before it is closed: it has been told.
      Throwable told = serving.outcome();
      assertInstanceOf(BrokenResourceException.class, told);
      // With the keys of TLS 1.3 only the engine can say something, and knows nothing of an Error.
      if (failure instanceof Error && version == TlsVersion.TLS_1_3) {
        assertTrue(String.valueOf(told.getMessage()).contains("during the handshake"), "" + told);
      } else {
        assertInstanceOf(TlsAlertException.class, told.getCause());
      }
      pair.left().closeForcefully();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-B19 a server whose trust manager throws is Broken; so is its client, in the end")
  void trustManagerOfServer(TlsVersion version) throws Exception {
    IllegalStateException failure = new IllegalStateException("bug");
    TlsServerConfig server =
        TlsServerConfig.of(TlsPairs.CA.issue(TlsPairs.NAME))
            .withClientAuth(ClientAuth.NEED, TlsTrust.of(new Throwing(failure)));
    TlsConfig client =
        TlsConfig.DEFAULT
            .withTrust(TlsPairs.CA.trust())
            .withIdentity(TlsPairs.CA.issue("client.test"))
            .withVersions(version);
    var pair = TlsPairs.wrap(MemoryStreams.pair(), client, server);
    InThread serving =
        InThread.start(
            () -> {
              try {
                pair.right().doHandshake();
              } finally {
                pair.right().close();
              }
            });
    Throwable told = InThread.start(() -> pair.left().receiveSome()).outcome();
    assertInstanceOf(BrokenResourceException.class, told);
    Throwable thrown = serving.outcome();
    assertInstanceOf(BrokenResourceException.class, thrown);
    assertTrue(comesFrom(thrown, failure), () -> "" + thrown);
    assertInstanceOf(TlsAlertException.class, told.getCause());
  }

  @Test
  @DisplayName("TLS-B19 TLS-B9 a damaged hello, key share or extension is answered by an alert")
  void damagedHello() throws Exception {
    var transports = MemoryStreams.pair();
    var client = TlsStream.wrapClient(transports.left(), TlsPairs.NAME, TlsPairs.CLIENT);
    InThread saying = InThread.start(client::doHandshake);
    byte[] hello = transports.right().receiveSome(100_000);
    client.closeForcefully();
    assertNotNull(saying.outcome());
    int refused = 0;
    long first = Stress.seed(TlsAlertsTest.class, 0);
    for (long seed = first; seed < first + 100; seed++) {
      var others = MemoryStreams.pair();
      others.left().sendAll(new HandshakeDamage(new Random(seed)).of(hello));
      others.left().sendStream().close();
      var server = TlsStream.wrapServer(others.right(), TlsPairs.SERVER);
      Throwable thrown = InThread.start(server::doHandshake).outcome();
      BrokenResourceException broken = assertInstanceOf(BrokenResourceException.class, thrown);
      server.closeForcefully();
      if (broken.reason().startsWith("TLS handshake failed")) {
        refused++;
        byte[] answer = others.left().receiveSome(100_000);
        String what = "seed " + seed + ": " + broken.reason();
        assertTrue(answer.length >= 7, what);
        byte[] alert = Arrays.copyOfRange(answer, answer.length - 7, answer.length);
        assertEquals(21, alert[0], what);
        assertEquals(2, alert[5], what);
      }
    }
    int count = refused;
    assertTrue(count > 30, () -> "only " + count + " were refused");
  }

  @Test
  @DisplayName("TLS-B20 a record of an unknown type is answered by an alert, plain text is not")
  void unknownRecord() throws Exception {
    for (boolean isRecord : new boolean[] {true, false}) {
      var transports = MemoryStreams.pair();
      transports.left().sendAll(new byte[] {99, (byte) (isRecord ? 3 : 'E'), 3, 0, 1, 0});
      var server = TlsStream.wrapServer(transports.right(), TlsPairs.SERVER);
      assertInstanceOf(
          BrokenResourceException.class, InThread.start(server::doHandshake).outcome());
      server.close();
      byte[] answer = transports.left().receiveSome(100);
      assertEquals(isRecord ? 7 : 0, answer.length);
    }
  }
}
