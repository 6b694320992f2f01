package dev.tercet.blocking;

import dev.tercet.Network;
import dev.tercet.internal.names.Host;
import dev.tercet.internal.net.NonBlockingListener;
import java.net.SocketOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The options of a listener. Immutable. */
public final class ListenOptions {
  /** All addresses of this machine, the largest backlog, the shared loop's network. */
  public static final ListenOptions DEFAULT = new ListenOptions(null, null, null, Map.of());

  private final @Nullable String host;
  private final @Nullable Integer backlog;
  private final @Nullable Network network;
  private final Map<SocketOption<?>, Object> socketOptions;

  private ListenOptions(
      @Nullable String host,
      @Nullable Integer backlog,
      @Nullable Network network,
      Map<SocketOption<?>, Object> socketOptions) {
    this.host = host;
    this.backlog = backlog;
    this.network = network;
    this.socketOptions = socketOptions;
  }

  /**
   * Listens on the addresses of a host only.
   *
   * @param host a name or an IP literal; null for all addresses of this machine
   * @return a copy
   * @throws IllegalArgumentException when it is neither
   */
  public ListenOptions withHost(@Nullable String host) {
    if (host != null) {
      Host.parse(host);
    }
    return new ListenOptions(host, backlog, network, socketOptions);
  }

  /**
   * Limits how many connections the kernel queues.
   *
   * @param backlog 1 or more; null for the kernel's limit
   * @return a copy
   * @throws IllegalArgumentException when it is below 1
   */
  public ListenOptions withBacklog(@Nullable Integer backlog) {
    if (backlog != null) {
      NonBlockingListener.requireBacklog(backlog);
    }
    return new ListenOptions(host, backlog, network, socketOptions);
  }

  /**
   * Sets a socket option on each listening socket before it is bound (spec IO-TL10).
   *
   * @param option which
   * @param value its value
   * @param <T> its type
   * @return a copy
   */
  public <T> ListenOptions withSocketOption(SocketOption<T> option, T value) {
    Map<SocketOption<?>, Object> more = new LinkedHashMap<>(socketOptions);
    more.put(option, value);
    return new ListenOptions(host, backlog, network, Map.copyOf(more));
  }

  /**
   * Listens on a network of the caller's choice.
   *
   * @param network {@code EventLoop.network()} for example; null for the shared loop's
   * @return a copy
   */
  public ListenOptions withNetwork(@Nullable Network network) {
    return new ListenOptions(host, backlog, network, socketOptions);
  }

  /**
   * The host to listen on.
   *
   * @return null for all addresses of this machine
   */
  public @Nullable String host() {
    return host;
  }

  /**
   * The backlog.
   *
   * @return null for the kernel's limit
   */
  public @Nullable Integer backlog() {
    return backlog;
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
   * The socket options.
   *
   * @return an immutable map of options to values of their types
   */
  public Map<SocketOption<?>, Object> socketOptions() {
    return socketOptions;
  }

  @Override
  public String toString() {
    return "ListenOptions(host=" + host + ", backlog=" + backlog + ", " + socketOptions + ")";
  }
}
