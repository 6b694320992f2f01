package dev.tercet.blocking;

import dev.tercet.Network;
import dev.tercet.RankedAddress;
import dev.tercet.internal.connect.Connect;
import dev.tercet.internal.connect.DialPlan;
import dev.tercet.internal.names.Lookup;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.nio.ConnectErrors;
import dev.tercet.internal.nio.LoopNetwork;
import dev.tercet.internal.nio.UnixConnect;
import dev.tercet.internal.nio.UnixSocketFile;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Connects, on the calling thread: an operation for the {@link Driver}, and what the options say.
 * Kotlin's twin is {@code OpenTcpStream.kt}.
 */
final class Connecting {
  private Connecting() {}

  static NetworkProvider networkOf(@Nullable Network chosen) {
    return LoopNetwork.chosenOrDefault(chosen);
  }

  static SocketStream openTcpStream(String host, int port, ConnectOptions options)
      throws IOException, InterruptedException {
    DialPlan plan = plan(host, port, options);
    NetworkProvider network = networkOf(options.network());
    Parking.checkpoint();
    return run(
        Connect.tcp(network, plan, options.onReport(), connected -> stream(connected, network)));
  }

  /** The socket of an attempt that has won. */
  static SocketStream stream(NonBlockingSocket connected, NetworkProvider network) {
    return SocketStream.wrap(new StreamSocket(connected, network));
  }

  /** Drives a connect to its end. */
  static <R> R run(Connect<?, R> connect) throws IOException, InterruptedException {
    Driver.waiting().run(connect);
    return connect.result();
  }

  static List<RankedAddress> planConnect(String host, int port, ConnectOptions options)
      throws IOException, InterruptedException {
    DialPlan plan = plan(host, port, options);
    NetworkProvider network = networkOf(options.network());
    Parking.checkpoint();
    Lookup lookup = Naming.answered(network, plan.host());
    Lookup local = plan.localHost() == null ? null : Naming.answered(network, plan.localHost());
    return plan.rank(network, lookup, local);
  }

  static DialPlan plan(String host, int port, ConnectOptions options) {
    return DialPlan.of(
        host, port, options.settings(), options.localAddress(), options.socketOptions());
  }

  static SocketStream openUnixSocket(Path path) throws IOException, InterruptedException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(UnixSocketFile.requireValid(path));
    UnixConnect retries = new UnixConnect();
    while (true) {
      StreamSocket socket = openUnix(address);
      try {
        return connect(socket, address);
      } catch (IOException e) {
        Parking.await(new Latch(), retries.pauseNanosAfter(e));
      }
    }
  }

  private static StreamSocket openUnix(UnixDomainSocketAddress target) throws IOException {
    try {
      return StreamSocket.open(UnixConnect.FAMILY);
    } catch (IOException e) {
      throw ConnectErrors.withAddress(e, target);
    }
  }

  private static SocketStream connect(StreamSocket socket, UnixDomainSocketAddress target)
      throws IOException, InterruptedException {
    boolean connected = false;
    try {
      socket.connect(target);
      SocketStream stream = SocketStream.wrap(socket);
      connected = true;
      return stream;
    } finally {
      if (!connected) {
        close(socket);
      }
    }
  }

  private static void close(StreamSocket socket) {
    try {
      socket.close();
    } catch (CancelledException expired) {
      // What cut the connect short is on its way already.
    }
  }
}
