package dev.tercet.testing.simulation;

import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Options that are remembered and have no effect. */
final class SocketOptions {
  private static final Map<SocketOption<?>, Object> STREAM =
      Map.of(
          StandardSocketOptions.TCP_NODELAY, true, // as Tercet sets it on every connection
          StandardSocketOptions.SO_KEEPALIVE, false,
          StandardSocketOptions.SO_REUSEADDR, true,
          StandardSocketOptions.SO_LINGER, -1,
          StandardSocketOptions.SO_SNDBUF, 65_536,
          StandardSocketOptions.SO_RCVBUF, 65_536,
          StandardSocketOptions.IP_TOS, 0);

  private static final Map<SocketOption<?>, Object> LISTENER =
      Map.of(StandardSocketOptions.SO_REUSEADDR, true, StandardSocketOptions.SO_RCVBUF, 65_536);

  private final Map<SocketOption<?>, Object> values;

  private SocketOptions(Map<SocketOption<?>, Object> defaults) {
    values = new ConcurrentHashMap<>(defaults);
  }

  static SocketOptions ofStream() {
    return new SocketOptions(STREAM);
  }

  static SocketOptions ofListener() {
    return new SocketOptions(LISTENER);
  }

  /** A datagram socket has none (KIT-F12). */
  static SocketOptions none() {
    return new SocketOptions(Map.of());
  }

  <T> @Nullable T get(SocketOption<T> option) {
    return option.type().cast(known(option));
  }

  <T> void set(SocketOption<T> option, T value) {
    Object unused = known(option);
    values.put(option, option.type().cast(value));
  }

  private Object known(SocketOption<?> option) {
    Object value = values.get(option);
    if (value == null) {
      throw new UnsupportedOperationException(
          "'" + option.name() + "' is not an option of this kind of simulated socket");
    }
    return value;
  }
}
