package dev.tercet.blocking;

import dev.tercet.Resource;
import dev.tercet.internal.connect.Connect;
import dev.tercet.internal.connect.DialPlan;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.serve.ServedBelow;
import dev.tercet.internal.tls.TlsSession;
import dev.tercet.internal.wait.Parking;
import dev.tercet.tls.RaceThrough;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * TLS over TCP. What can be wrong without a network is found before it is used: a client's session
 * is made before there is a connection, so that behind the connect there is nothing left that could
 * fail (spec TLS-Q5), and a server makes one session to see whether it could.
 *
 * <p>Kotlin's twin is {@code TlsOverTcp.kt}.
 */
final class TlsOverTcp {
  private static final byte[] NOTHING = {};

  /** What a server finds below the connections of its listeners. */
  static final ServedBelow SERVED_BELOW = new SocketBelow();

  private TlsOverTcp() {}

  static TlsStream<SocketStream> openStream(
      String host, int port, TlsConfig config, ConnectOptions options, RaceThrough raceThrough)
      throws IOException, InterruptedException {
    return switch (raceThrough) {
      case CONNECT -> openThroughConnect(host, port, config, options);
      case HANDSHAKE -> openThroughHandshake(host, port, config, options);
    };
  }

  private static TlsStream<SocketStream> openThroughConnect(
      String host, int port, TlsConfig config, ConnectOptions options)
      throws IOException, InterruptedException {
    TlsSession session = TlsSession.client(host, config, NOTHING);
    try {
      return stream(Connecting.openTcpStream(host, port, options), session);
    } catch (Throwable e) {
      session.release();
      throw e;
    }
  }

  private static TlsStream<SocketStream> openThroughHandshake(
      String host, int port, TlsConfig config, ConnectOptions options)
      throws IOException, InterruptedException {
    // Only to see whether it can be made. The attempts have each their own.
    TlsSession.client(host, config, NOTHING).release();
    DialPlan plan = Connecting.plan(host, port, options);
    NetworkProvider network = Connecting.networkOf(options.network());
    Parking.checkpoint();
    return Connecting.run(
        Connect.tls(
            network,
            plan,
            host,
            config,
            Runnable::run,
            options.onReport(),
            won -> stream(Connecting.stream(won.socket(), network), won.session())));
  }

  private static TlsStream<SocketStream> stream(SocketStream connected, TlsSession session) {
    return new TlsStream<>(connected, session, null);
  }

  static List<TlsListener<SocketStream>> openListeners(
      int port, TlsServerConfig config, ListenOptions options)
      throws IOException, InterruptedException {
    // The engine of a connection is made in accept, where its failure would stop the server.
    TlsSession.server(config, NOTHING).release();
    return openListeners(port, options, listener -> TlsListener.wrap(listener, config));
  }

  static List<TlsListener<SocketStream>> openListeners(
      int port, Chooser chooser, ListenOptions options) throws IOException, InterruptedException {
    Objects.requireNonNull(chooser, "chooser");
    return openListeners(port, options, listener -> TlsListener.wrapChoosing(listener, chooser));
  }

  private static List<TlsListener<SocketStream>> openListeners(
      int port, ListenOptions options, Function<SocketListener, TlsListener<SocketStream>> wrapper)
      throws IOException, InterruptedException {
    return Listening.openTcpListeners(port, options).stream().map(wrapper).toList();
  }

  /** The socket at the bottom of a connection that nobody has used yet; null when there is none. */
  private static @Nullable SocketStream socketOf(Resource connection) {
    Resource below = connection;
    while (below instanceof TlsStream<?> tls) {
      below = tls.transportStream();
    }
    return below instanceof SocketStream socket ? socket : null;
  }

  /** Whether {@link #socketOf} finds a socket in what it accepts. */
  private static boolean hasSockets(Listener<?> listener) {
    Listener<?> below = listener;
    while (below instanceof TlsListener<?> tls) {
      below = tls.transportListener();
    }
    return below instanceof SocketListener;
  }

  private static final class SocketBelow implements ServedBelow {
    @Override
    public boolean countsBytes(Object listener) {
      return hasSockets((Listener<?>) listener);
    }

    @Override
    public @Nullable LongSupplier bytesOf(Resource connection) {
      SocketStream socket = socketOf(connection);
      return socket == null ? null : () -> socket.bytesReceived() + socket.bytesSent();
    }

    @Override
    public @Nullable SocketAddress peerOf(Resource connection) {
      SocketStream socket = socketOf(connection);
      return socket == null ? null : socket.remoteAddress();
    }
  }
}
