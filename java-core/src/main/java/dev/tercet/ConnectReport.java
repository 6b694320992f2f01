package dev.tercet;

import dev.tercet.internal.text.Durations;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a connect went: which addresses were tried, when, and how each attempt ended. Its text form
 * is a time line.
 *
 * @param host the name or literal that was asked for
 * @param port the port that was asked for
 * @param lookup how long the name lookup took
 * @param attempts one per address, in the order in which they were to be tried
 * @param winner the address of the connection, null when there is none
 * @param total how long it all took
 */
public record ConnectReport(
    String host,
    int port,
    Duration lookup,
    List<ConnectAttempt> attempts,
    @Nullable InetSocketAddress winner,
    Duration total) {

  /**
   * Makes a report.
   *
   * @throws NullPointerException when an attempt is null
   */
  public ConnectReport {
    attempts = List.copyOf(attempts);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("connect to ").append(host).append(" port ").append(port);
    text.append(
        winner == null ? ": failed" : ": connected to " + AddressText.of(winner.getAddress()));
    text.append(" after ")
        .append(Durations.millis(total.toNanos()))
        .append(" (lookup ")
        .append(Durations.millis(lookup.toNanos()));
    text.append(")");
    for (ConnectAttempt attempt : attempts) {
      text.append("\n  ").append(attempt);
    }
    return text.toString();
  }
}
