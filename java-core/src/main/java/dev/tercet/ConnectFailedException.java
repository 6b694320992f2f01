package dev.tercet;

import java.io.IOException;
import java.io.Serial;
import java.net.ConnectException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Connecting has failed for every address of a host (spec IO-HE11). {@link #getSuppressed()} has
 * exactly one failure per address, in the order of the addresses, each naming its address; {@link
 * #report()} has the times.
 */
public final class ConnectFailedException extends ConnectException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient ConnectReport report;

  /**
   * Makes one from a report.
   *
   * @param report the attempts; the errors of its failed attempts become the suppressed ones
   */
  public ConnectFailedException(ConnectReport report) {
    super(text(report));
    this.report = report;
    for (ConnectAttempt attempt : report.attempts()) {
      IOException error = attempt.error();
      if (error != null) {
        addSuppressed(error);
      }
    }
  }

  /**
   * The attempts, their times and their results.
   *
   * @return the report; null in a deserialized copy
   */
  public ConnectReport report() {
    return report;
  }

  /** With the reason, if all have the same; else with the first one and how many there are. */
  private static String text(ConnectReport report) {
    String where = AddressText.hostPort(report.host(), report.port());
    List<String> reasons =
        report.attempts().stream().flatMap(attempt -> Stream.ofNullable(attempt.reason())).toList();
    if (reasons.stream().distinct().count() > 1) {
      return "all "
          + reasons.size()
          + " attempts to connect to "
          + where
          + " failed, the first one: "
          + reasons.get(0);
    }
    String failed = "all attempts to connect to " + where + " failed";
    return reasons.isEmpty() ? failed : failed + ": " + reasons.get(0);
  }
}
