package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.blocking.BufferedReceiveStream;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.Unwrapped;
import dev.tercet.support.Needs;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
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
  private static final String SCRIPT =
      PeerFiles.write("trio_peer.py", TrioPython.script("trio_peer.py"));

  private static final @Nullable String PYTHON = TrioPython.find();

  private static final String ENDED = "ended by ";
  private static @Nullable PeerProgram server;
  private static @Nullable PeerProgram client;

  @BeforeAll
  static void needsPrograms() throws IOException {
    Needs.needed(PYTHON != null, "no Python has Trio");
    server = start("server", PeerFiles.SERVER_PEM);
    client = start("client", PeerFiles.CLIENT_PEM);
  }

  private static PeerProgram start(String role, String pem) throws IOException {
    String python = Objects.requireNonNull(PYTHON);
    return PeerProgram.start(List.of(python, SCRIPT, role, PeerFiles.CA_PEM, pem));
  }

  @AfterAll
  static void stop() {
    for (PeerProgram program : new PeerProgram[] {server, client}) {
      if (program != null) {
        program.close();
      }
    }
  }

  /** A conversation with either of them. */
  private interface Talk {
    void with(OurTls ours) throws Exception;
  }

  /** Talks to both, and looks at what ended it for them. */
  private static void talk(TlsVersion version, boolean https, String end, Talk talk)
      throws Exception {
    PeerProgram trioServer = Objects.requireNonNull(server);
    PeerProgram trioClient = Objects.requireNonNull(client);
    String name = version == TlsVersion.TLS_1_2 ? "TLSv1_2" : "TLSv1_3";
    String manner = name + (https ? " https " : " strict ");
    int port = Integer.parseInt(trioServer.await(manner + "port "));
    int before = (int) trioServer.count(ENDED);
    try (OurTls ours = OurTls.connect(port, PeerFiles.CONNECTING.withHttpsCompatible(https))) {
      talk.with(ours);
      assertEquals(end, trioServer.await(before + 1, ENDED));
    }
    before = (int) trioClient.count(ENDED);
    try (SocketListener listener = OurTls.listen()) {
      trioClient.say(manner + listener.port() + "\n");
      try (OurTls ours = OurTls.accept(listener, SERVING.withHttpsCompatible(https))) {
        talk.with(ours);
        assertEquals(end, trioClient.await(before + 1, ENDED));
      }
    }
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
    talk(version, false, "unwrap", ours -> assertLeaves(ours, true));
    talk(version, false, "eof", ours -> assertLeaves(ours, false));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-G1 TLS-G2 TLS-G3 Trio ends with close_notify and without, and both have a manner")
  void trioEnds(TlsVersion version) throws Exception {
    for (boolean https : new boolean[] {false, true}) {
      for (String way : List.of("close", "cut")) {
        talk(
            version,
            https,
            way,
            ours -> {
              assertEchoes(ours);
              ours.say(way + "\n");
              if (way.equals("cut") && !https) {
                ours.assertTruncated();
              } else {
                ours.assertEnded();
              }
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H1 TLS-H2 TLS-H11 we end with close_notify and without: Trio tells them apart")
  void weEnd(TlsVersion version) throws Exception {
    for (boolean https : new boolean[] {false, true}) {
      talk(
          version,
          https,
          "eof",
          ours -> {
            assertEchoes(ours);
            ours.tls.close();
          });
      talk(
          version,
          https,
          https ? "eof" : "truncation",
          ours -> {
            assertEchoes(ours);
            ours.tls.closeForcefully();
          });
    }
  }
}
