package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsFactsTest {
  @ParameterizedTest
  @CsvSource({
    "9999, 10000, false, true",
    "10001, 10001, false, false",
    "10001, 10500, false, true",
    "10000, 10500, false, false",
    "10000, 10999, false, false",
    "10000, 11000, false, true",
    "10000, 10000, true,  false",
    "10000, 10001, true,  true",
  })
  @DisplayName(
      "TLS-J8 a session whose age is known in whole seconds is old in the next second; the JDK's at once")
  void age(long createdMillis, long startedMillis, boolean isExact, boolean older) {
    assertEquals(older, TlsFacts.isOlder(createdMillis, startedMillis, isExact));
  }
}
