package dev.tercet.testing.engines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts is the session, and not what an engine says that it checks. */
@Timeout(60)
class DemandsTest {
  private static final TestIdentity ELSEWHERE = TestedEngine.CA.leaf("elsewhere.test").issue();

  static List<Arguments> engines() {
    List<Arguments> all = new ArrayList<>();
    for (TlsVersion version : TlsVersion.values()) {
      for (TestedEngine engine : TestedEngine.values()) {
        all.add(Arguments.of(engine, version));
      }
    }
    return all;
  }

  /** Why each side has refused the other; null when it has not. */
  private record Refusals(@Nullable String byClient, @Nullable String byServer) {}

  /** A byte each way, so that tickets arrive. */
  private static Refusals talk(TlsConfig client, TlsServerConfig server) throws Exception {
    var pair = EnginePairs.wrap(MemoryStreams.pair(), client, server);
    AtomicReference<@Nullable String> byServer = new AtomicReference<>();
    AtomicReference<@Nullable String> byClient = new AtomicReference<>();
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () ->
                  byServer.set(
                      refusal(
                          pair.right(),
                          stream -> {
                            assertEquals(1, stream.receiveSome(1).length);
                            stream.sendAll(new byte[1]);
                          })));
          byClient.set(
              refusal(
                  pair.left(),
                  stream -> {
                    stream.sendAll(new byte[1]);
                    assertEquals(1, stream.receiveSome(1).length);
                  }));
        });
    return new Refusals(byClient.get(), byServer.get());
  }

  private interface Talk {
    void with(TlsStream<?> stream) throws IOException, InterruptedException;
  }

  private static @Nullable String refusal(TlsStream<?> stream, Talk talk)
      throws IOException, InterruptedException {
    try {
      talk.with(stream);
      stream.close();
      return null;
    } catch (BrokenResourceException e) {
      stream.closeForcefully();
      return e.reason();
    }
  }

  private static void assertRefused(@Nullable String why) {
    assertNotNull(why);
    assertTrue(why.contains("the peer's certificate was refused"), why);
  }

  @ParameterizedTest
  @MethodSource("engines")
  @DisplayName("TLS-R-p TLS-M6 the name is checked although the trust manager knows no names")
  void plainTrustManager(TestedEngine engine, TlsVersion version) throws Exception {
    TlsConfig client = engine.clientWithPlainTrust(version);
    assertTrue(client.checksHostname());
    assertRefused(talk(client, TestedEngine.JDK.freshServer(ELSEWHERE, version)).byClient());
    assertNull(talk(client, TestedEngine.JDK.freshServer(version)).byClient());
  }

  @ParameterizedTest
  @MethodSource("engines")
  @DisplayName("TLS-R-p TLS-S5 a session that was made without the check of the name is no way in")
  void resumedWithoutTheName(TestedEngine engine, TlsVersion version) throws Exception {
    TlsConfig strict = engine.clientWithPlainTrust(version);
    TlsConfig nameless = strict.dangerouslyWithoutHostnameCheck();
    TlsServerConfig wrong = TestedEngine.JDK.freshServer(ELSEWHERE, version);
    for (int i = 0; i < 2; i++) {
      assertNull(talk(nameless, wrong).byClient());
      assertRefused(talk(strict, wrong).byClient());
    }
    TlsServerConfig right = TestedEngine.JDK.freshServer(version);
    assertNull(talk(nameless, right).byClient());
    assertNull(talk(strict, right).byClient());
  }

  @ParameterizedTest
  @MethodSource("engines")
  @DisplayName(
      "TLS-R-p TLS-S5 a session that was made without a certificate is none where one is"
          + " needed")
  void resumedWithoutTheCertificate(TestedEngine engine, TlsVersion version) throws Exception {
    TlsServerConfig nobody = engine.freshServer(version);
    TlsServerConfig need = nobody.withClientAuth(ClientAuth.NEED);
    TlsConfig client = TlsConfig.of(TestedEngine.JDK.factory(null)).withVersions(version);
    for (int i = 0; i < 2; i++) {
      Refusals welcome = talk(client, nobody);
      assertNull(welcome.byClient());
      assertNull(welcome.byServer());
      assertNotNull(talk(client, need).byServer());
    }
    Refusals known = talk(TestedEngine.JDK.freshClient(version), need);
    assertNull(known.byClient());
    assertNull(known.byServer());
  }
}
