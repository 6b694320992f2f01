package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.TlsServerConfig;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Certificates of an authority that is believed, whose names were chosen to be taken for another,
 * to break a log, or to fill memory.
 */
class TlsHostileNamesTest {
  static Stream<List<String>> hostileNames() {
    return Stream.of(
        List.of("server.test\0.evil.test"),
        List.of("evil.test\0server.test"),
        List.of("server.test\r\nforged log line"),
        List.of("\u001b[2Jserver.test"),
        List.of("server.test "),
        List.of("server.test.evil.test"),
        List.of("*"),
        List.of("*.*"),
        List.of("xn--server-.test"),
        List.of("x".repeat(20_000) + ".test"),
        IntStream.range(0, 1_000).mapToObj(i -> "name" + i + ".evil.test").toList());
  }

  @ParameterizedTest
  @MethodSource
  @DisplayName(
      "TLS-M4 a hostile name is no match, and the error that shows it stays one short line")
  void hostileNames(List<String> names) throws Exception {
    var leaf = TlsPairs.CA.leaf(names.toArray(String[]::new)).withCommonName("evil");
    TlsServerConfig server = TlsServerConfig.of(leaf.issue().identity());
    var pair = TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.CLIENT, server);
    InThread serving = InThread.start(() -> pair.right().doHandshake());
    String message =
        String.valueOf(
            assertThrows(BrokenResourceException.class, () -> pair.left().doHandshake())
                .getMessage());
    assertTrue(message.contains("the peer's certificate was refused"), message);
    assertTrue(message.contains("expected: server.test"), message);
    assertEquals(0, message.chars().filter(Character::isISOControl).count(), message);
    assertTrue(message.length() < 2_000, () -> "its length is " + message.length());
    assertInstanceOf(BrokenResourceException.class, serving.outcome());
  }
}
