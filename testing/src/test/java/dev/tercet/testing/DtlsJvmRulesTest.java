package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CA;
import static dev.tercet.testing.DtlsPlay.NAME;
import static dev.tercet.testing.DtlsPlay.SERVER;
import static dev.tercet.testing.DtlsPlay.dial;
import static dev.tercet.testing.DtlsPlay.local;
import static dev.tercet.testing.DtlsPlay.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.support.Stress;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.TlsTrust;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the JVM does not allow in TLS is not allowed in DTLS. */
class DtlsJvmRulesTest {
  private static final int SHA1 = 2;
  private static final String AES_128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
  private static final String AES_256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";

  @Test
  @DisplayName("DTLS-L22 a client offers no signature with SHA-1")
  void offer() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          List<byte[]> sent = new ArrayList<>();
          sim.network().setRouter(packet -> sent.add(packet.payload()));
          boolean unused =
              CancelScope.moveOnAfter(Duration.ofMillis(1)).run(dial(client, server)::doHandshake);
          List<Integer> schemes = signatureSchemes(sent.get(0));
          assertTrue(schemes.contains(0x0403), schemes::toString);
          assertFalse(schemes.stream().anyMatch(each -> each >> 8 <= SHA1), schemes::toString);
        });
  }

  private static List<Integer> signatureSchemes(byte[] datagram) {
    ByteBuffer hello = ByteBuffer.wrap(datagram).position(RawDtls.HEADERS_BYTES + 2 + 32);
    // Session and cookie are empty.
    hello.getShort();
    hello.position(hello.position() + 2 + hello.getShort(hello.position()));
    hello.position(hello.position() + 1 + hello.get(hello.position()) + 2);
    List<Integer> schemes = new ArrayList<>();
    while (hello.hasRemaining()) {
      int type = hello.getShort();
      int end = hello.getShort() + hello.position();
      if (type == 13) {
        hello.getShort();
        while (hello.position() < end) {
          schemes.add(hello.getShort() & 0xFFFF);
        }
      }
      hello.position(end);
    }
    return schemes;
  }

  @Test
  @DisplayName("DTLS-L22 a server signs nothing with SHA-1 for a client that knows nothing else")
  void onlySha1() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          List<Throwable> failures = new ArrayList<>();
          sim.nursery()
              .start(
                  status -> {
                    var unused =
                        server.serve(
                            SERVER,
                            DtlsChannel::doHandshake,
                            ServeOptions.DEFAULT.withOnHandlerError((e, peer) -> failures.add(e)),
                            status);
                  });
          try (UdpSocket socket = UdpSocket.bind("192.0.2.9", 9)) {
            RawDtls.Client raw = new RawDtls.Client(socket, server, 1);
            raw.send(withSha1(raw.hello(new byte[0], 0, 0)));
            byte[] cookie = RawDtls.cookieOf(raw.receive());
            raw.send(withSha1(raw.hello(cookie, 1, 1)));
            assertEquals(RawDtls.ALERT, raw.receive()[0]);
          }
          assertEquals(1, failures.size());
          assertEquals(BrokenResourceException.class, failures.get(0).getClass());
        });
  }

  /** The one scheme that it knows is before the last extension, which is empty. */
  private static byte[] withSha1(byte[] hello) {
    hello[hello.length - 6] = SHA1;
    return hello;
  }

  /**
   * What is forbidden, and what is seen with our trust and with a trust manager that trusts all.
   */
  static Stream<Arguments> rules() {
    List<Arguments> rules =
        List.of(
            arguments("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", AES_256, null),
            arguments("DTLSv1.2", "this JVM allows no DTLS 1.2", null),
            arguments("EC keySize < 300", "with size of 256bits", "this JVM does not allow: EC"),
            arguments(
                "SHA256withECDSA",
                "signature algorithm: SHA256withECDSA",
                "does not allow: EC, SHA256withECDSA"),
            arguments("SSLv3", AES_128, AES_128),
            arguments("AES_128_GCM", AES_256, null),
            arguments("x25519", AES_128, null),
            arguments("ECDHE", "this JVM allows no DTLS 1.2", null));
    // Each is a JVM.
    return rules.stream().limit(Stress.rounds(4, rules.size()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  @Timeout(120)
  @DisplayName("DTLS-L22 what jdk.tls.disabledAlgorithms names is not spoken")
  void disabled(String algorithms, String ours, @Nullable String plain) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Talk.class.getName(),
                algorithms,
                plain == null ? "ours" : "ours plain")
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(output.contains("ours: ") && output.contains(ours), output);
      if (plain != null) {
        assertTrue(output.substring(output.indexOf("plain: ")).contains(plain), output);
      }
    } finally {
      process.destroyForcibly();
    }
  }

  /** A handshake for each trust. The JDK reads its properties once, so each rule has a JVM. */
  static final class Talk {
    private Talk() {}

    public static void main(String[] args) throws Exception {
      Security.setProperty("jdk.tls.disabledAlgorithms", args[0]);
      for (String name : args[1].split(" ", -1)) {
        talk(name, name.equals("plain") ? TlsTrust.of(new Believing()) : CA.trust());
      }
    }

    private static void talk(String name, TlsTrust trust) throws Exception {
      DtlsPlay.talk(
          1,
          (sim, server, client) -> {
            serve(sim, server, DtlsPlay::echo);
            DtlsConfig config =
                DtlsConfig.DEFAULT.withTrust(trust).withHandshakeTimeout(Duration.ofSeconds(2));
            DtlsChannel channel = client.connect(local(server), NAME, config);
            try {
              channel.doHandshake();
              System.out.println(name + ": " + channel.info().cipherSuite());
            } catch (BrokenResourceException e) {
              System.out.println(name + ": " + e.getMessage());
            }
          });
    }
  }

  /** Knows no constraints, and is told none. */
  private static final class Believing implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
