package dev.tercet.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.ConnectAttempt;
import dev.tercet.TooSlowException;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.ServeOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {
  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({
    "PT0S, 0 s",
    "PT0.000000001S, 1 ns",
    "PT0.000000999S, 999 ns",
    "PT0.000001S, 1 us",
    "PT0.0002505S, 250.5 us",
    "PT0.001S, 1 ms",
    "PT0.25S, 250 ms",
    "PT0.9995S, 999.5 ms",
    "PT1S, 1 s",
    "PT1.5S, 1.5 s",
    "PT10S, 10 s",
    "PT59.999999999S, 59.999999999 s",
    "PT1M, 1 min",
    "PT1M30S, 1 min 30 s",
    "PT1M30.5S, 1 min 30.5 s",
    "PT1H, 1 h",
    "PT1H0.001S, 1 h 0.001 s",
    "PT26H3M, 1 d 2 h 3 min",
    "PT240H, 10 d",
    "PT-1.5S, -1.5 s",
    "PT-0.25S, -250 ms",
    "PT2562047788015215H30M7.999999999S, 106751991167300 d 15 h 30 min 7.999999999 s",
    "PT-2562047788015215H-30M-8S, -106751991167300 d 15 h 30 min 8 s",
  })
  @DisplayName("a duration reads as people write it, exactly")
  void exact(Duration duration, String text) {
    assertEquals(text, Durations.text(duration));
  }

  @Test
  @DisplayName("what was measured reads in milliseconds, whatever the locale")
  void measured() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertEquals("281.0 ms", Durations.millis(280_950_001));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  @DisplayName("messages and texts of objects have it")
  void messages() {
    assertEquals(
        "not finished within 1 min 30 s",
        new TooSlowException(Duration.ofSeconds(90)).getMessage());
    assertEquals(
        "ConnectOptions(happyEyeballsDelay=250 ms, localAddress=null, {})",
        ConnectOptions.DEFAULT.toString());
    assertEquals(
        "ServeOptions(maxConnections=2147483647, drain=0 s, idleTimeout=1 min 30 s)",
        ServeOptions.DEFAULT.withIdleTimeout(Duration.ofSeconds(90)).toString());
    assertEquals(
        "192.0.2.1: won, 251.0 ms to 281.0 ms (only address)",
        new ConnectAttempt(
                new InetSocketAddress("192.0.2.1", 443),
                "only address",
                Duration.ofMillis(251),
                Duration.ofMillis(281),
                ConnectAttempt.Outcome.WON,
                null,
                null)
            .toString());
  }
}
