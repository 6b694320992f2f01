package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsFactsTest {
  @ParameterizedTest
  @CsvSource({
    "9999, 10000, true",
    "10001, 10001, false",
    "10001, 10500, true",
    "10000, 10500, false",
    "10000, 10999, false",
    "10000, 11000, true",
  })
  @DisplayName("TLS-J8 a session whose age is known in whole seconds is old in the next second")
  void age(long createdMillis, long startedMillis, boolean older) {
    assertEquals(older, TlsFacts.isOlder(createdMillis, startedMillis));
  }
}
