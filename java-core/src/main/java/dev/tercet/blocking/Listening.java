package dev.tercet.blocking;

import dev.tercet.Network;
import dev.tercet.internal.names.Lookups;
import dev.tercet.internal.net.NonBlockingListener;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.internal.nio.ConnectErrors;
import dev.tercet.internal.nio.ListenPlan;
import dev.tercet.internal.nio.UnixConnect;
import dev.tercet.internal.nio.UnixSocketFile;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The driver of a listen: resolves, and does what {@link ListenPlan} says. */
final class Listening {
  private Listening() {}

  static List<SocketListener> openTcpListeners(int port, ListenOptions options)
      throws IOException, InterruptedException {
    Addresses.requireLocalPort(port);
    Parking.checkpoint();
    Network network = Connecting.networkOf(options.network());
    String host = options.host();
    List<InetAddress> addresses = host == null ? null : Lookups.lookup(network, host);
    return ListenPlan.open(
        addresses,
        port,
        (family, local) -> open(network, family, local, options),
        SocketListener::closeForcefully);
  }

  static SocketListener openUnixListener(Path path, ListenOptions options) throws IOException {
    SocketAddress address = UnixDomainSocketAddress.of(UnixSocketFile.requireValid(path));
    try {
      return open(Connecting.networkOf(options.network()), UnixConnect.FAMILY, address, options);
    } catch (IOException e) {
      throw ConnectErrors.cannot("listen on", address, e);
    }
  }

  private static SocketListener open(
      Network network, ProtocolFamily family, SocketAddress local, ListenOptions options)
      throws IOException {
    Integer backlog = options.backlog();
    ListenerSocket socket = ListenerSocket.open(family, network);
    boolean listening = false;
    try {
      for (Map.Entry<SocketOption<?>, Object> option : options.socketOptions().entrySet()) {
        set(socket, option.getKey(), option.getValue());
      }
      socket.bind(local, backlog == null ? NonBlockingListener.DEFAULT_BACKLOG : backlog);
      listening = true;
      return SocketListener.wrap(socket);
    } finally {
      if (!listening) {
        socket.closeForcefully();
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> void set(ListenerSocket socket, SocketOption<?> option, Object value)
      throws IOException {
    // The pair was put in together, by a generic method.
    socket.setOption((SocketOption<T>) option, (T) value);
  }
}
