package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.BrokenResourceException;
import dev.tercet.OnHandlerError;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.support.Needs;
import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.testing.certificates.TestKeyType;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** DTLS with Trio, whose design ours is. It checks no certificates; we check its. */
@Timeout(120)
class DtlsTrioRealSocketTest {
  private static final String SCRIPT =
      PeerFiles.write("dtls_trio_peer.py", TrioPython.script("dtls_trio_peer.py"));

  /** Trio takes close_notify for an error of OpenSSL's (DTLS-I4). */
  private static final DtlsConfig CONNECTING =
      DtlsConfig.DEFAULT.withTrust(PeerFiles.CA.trust()).withSendCloseNotify(false);

  private static PeerProgram start(String role, TestIdentity identity) throws Exception {
    String python = TrioPython.find();
    Needs.needed(python != null, "no Python has Trio");
    String pem = PeerFiles.write("dtls.pem", identity.chainPem() + identity.keyPem());
    return PeerProgram.start(List.of(Objects.requireNonNull(python), SCRIPT, role, pem));
  }

  private static TestIdentity identity(TestKeyType keyType) {
    return PeerFiles.CA.leaf("127.0.0.1", "trio.test").withKeyType(keyType).issue();
  }

  @ParameterizedTest
  @EnumSource(names = {"EC", "RSA"})
  @DisplayName(
      "DTLS-L1 our client and Trio's server: checked, echoed, and dialled again from the port")
  void server(TestKeyType keyType) throws Exception {
    try (PeerProgram trio = start("server", identity(keyType));
        DtlsEndpoint endpoint = DtlsEndpoint.wrap(UdpSocket.bind("127.0.0.1", 0))) {
      InetSocketAddress peer =
          new InetSocketAddress(
              InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
              Integer.parseInt(trio.await("port ")));
      BrokenResourceException e =
          assertThrows(
              BrokenResourceException.class,
              () -> endpoint.connect(peer, "elsewhere.test", CONNECTING).doHandshake());
      assertEquals(true, String.valueOf(e.getMessage()).contains("elsewhere.test"), e::getMessage);
      for (int i = 0; i < 2; i++) {
        DtlsChannel channel = endpoint.connect(peer, "trio.test", CONNECTING);
        channel.doHandshake();
        assertFalse(channel.info().peerCertificates().isEmpty());
        channel.send("hello".getBytes(StandardCharsets.UTF_8));
        assertEquals("hello", new String(channel.receive(), StandardCharsets.UTF_8));
      }
      // DTLS-F2, as Trio sees it: the second one replaced the first.
      trio.await("ended by BrokenResourceError");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EC", "RSA"})
  @DisplayName(
      "DTLS-F4 our server and Trio's client: echoed; it comes back from its port, and gets a new handler")
  void client(TestKeyType keyType) throws Exception {
    LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    OnHandlerError noting = (failure, peer) -> failures.add(failure);
    try (PeerProgram trio = start("client", identity(keyType))) {
      Nursery.run(
          nursery -> {
            DtlsEndpoint endpoint =
                nursery.start(
                    status -> {
                      try (var serving = DtlsEndpoint.wrap(UdpSocket.bind("127.0.0.1", 0))) {
                        var unused =
                            serving.serve(
                                DtlsServerConfig.of(identity(keyType).identity()),
                                channel -> channel.forEach(channel::send),
                                ServeOptions.DEFAULT.withOnHandlerError(noting),
                                status);
                      }
                    });
            int port = Objects.requireNonNull(endpoint.socket().localAddress()).getPort();
            for (int times = 1; times <= 2; times++) {
              trio.say(port + "\n");
              trio.await(times, "received hello");
            }
            Throwable first = failures.take();
            assertEquals(BrokenResourceException.class, first.getClass());
            assertEquals(1, endpoint.statistics().replaced());
            nursery.cancelChildren();
          });
    }
  }
}
