package dev.tercet.dial;

import dev.tercet.ConnectReport;
import dev.tercet.Network;
import dev.tercet.internal.names.Host;
import java.net.SocketOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How to connect. Immutable. */
public final class ConnectOptions {
  /** Any local address, the shared loop's network, nobody is told. */
  public static final ConnectOptions DEFAULT = new ConnectOptions(null, null, null, Map.of());

  private final @Nullable String localAddress;
  private final @Nullable Network network;
  private final @Nullable Consumer<ConnectReport> onReport;
  private final Map<SocketOption<?>, Object> socketOptions;

  private ConnectOptions(
      @Nullable String localAddress,
      @Nullable Network network,
      @Nullable Consumer<ConnectReport> onReport,
      Map<SocketOption<?>, Object> socketOptions) {
    this.localAddress = localAddress;
    this.network = network;
    this.onReport = onReport;
    this.socketOptions = socketOptions;
  }

  /**
   * Connects from an address of this machine. Addresses of the other family then cannot be
   * connected to (spec IO-HE15).
   *
   * @param localAddress a name or an IP literal; null for any
   * @return a copy
   * @throws IllegalArgumentException when it is neither
   */
  public ConnectOptions withLocalAddress(@Nullable String localAddress) {
    if (localAddress != null) {
      Host.parse(localAddress);
    }
    return new ConnectOptions(localAddress, network, onReport, socketOptions);
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
    return new ConnectOptions(localAddress, network, onReport, Map.copyOf(more));
  }

  /**
   * Connects on a network of the caller's choice.
   *
   * @param network {@code EventLoop.network()} for instance; null for the shared loop's
   * @return a copy
   */
  public ConnectOptions withNetwork(@Nullable Network network) {
    return new ConnectOptions(localAddress, network, onReport, socketOptions);
  }

  /**
   * Tells somebody at the end who was tried, when, and how it ended, on success and on failure.
   *
   * @param onReport must not block; null for nobody
   * @return a copy
   */
  public ConnectOptions withOnReport(@Nullable Consumer<ConnectReport> onReport) {
    return new ConnectOptions(localAddress, network, onReport, socketOptions);
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
   * Who is told.
   *
   * @return null for nobody
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
    return "ConnectOptions(localAddress=" + localAddress + ", " + socketOptions + ")";
  }
}
