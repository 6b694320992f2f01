package dev.tercet.internal.connect;

import dev.tercet.RankedAddress;
import dev.tercet.internal.names.Host;
import dev.tercet.internal.names.Lookup;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.internal.text.Durations;
import dev.tercet.proto.connect.ConnectRace;
import dev.tercet.proto.connect.RaceSettings;
import java.io.IOException;
import java.net.SocketOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a connect was asked for, checked before anything is done (spec IO-HE1, IO-HE2).
 *
 * @param host where to
 * @param port 1 to 65535
 * @param settings the numbers of the race
 * @param localHost where from; null for anywhere
 * @param socketOptions set before connecting
 */
public record DialPlan(
    Host host,
    int port,
    RaceSettings settings,
    @Nullable Host localHost,
    Map<SocketOption<?>, Object> socketOptions) {

  /** Longer than any machine runs; sums of two still fit. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /**
   * Makes a plan.
   *
   * @param host a name or an IP literal, IPv6 without brackets
   * @param port 1 to 65535
   * @param localAddress a name or an IP literal; null for any
   * @param socketOptions options to values of their types
   * @throws IllegalArgumentException when something is wrong
   */
  public static DialPlan of(
      String host,
      int port,
      RaceSettings settings,
      @Nullable String localAddress,
      Map<SocketOption<?>, Object> socketOptions) {
    Host parsed = Host.parse(host);
    Addresses.requireRemotePort(port);
    return new DialPlan(
        parsed,
        port,
        settings,
        localAddress == null ? null : Host.parse(localAddress),
        socketOptions);
  }

  /**
   * The order in which a race would try the addresses of the host.
   *
   * @param answered the answered lookup of the host
   * @param localAnswered the answered lookup of the local host; null when there is none
   * @return at least one address
   * @throws IOException when a lookup has failed
   */
  public List<RankedAddress> rank(
      NetworkProvider network, Lookup answered, @Nullable Lookup localAnswered) throws IOException {
    Sources sources =
        localAnswered == null || localHost == null
            ? new Sources(network, null, null)
            : new Sources(network, localHost.text(), localAnswered.result());
    return sources.plan(answered.result(), port, settings.firstFamilyCount());
  }

  /**
   * Checks the delay between attempts.
   *
   * @param delay 0 or more; null for one attempt at a time
   * @return in nanoseconds, {@link ConnectRace#NEVER} for null
   * @throws IllegalArgumentException when it is negative
   */
  public static long requireAttemptDelay(@Nullable Duration delay) {
    return delay == null ? ConnectRace.NEVER : require("happyEyeballsDelay", delay);
  }

  /**
   * Checks the time that IPv4 addresses wait for the IPv6 answer.
   *
   * @param delay 0 or more
   * @return in nanoseconds
   * @throws IllegalArgumentException when it is negative
   */
  public static long requireResolutionDelay(Duration delay) {
    return require("resolutionDelay", delay);
  }

  private static long require(String name, Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException(
          name + " must not be negative, but is " + Durations.text(delay));
    }
    return (delay.compareTo(LONGEST) > 0 ? LONGEST : delay).toNanos();
  }
}
