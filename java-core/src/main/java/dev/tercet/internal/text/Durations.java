package dev.tercet.internal.text;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;

/**
 * Durations as people write them, in every message, log and {@code toString} of both languages:
 * {@code 250 ms}, {@code 1.5 s}, {@code 1 min 30 s}. {@link Duration#toString} writes {@code
 * PT1M30S}; Kotlin's durations write {@code 1m 30s}.
 */
public final class Durations {
  private Durations() {}

  /**
   * A limit, a delay, an instant of simulated time: exact, so that two that differ read
   * differently.
   *
   * @param duration of any length; may be negative
   * @return in the unit that fits below a minute, in minutes, hours and days above
   */
  public static String text(Duration duration) {
    if (duration.isNegative()) {
      // Not negated: the least duration has no opposite.
      return "-" + text(BigDecimal.valueOf(duration.getSeconds()).negate(), -duration.getNano());
    }
    return text(BigDecimal.valueOf(duration.getSeconds()), duration.getNano());
  }

  /**
   * What was measured: in milliseconds, rounded to a tenth, so that the lines of a report can be
   * compared.
   *
   * @return for example {@code 12.3 ms}
   */
  public static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
  }

  private static String text(BigDecimal wholeSeconds, int nanos) {
    BigDecimal seconds = wholeSeconds.add(BigDecimal.valueOf(nanos, 9));
    if (seconds.signum() == 0) {
      return "0 s";
    }
    if (seconds.compareTo(BigDecimal.valueOf(1, 6)) < 0) {
      return plain(seconds.movePointRight(9)) + " ns";
    }
    if (seconds.compareTo(BigDecimal.valueOf(1, 3)) < 0) {
      return plain(seconds.movePointRight(6)) + " us";
    }
    if (seconds.compareTo(BigDecimal.ONE) < 0) {
      return plain(seconds.movePointRight(3)) + " ms";
    }
    StringBuilder text = new StringBuilder();
    BigDecimal left = seconds;
    for (Unit unit : Unit.values()) {
      BigDecimal[] parts = left.divideAndRemainder(BigDecimal.valueOf(unit.seconds));
      append(text, parts[0], unit.symbol);
      left = parts[1];
    }
    append(text, left, "s");
    return text.toString();
  }

  private static void append(StringBuilder text, BigDecimal count, String symbol) {
    if (count.signum() != 0) {
      text.append(text.length() == 0 ? "" : " ").append(plain(count)).append(' ').append(symbol);
    }
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }

  /** What is longer than a second, the longest first. */
  private enum Unit {
    DAY(86_400, "d"),
    HOUR(3_600, "h"),
    MINUTE(60, "min");

    final int seconds;
    final String symbol;

    Unit(int seconds, String symbol) {
      this.seconds = seconds;
      this.symbol = symbol;
    }
  }
}
