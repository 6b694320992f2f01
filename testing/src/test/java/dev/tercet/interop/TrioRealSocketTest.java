package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.ClientAuth;
import dev.tercet.TlsServerConfig;
import dev.tercet.TlsVersion;
import dev.tercet.socket.SocketListener;
import dev.tercet.stream.BufferedReceiveStream;
import dev.tercet.tls.Unwrapped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our streams and those of Trio, where they come from. The other side does what ours tells it. */
@Timeout(120)
class TrioRealSocketTest {
  private static final TlsServerConfig SERVING =
      PeerFiles.SERVING.withClientAuth(ClientAuth.NEED, PeerFiles.CA.trust());
  private static final String SCRIPT = PeerFiles.write("trio_peer.py", script());

  /** The distribution's first, since a Python from elsewhere does not see its packages. */
  private static final @Nullable String PYTHON = python();

  @BeforeAll
  static void needsPrograms() {
    PeerProgram.skipUnless(PYTHON != null, "no Python has Trio");
  }

  private static String script() {
    try (InputStream resource =
        Objects.requireNonNull(TrioRealSocketTest.class.getResourceAsStream("trio_peer.py"))) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable String python() {
    for (String python : List.of("/usr/bin/python3", "python3")) {
      try (PeerProgram probe = PeerProgram.start(List.of(python, "-c", "import trio"))) {
        if (probe.exitCode() == 0) {
          return python;
        }
      } catch (IOException e) {
        // There is none of that name.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return null;
  }

  private static PeerProgram trio(String role, TlsVersion version, boolean https, String... more)
      throws IOException {
    String pem = role.equals("server") ? PeerFiles.SERVER_PEM : PeerFiles.CLIENT_PEM;
    String name = version == TlsVersion.TLS_1_2 ? "TLSv1_2" : "TLSv1_3";
    String manner = https ? "https" : "strict";
    return PeerProgram.start(
        List.of(Objects.requireNonNull(PYTHON), SCRIPT, role, name, manner, PeerFiles.CA_PEM, pem),
        more);
  }

  private static OurTls connect(PeerProgram server, boolean https) throws Exception {
    int port = Integer.parseInt(server.await("port "));
    return OurTls.connect(port, PeerFiles.CONNECTING.withHttpsCompatible(https));
  }

  private static PeerProgram client(SocketListener listener, TlsVersion version, boolean https)
      throws IOException {
    return trio("client", version, https, Integer.toString(listener.port()));
  }

  private static void assertEchoes(OurTls ours) throws Exception {
    assertEquals("hello", ours.say("hello\n").hear());
  }

  /** Trio leaves TLS first, or we do, and both go on without. */
  private static void assertLeaves(OurTls ours, boolean peerFirst) throws Exception {
    assertEchoes(ours);
    if (peerFirst) {
      ours.say("unwrap\n").assertEnded();
    } else {
      assertEquals("answer", ours.say("answer\n").hear());
    }
    Unwrapped<Wire> left = ours.tls.unwrap();
    try (Wire plain = left.transportStream()) {
      String expected = "plain\n";
      if (peerFirst) {
        plain.sendAll("and on\n".getBytes(StandardCharsets.US_ASCII));
        expected = "plain and on\n";
      }
      byte[] trailing = left.trailingBytes();
      byte[] all = Arrays.copyOf(trailing, expected.length());
      byte[] rest =
          BufferedReceiveStream.wrap(plain).receiveExactly(expected.length() - trailing.length);
      System.arraycopy(rest, 0, all, trailing.length, rest.length);
      assertArrayEquals(expected.getBytes(StandardCharsets.US_ASCII), all);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-I1 TLS-I2 TLS-I3 TLS-I8 both leave TLS, either first, and go on in plain text")
  void unwrap(TlsVersion version) throws Exception {
    try (PeerProgram server = trio("server", version, false)) {
      for (boolean peerFirst : new boolean[] {true, false}) {
        try (OurTls ours = connect(server, false)) {
          assertLeaves(ours, peerFirst);
        }
        try (SocketListener listener = OurTls.listen();
            PeerProgram client = client(listener, version, false);
            OurTls ours = OurTls.accept(listener, SERVING)) {
          assertLeaves(ours, peerFirst);
          assertEquals(0, client.exitCode());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-G1 TLS-G2 TLS-G3 Trio ends with a goodbye and without, and both have a manner")
  void trioEnds(TlsVersion version) throws Exception {
    for (boolean https : new boolean[] {false, true}) {
      try (PeerProgram server = trio("server", version, https)) {
        for (String way : List.of("close", "cut")) {
          try (OurTls ours = connect(server, https)) {
            assertEndsThere(ours, way, https);
          }
          try (SocketListener listener = OurTls.listen();
              PeerProgram client = client(listener, version, https);
              OurTls ours = OurTls.accept(listener, SERVING.withHttpsCompatible(https))) {
            assertEndsThere(ours, way, https);
            assertEquals(0, client.exitCode());
          }
        }
      }
    }
  }

  private static void assertEndsThere(OurTls ours, String way, boolean https) throws Exception {
    assertEchoes(ours);
    ours.say(way + "\n");
    if (way.equals("cut") && !https) {
      ours.assertTruncated();
    } else {
      ours.assertEnded();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H1 TLS-H2 TLS-H11 we end with a goodbye and without: Trio tells them apart")
  void weEnd(TlsVersion version) throws Exception {
    for (boolean https : new boolean[] {false, true}) {
      try (PeerProgram server = trio("server", version, https)) {
        for (boolean cut : new boolean[] {false, true}) {
          String seen = cut && !https ? "truncated" : "eof";
          try (OurTls ours = connect(server, https)) {
            assertEchoes(ours);
            end(ours, cut);
            server.await(https && cut ? 2 : 1, seen);
          }
          try (SocketListener listener = OurTls.listen();
              PeerProgram client = client(listener, version, https);
              OurTls ours = OurTls.accept(listener, SERVING.withHttpsCompatible(https))) {
            assertEchoes(ours);
            end(ours, cut);
            assertEquals(List.of(seen), client.output());
            assertEquals(0, client.exitCode());
          }
        }
      }
    }
  }

  private static void end(OurTls ours, boolean cut) throws IOException {
    if (cut) {
      ours.tls.closeForcefully();
    } else {
      ours.tls.close();
    }
  }
}
