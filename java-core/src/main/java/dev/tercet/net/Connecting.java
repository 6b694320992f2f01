package dev.tercet.net;

import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.Network;
import dev.tercet.dial.ConnectOptions;
import dev.tercet.internal.names.Lookup;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.internal.nio.ConnectLog;
import dev.tercet.internal.nio.LoopNetwork;
import dev.tercet.internal.nio.UnixConnect;
import dev.tercet.internal.nio.UnixSocketFile;
import dev.tercet.internal.task.Latch;
import dev.tercet.internal.task.Parking;
import dev.tercet.socket.SocketStream;
import dev.tercet.socket.StreamSocket;
import dev.tercet.task.CancelledException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The driver of a connect: waits, and does what {@link ConnectLog} says. */
final class Connecting {
  private Connecting() {}

  static NetworkProvider networkOf(@Nullable Network chosen) {
    return LoopNetwork.chosenOrDefault(chosen);
  }

  static List<InetAddress> lookup(Network network, String host)
      throws IOException, InterruptedException {
    Lookup lookup = Lookup.start(network.resolver(), host);
    Parking.await(lookup.answered());
    return lookup.result();
  }

  static SocketStream openTcpStream(String host, int port, ConnectOptions options)
      throws IOException, InterruptedException {
    ConnectLog log = new ConnectLog(host, port);
    Network network = networkOf(options.network());
    String localAddress = options.localAddress();
    List<InetAddress> targets = lookup(network, host);
    List<InetAddress> locals = localAddress == null ? null : lookup(network, localAddress);
    log.lookedUp(targets);
    for (InetSocketAddress target = log.next(); target != null; target = log.next()) {
      try {
        InetSocketAddress local = ConnectLog.localFor(locals, localAddress, target);
        SocketStream stream =
            connect(open(target, network), options.socketOptions(), local, target);
        log.won();
        return reported(stream, log.report(), options.onReport());
      } catch (IOException e) {
        log.failed(e);
      }
    }
    ConnectReport report = log.report();
    tell(report, options.onReport());
    throw new ConnectFailedException(report);
  }

  private static StreamSocket open(InetSocketAddress target, Network network) throws IOException {
    try {
      return StreamSocket.open(Addresses.family(target.getAddress()), network);
    } catch (UnsupportedOperationException e) {
      throw ConnectLog.familyMissing(target, e);
    }
  }

  static SocketStream openUnixSocket(Path path) throws IOException, InterruptedException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(UnixSocketFile.requireValid(path));
    UnixConnect retries = new UnixConnect();
    while (true) {
      try {
        return connect(StreamSocket.open(UnixConnect.FAMILY), Map.of(), null, address);
      } catch (IOException e) {
        Parking.await(new Latch(), retries.pauseNanosAfter(e));
      }
    }
  }

  private static SocketStream connect(
      StreamSocket socket,
      Map<SocketOption<?>, Object> options,
      @Nullable SocketAddress local,
      SocketAddress target)
      throws IOException, InterruptedException {
    boolean connected = false;
    try {
      for (Map.Entry<SocketOption<?>, Object> option : options.entrySet()) {
        set(socket, option.getKey(), option.getValue());
      }
      if (local != null) {
        socket.bind(local);
      }
      socket.connect(target);
      SocketStream stream = SocketStream.wrap(socket);
      connected = true;
      return stream;
    } finally {
      if (!connected) {
        // Waits: until it is through, a connect that was given up would still be sending (IO-HE14).
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

  @SuppressWarnings("unchecked")
  private static <T> void set(StreamSocket socket, SocketOption<?> option, Object value)
      throws IOException {
    // The pair was put in together, by a generic method.
    socket.setOption((SocketOption<T>) option, (T) value);
  }

  private static SocketStream reported(
      SocketStream stream, ConnectReport report, @Nullable Consumer<ConnectReport> onReport) {
    try {
      tell(report, onReport);
      return stream;
    } catch (RuntimeException | Error e) {
      stream.closeForcefully();
      throw e;
    }
  }

  private static void tell(ConnectReport report, @Nullable Consumer<ConnectReport> onReport) {
    if (onReport != null) {
      onReport.accept(report);
    }
  }
}
