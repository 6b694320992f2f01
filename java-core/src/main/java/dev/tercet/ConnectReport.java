package dev.tercet;

import dev.tercet.internal.text.Durations;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The course of a connect: the addresses, and the time and the result of each attempt. Its text is
 * a time line.
 *
 * @param host the requested name or literal
 * @param port the requested port
 * @param lookup the duration of the name lookup
 * @param attempts one per address, in the planned order
 * @param winner the address of the connection, null when there is none
 * @param total the duration of the whole connect
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
