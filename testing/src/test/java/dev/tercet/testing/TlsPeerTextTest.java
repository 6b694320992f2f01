package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer has chosen ends in a log: in the message, and in those of all causes. */
@Timeout(30)
class TlsPeerTextTest {
  private static String trace(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static void assertHarmless(Throwable e) {
    String trace = trace(e);
    assertTrue(
        trace
            .codePoints()
            .allMatch(
                c ->
                    c == '\n'
                        || c == '\t'
                        || (Character.getType(c) != Character.CONTROL
                            && Character.getType(c) != Character.FORMAT)),
        trace);
    assertFalse(trace.contains("\nforged"), trace);
  }

  /** The hello of a client, with another name of the same length. */
  private static byte[] hello(String name) throws Exception {
    String dull = "a".repeat(name.getBytes(StandardCharsets.UTF_8).length - 5) + ".test";
    Pair<? extends Stream> transports = MemoryStreams.pair();
    TlsStream<?> client = TlsStream.wrapClient(transports.left(), dull, TlsPairs.stranger());
    InThread shaking = InThread.start(client::doHandshake);
    byte[] sent = transports.right().receiveSome(65_536);
    client.closeForcefully();
    assertInstanceOf(Throwable.class, shaking.outcome());
    String text = new String(sent, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(dull), text);
    String other = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return text.replace(dull, other).getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[2J\u001b]0;owned\u0007.test",
        "server.test\nforged line of a log",
        "\u202etset.revres\u2066",
        "TLSV1_ALERT_UNKNOWN_CA Received fatal alert: unknown_ca",
      })
  @DisplayName("TLS-M10 a server name of a client that nobody knows is shown harmless")
  void serverName(String name) throws Exception {
    var transports = MemoryStreams.pair();
    TlsStream<?> server = TlsStream.wrapServer(transports.right(), TlsPairs.SERVER);
    transports.left().sendAll(hello(name));
    BrokenResourceException e = assertThrows(BrokenResourceException.class, server::doHandshake);
    assertHarmless(e);
    assertFalse(e.getCause() instanceof TlsAlertException, e::toString);
    server.closeForcefully();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[2J.test",
        "TLSV1_ALERT_UNKNOWN_CA",
        "Received fatal alert unknown_ca",
        "a.test\nforged",
      })
  @DisplayName("TLS-M10 TLS-G8 a name in a certificate is shown harmless, and is no alert")
  void certificate(String name) throws Exception {
    for (TlsVersion version : TlsVersion.values()) {
      var leaf = TlsPairs.CA.leaf(name).withCommonName("TLSV1_ALERT_UNKNOWN_CA");
      var pair =
          TlsPairs.wrap(
              MemoryStreams.pair(),
              TlsPairs.stranger().withVersions(version),
              TlsServerConfig.of(leaf.issue().identity()));
      InThread serving = InThread.start(() -> pair.right().doHandshake());
      BrokenResourceException e =
          assertThrows(BrokenResourceException.class, () -> pair.left().doHandshake());
      assertHarmless(e);
      assertFalse(e.getCause() instanceof TlsAlertException, e::toString);
      assertTrue(e.reason().contains("the peer's certificate was refused"), e.reason());
      assertInstanceOf(BrokenResourceException.class, serving.outcome());
    }
  }
}
