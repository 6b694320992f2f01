package dev.tercet.testing.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.BufferedStream;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.conformance.StreamConformance;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The twin is BufferedStreamSpec. */
@Timeout(60)
class BufferedStreamTest {
  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static <S extends Stream> Pair<BufferedStream<S>> buffered(Pair<S> pair) {
    return new Pair<>(BufferedStream.wrap(pair.left()), BufferedStream.wrap(pair.right()));
  }

  @Test
  @DisplayName("IO-B6 a buffered stream keeps the contract of its stream")
  void conformance() throws Exception {
    StreamConformance.checkTwoWayStream(
        () -> buffered(MemoryStreams.pair()), () -> buffered(MemoryStreams.lockstepPair()));
  }

  @Test
  @DisplayName("IO-B6 lines, exact counts and delimiters come from one buffer, beside sending")
  void oneBuffer() throws Exception {
    var pair = MemoryStreams.pair();
    var stream = BufferedStream.wrap(pair.left());
    pair.right().sendAll(b("one\r\nfour;rest"));
    assertEquals("one", stream.receiveLine(100));
    assertEquals(9, stream.buffered());
    assertEquals("fou", text(stream.receiveExactly(3)));
    assertEquals("r", text(stream.receiveUntil(b(";"), 10)));
    assertEquals("rest", text(stream.takeBuffered()));
    assertSame(pair.left(), stream.transportStream());
    stream.sendLine("hello, w\u00f6rld");
    assertEquals("hello, w\u00f6rld\r\n", text(pair.right().receiveSome()));
    stream.close();
    assertThrows(ClosedResourceException.class, () -> pair.left().receiveSome());
  }

  @Test
  @DisplayName("IO-B6 TLS begins with what was received ahead")
  void intoTls() throws Exception {
    TestCa ca = TestCa.create();
    var pair = MemoryStreams.pair();
    var server = BufferedStream.wrap(pair.left());
    var client =
        TlsStream.wrapClient(pair.right(), "server.test", TlsConfig.DEFAULT.withTrust(ca.trust()));
    Thread asks =
        new Thread(
            () -> {
              try {
                pair.right().sendLine("STARTTLS");
                client.sendAll(b("secret"));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    asks.start();
    assertEquals("STARTTLS", server.receiveLine(100));
    // Whether the ClientHello came with the line is up to the threads; both must do.
    var secured = TlsStream.wrapServer(server, TlsServerConfig.of(ca.issue("server.test")));
    assertEquals("secret", text(secured.receiveSome()));
    asks.join();
  }

  @Test
  @DisplayName("IO-B7 a line that contains the end of a line is refused, and nothing is sent")
  void injection() throws Exception {
    var pair = MemoryStreams.pair();
    for (String line : List.of("QUIT\r\nMAIL", "a\n", "\r")) {
      assertThrows(IllegalArgumentException.class, () -> pair.left().sendLine(line));
    }
    pair.left().close();
    assertTrue(pair.right().receiveSome().length == 0);
  }
}
