package dev.tercet;

import java.io.IOException;
import java.io.Serial;
import java.net.ConnectException;

/**
 * No address of a host could be connected to (spec IO-HE11). {@link #getSuppressed()} has exactly
 * one failure per address, in the order of the addresses, each naming its address; {@link
 * #report()} has the times.
 */
public final class ConnectFailedException extends ConnectException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient ConnectReport report;

  /**
   * Makes one from a report.
   *
   * @param report what was tried; the errors of its failed attempts become the suppressed ones
   */
  public ConnectFailedException(ConnectReport report) {
    super("all attempts to connect to " + hostPort(report.host(), report.port()) + " failed");
    this.report = report;
    for (ConnectAttempt attempt : report.attempts()) {
      IOException error = attempt.error();
      if (error != null) {
        addSuppressed(error);
      }
    }
  }

  /**
   * What was tried, when, and how it ended.
   *
   * @return the report; null in a deserialized copy
   */
  public ConnectReport report() {
    return report;
  }

  private static String hostPort(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
