package dev.tercet.blocking;

import dev.tercet.ConnectReport;
import dev.tercet.Network;
import dev.tercet.internal.connect.DialPlan;
import dev.tercet.internal.names.Host;
import dev.tercet.internal.text.Durations;
import dev.tercet.proto.connect.ConnectRace;
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
      new ConnectOptions(RaceSettings.DEFAULT, null, null, null, Map.of());

  private final RaceSettings settings;
  private final @Nullable String localAddress;
  private final @Nullable Network network;
  private final @Nullable Consumer<ConnectReport> onReport;
  private final Map<SocketOption<?>, Object> socketOptions;

  private ConnectOptions(
      RaceSettings settings,
      @Nullable String localAddress,
      @Nullable Network network,
      @Nullable Consumer<ConnectReport> onReport,
      Map<SocketOption<?>, Object> socketOptions) {
    this.settings = settings;
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
    return new ConnectOptions(
        settings.withAttemptDelayNanos(DialPlan.requireAttemptDelay(happyEyeballsDelay)),
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
    return new ConnectOptions(
        settings.withResolutionDelayNanos(DialPlan.requireResolutionDelay(resolutionDelay)),
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
    return new ConnectOptions(
        settings.withFirstFamilyCount(firstAddressFamilyCount),
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
    return new ConnectOptions(settings, localAddress, network, onReport, socketOptions);
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
    return new ConnectOptions(settings, localAddress, network, onReport, Map.copyOf(more));
  }

  /**
   * Connects on a network of the caller's choice.
   *
   * @param network {@code EventLoop.network()} for example; null for the shared loop's
   * @return a copy
   */
  public ConnectOptions withNetwork(@Nullable Network network) {
    return new ConnectOptions(settings, localAddress, network, onReport, socketOptions);
  }

  /**
   * Sets a consumer that gets the report of all attempts at the end: on success, on failure, and
   * when the connect was cancelled.
   *
   * @param onReport must not block; null for none
   * @return a copy
   */
  public ConnectOptions withOnReport(@Nullable Consumer<ConnectReport> onReport) {
    return new ConnectOptions(settings, localAddress, network, onReport, socketOptions);
  }

  /** The numbers of the race. */
  RaceSettings settings() {
    return settings;
  }

  /**
   * The time between attempts.
   *
   * @return null for one attempt at a time
   */
  public @Nullable Duration happyEyeballsDelay() {
    long nanos = settings.attemptDelayNanos();
    return nanos == ConnectRace.NEVER ? null : Duration.ofNanos(nanos);
  }

  /**
   * How long IPv4 addresses wait for the IPv6 answer.
   *
   * @return 0 or more
   */
  public Duration resolutionDelay() {
    return Duration.ofNanos(settings.resolutionDelayNanos());
  }

  /**
   * How many addresses of the preferred family come first.
   *
   * @return 1 or more
   */
  public int firstAddressFamilyCount() {
    return settings.firstFamilyCount();
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
    Duration delay = happyEyeballsDelay();
    return "ConnectOptions(happyEyeballsDelay="
        + (delay == null ? "none" : Durations.text(delay))
        + ", localAddress="
        + localAddress
        + ", "
        + socketOptions
        + ")";
  }
}
