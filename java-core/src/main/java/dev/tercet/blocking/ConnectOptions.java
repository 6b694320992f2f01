package dev.tercet.blocking;

import dev.tercet.ConnectReport;
import dev.tercet.Network;
import dev.tercet.internal.connect.DialPlan;
import dev.tercet.internal.names.Host;
import dev.tercet.internal.text.Durations;
import dev.tercet.proto.connect.RaceSettings;
import java.net.SocketOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a connect. Immutable. */
public final class ConnectOptions {
  /**
   * A race with 250 ms between attempts, from any local address, on the shared loop's network,
   * without a report.
   */
  public static final ConnectOptions DEFAULT =
      new ConnectOptions(
          Duration.ofNanos(RaceSettings.DEFAULT_ATTEMPT_DELAY_NANOS),
          Duration.ofNanos(RaceSettings.DEFAULT_RESOLUTION_DELAY_NANOS),
          1,
          null,
          null,
          null,
          Map.of());

  private final @Nullable Duration happyEyeballsDelay;
  private final Duration resolutionDelay;
  private final int firstAddressFamilyCount;
  private final @Nullable String localAddress;
  private final @Nullable Network network;
  private final @Nullable Consumer<ConnectReport> onReport;
  private final Map<SocketOption<?>, Object> socketOptions;

  private ConnectOptions(
      @Nullable Duration happyEyeballsDelay,
      Duration resolutionDelay,
      int firstAddressFamilyCount,
      @Nullable String localAddress,
      @Nullable Network network,
      @Nullable Consumer<ConnectReport> onReport,
      Map<SocketOption<?>, Object> socketOptions) {
    this.happyEyeballsDelay = happyEyeballsDelay;
    this.resolutionDelay = resolutionDelay;
    this.firstAddressFamilyCount = firstAddressFamilyCount;
    this.localAddress = localAddress;
    this.network = network;
    this.onReport = onReport;
    this.socketOptions = socketOptions;
  }

  /**
   * Sets the time after which the next attempt starts in parallel. When an attempt fails earlier,
   * the next one starts at once (spec IO-HE5, IO-HE6).
   *
   * @param happyEyeballsDelay 0 or more, 0 for all at once; null for one attempt at a time
   * @return a copy
   * @throws IllegalArgumentException when it is negative
   */
  public ConnectOptions withHappyEyeballsDelay(@Nullable Duration happyEyeballsDelay) {
    DialPlan.requireAttemptDelay(happyEyeballsDelay);
    return new ConnectOptions(
        happyEyeballsDelay,
        resolutionDelay,
        firstAddressFamilyCount,
        localAddress,
        network,
        onReport,
        socketOptions);
  }

  /**
   * Sets how long IPv4 addresses wait for the IPv6 answer, when the resolver answers per family
   * (spec IO-HV1).
   *
   * @param resolutionDelay 0 or more
   * @return a copy
   * @throws IllegalArgumentException when it is negative
   */
  public ConnectOptions withResolutionDelay(Duration resolutionDelay) {
    DialPlan.requireResolutionDelay(resolutionDelay);
    return new ConnectOptions(
        happyEyeballsDelay,
        resolutionDelay,
        firstAddressFamilyCount,
        localAddress,
        network,
        onReport,
        socketOptions);
  }

  /**
   * Sets how many addresses of the preferred family are tried before the first of the other one
   * (spec IO-HV5).
   *
   * @param firstAddressFamilyCount 1 or more
   * @return a copy
   * @throws IllegalArgumentException when it is less
   */
  public ConnectOptions withFirstAddressFamilyCount(int firstAddressFamilyCount) {
    if (firstAddressFamilyCount < 1) {
      throw new IllegalArgumentException(
          "firstAddressFamilyCount must be at least 1, not " + firstAddressFamilyCount);
    }
    return new ConnectOptions(
        happyEyeballsDelay,
        resolutionDelay,
        firstAddressFamilyCount,
        localAddress,
        network,
        onReport,
        socketOptions);
  }

  /**
   * Connects from an address of this machine. Addresses of the other family are then unreachable
   * (spec IO-HE15).
   *
   * @param localAddress a name or an IP literal; null for any
   * @return a copy
   * @throws IllegalArgumentException when it is neither
   */
  public ConnectOptions withLocalAddress(@Nullable String localAddress) {
    if (localAddress != null) {
      Host.parse(localAddress);
    }
    return new ConnectOptions(
        happyEyeballsDelay,
        resolutionDelay,
        firstAddressFamilyCount,
        localAddress,
        network,
        onReport,
        socketOptions);
  }

  /**
   * Sets a socket option before connecting.
   *
   * @param option which
   * @param value its value
   * @param <T> its type
   * @return a copy
   */
  public <T> ConnectOptions withSocketOption(SocketOption<T> option, T value) {
    Map<SocketOption<?>, Object> more = new LinkedHashMap<>(socketOptions);
    more.put(option, value);
    return new ConnectOptions(
        happyEyeballsDelay,
        resolutionDelay,
        firstAddressFamilyCount,
        localAddress,
        network,
        onReport,
        Map.copyOf(more));
  }

  /**
   * Connects on a network of the caller's choice.
   *
   * @param network {@code EventLoop.network()} for example; null for the shared loop's
   * @return a copy
   */
  public ConnectOptions withNetwork(@Nullable Network network) {
    return new ConnectOptions(
        happyEyeballsDelay,
        resolutionDelay,
        firstAddressFamilyCount,
        localAddress,
        network,
        onReport,
        socketOptions);
  }

  /**
   * Sets a consumer that gets the report of all attempts at the end: on success, on failure, and
   * when the connect was cancelled.
   *
   * @param onReport must not block; null for none
   * @return a copy
   */
  public ConnectOptions withOnReport(@Nullable Consumer<ConnectReport> onReport) {
    return new ConnectOptions(
        happyEyeballsDelay,
        resolutionDelay,
        firstAddressFamilyCount,
        localAddress,
        network,
        onReport,
        socketOptions);
  }

  /**
   * The time between attempts.
   *
   * @return null for one attempt at a time
   */
  public @Nullable Duration happyEyeballsDelay() {
    return happyEyeballsDelay;
  }

  /**
   * How long IPv4 addresses wait for the IPv6 answer.
   *
   * @return 0 or more
   */
  public Duration resolutionDelay() {
    return resolutionDelay;
  }

  /**
   * How many addresses of the preferred family come first.
   *
   * @return 1 or more
   */
  public int firstAddressFamilyCount() {
    return firstAddressFamilyCount;
  }

  /**
   * The address to connect from.
   *
   * @return null for any
   */
  public @Nullable String localAddress() {
    return localAddress;
  }

  /**
   * The network.
   *
   * @return null for the shared loop's
   */
  public @Nullable Network network() {
    return network;
  }

  /**
   * The consumer of the report.
   *
   * @return null for none
   */
  public @Nullable Consumer<ConnectReport> onReport() {
    return onReport;
  }

  /**
   * The socket options.
   *
   * @return an immutable map of options to values of their types
   */
  public Map<SocketOption<?>, Object> socketOptions() {
    return socketOptions;
  }

  @Override
  public String toString() {
    return "ConnectOptions(happyEyeballsDelay="
        + (happyEyeballsDelay == null ? "none" : Durations.text(happyEyeballsDelay))
        + ", localAddress="
        + localAddress
        + ", "
        + socketOptions
        + ")";
  }
}
