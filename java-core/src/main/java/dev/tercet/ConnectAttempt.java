package dev.tercet;

import dev.tercet.internal.text.Durations;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One address of a connect, and its result.
 *
 * @param address the address of the attempt
 * @param why the reason for its place in the order
 * @param started its start, counted from the start of the connect; zero when it was not started
 * @param ended its end, counted likewise; null when it was not started
 * @param outcome how it ended
 * @param error the error; null unless {@link Outcome#FAILED}
 * @param reason the text of the system, without address and time: {@code Connection refused}; null
 *     unless {@link Outcome#FAILED}
 */
public record ConnectAttempt(
    InetSocketAddress address,
    String why,
    Duration started,
    @Nullable Duration ended,
    Outcome outcome,
    @Nullable IOException error,
    @Nullable String reason) {

  /** How an attempt ended. */
  public enum Outcome {
    /** It became the connection. */
    WON,
    /** It was refused, unreachable, or failed otherwise. */
    FAILED,
    /** Another one won, or the caller gave up, during the attempt. */
    ABANDONED,
    /** Another one won, or the caller gave up, before its start. */
    NOT_STARTED
  }

  /**
   * For example {@code 192.0.2.1: failed, 251.0 ms to 281.0 ms, Connection refused (resolver's
   * order)}.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(AddressText.of(address.getAddress())).append(": ");
    text.append(outcome.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (ended != null) {
      text.append(", ").append(Durations.millis(started.toNanos()));
      text.append(" to ").append(Durations.millis(ended.toNanos()));
    }
    if (reason != null) {
      text.append(", ").append(reason);
    }
    return text.append(" (").append(why).append(")").toString();
  }
}
