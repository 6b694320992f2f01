package dev.tercet.blocking;

import dev.tercet.NameInfo;
import dev.tercet.Network;
import dev.tercet.PosixSignal;
import dev.tercet.RankedAddress;
import dev.tercet.RelayReport;
import dev.tercet.Resource;
import dev.tercet.ServeReport;
import dev.tercet.StopSignal;
import dev.tercet.TaskStatus;
import dev.tercet.internal.signal.SignalRegistry;
import dev.tercet.tls.RaceThrough;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entry points of the blocking API.
 *
 * <p><i>Errors:</i> wrong arguments are {@link IllegalArgumentException}s, before anything is done;
 * on an event loop's thread every function that waits throws {@link IllegalStateException}.
 *
 * <p><i>Thread-safety:</i> any thread, platform or virtual.
 */
public final class Net {
  private Net() {}

  /**
   * Looks up a host, on the shared loop's network, or that of the simulation that the calling
   * thread is in; see {@link #getaddrinfo(String, int, Network)}.
   *
   * @param host a name or an IP literal, IPv6 without brackets; null or empty for this machine
   * @param port 0 to 65535
   * @return at least one address, none twice
   * @throws IOException when the host has none, or no resolver answered
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static List<InetSocketAddress> getaddrinfo(@Nullable String host, int port)
      throws IOException, InterruptedException {
    return getaddrinfo(host, port, Connecting.networkOf(null));
  }

  /**
   * Looks up a host: the addresses of a name, in the resolver's order. A literal is only parsed
   * (spec IO-K7, IO-K8). For low-level sockets; all other functions take names.
   *
   * <p>A non-ASCII name is looked up by its A-labels. A name that IDNA 2003 and IDNA 2008 map to
   * different hosts is refused.
   *
   * <p><i>Errors:</i> {@link java.net.UnknownHostException} when the name has no addresses; {@link
   * IllegalArgumentException} for what is neither a name nor a literal, "127.1" and "[::1]" for
   * instance, and for the port, before any lookup.
   *
   * <p><i>Interruption:</i> at once; the answer is ignored.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name or an IP literal, IPv6 without brackets; null or empty for this machine, ::1
   *     and 127.0.0.1
   * @param port 0 to 65535
   * @param network whose resolver is asked
   * @return at least one address, none twice
   * @throws IOException when the host has none, or no resolver answered
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static List<InetSocketAddress> getaddrinfo(
      @Nullable String host, int port, Network network) throws IOException, InterruptedException {
    return Naming.getaddrinfo(host, port, network);
  }

  /**
   * Finds the names of an address, on the shared loop's network, or that of the simulation that the
   * calling thread is in; see {@link #getnameinfo(InetSocketAddress, Network)}.
   *
   * @param address resolved
   * @return the names
   * @throws IOException when no resolver answered
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static NameInfo getnameinfo(InetSocketAddress address)
      throws IOException, InterruptedException {
    return getnameinfo(address, Connecting.networkOf(null));
  }

  /**
   * Finds the names of an address: the host by a reverse lookup, the service in {@code
   * /etc/services}. What has no name is given as text (spec IO-K10). A name proves nothing: the
   * system's resolver checks that it has the address, other resolvers may not.
   *
   * <p><i>Errors:</i> what the resolver fails with; {@link IllegalArgumentException} for an
   * unresolved address.
   *
   * <p><i>Interruption:</i> at once; the answer is ignored.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param address resolved
   * @param network whose resolver is asked
   * @return the names
   * @throws IOException when no resolver answered
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static NameInfo getnameinfo(InetSocketAddress address, Network network)
      throws IOException, InterruptedException {
    return Naming.getnameinfo(address, network);
  }

  /**
   * Looks up the number of a protocol above IP: tcp is 6 and udp is 17 (spec IO-K11). It is read
   * from {@code /etc/protocols} and from a built-in table of common ones.
   *
   * <p><i>Errors:</i> an {@link IOException} when there is no such protocol; {@link
   * IllegalArgumentException} for an empty name or one with spaces.
   *
   * <p><i>Interruption:</i> no effect.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param name in the case of the table; aliases are known too
   * @return its number
   * @throws IOException when there is none
   * @throws InterruptedException when interrupted before or while the table is read
   */
  public static int getprotobyname(String name) throws IOException, InterruptedException {
    return Naming.getprotobyname(name);
  }

  /**
   * Connects to a host, with the default options; see {@link #openTcpStream(String, int,
   * ConnectOptions)}.
   *
   * @param host a name or an IP literal, IPv6 without brackets
   * @param port 1 to 65535
   * @return the connection; the caller closes it
   * @throws IOException when it cannot be connected
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static SocketStream openTcpStream(String host, int port)
      throws IOException, InterruptedException {
    return openTcpStream(host, port, ConnectOptions.DEFAULT);
  }

  /**
   * Connects to a host: a race between its addresses, "happy eyeballs" (RFC 8305). The addresses
   * are ranked by RFC 6724, with the first one of the other family in second place. When an attempt
   * has not succeeded after 250 ms, the next one starts beside it; when it fails, at once. The
   * first that connects is the connection, and all others are closed before this returns.
   *
   * <p><i>Errors:</i> {@link dev.tercet.ConnectFailedException} when no address could be connected
   * to, with one suppressed failure per address, in the order of the attempts; {@link
   * java.net.UnknownHostException} when the host has none; what the resolver fails with; {@link
   * IllegalArgumentException} for a host that is neither a name nor a literal, and for the port,
   * before anything is done.
   *
   * <p><i>Interruption:</i> no connection is left, and none under way: when this has thrown,
   * nothing more is sent (spec IO-HE14). A connection that is there already is returned.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name or an IP literal, IPv6 without brackets
   * @param port 1 to 65535
   * @param options how
   * @return the connection; the caller closes it
   * @throws IOException when it cannot be connected
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static SocketStream openTcpStream(String host, int port, ConnectOptions options)
      throws IOException, InterruptedException {
    return Connecting.openTcpStream(host, port, options);
  }

  /**
   * Connects to a host and wraps the connection in TLS, with the default configuration; see {@link
   * #openTlsOverTcpStream(String, int, TlsConfig, ConnectOptions)}.
   *
   * @param host a name or an IP literal, IPv6 without brackets; also who the server has to be
   * @param port 1 to 65535
   * @return the stream, whose handshake is still to come; the caller closes it
   * @throws IOException when it cannot be connected
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static TlsStream<SocketStream> openTlsOverTcpStream(String host, int port)
      throws IOException, InterruptedException {
    return openTlsOverTcpStream(host, port, TlsConfig.DEFAULT);
  }

  /**
   * Connects to a host and wraps the connection in TLS, with the default way of connecting; see
   * {@link #openTlsOverTcpStream(String, int, TlsConfig, ConnectOptions)}.
   *
   * @param host a name or an IP literal, IPv6 without brackets; also who the server has to be
   * @param port 1 to 65535
   * @param config how to speak TLS
   * @return the stream, whose handshake is still to come; the caller closes it
   * @throws IOException when it cannot be connected
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static TlsStream<SocketStream> openTlsOverTcpStream(
      String host, int port, TlsConfig config) throws IOException, InterruptedException {
    return openTlsOverTcpStream(host, port, config, ConnectOptions.DEFAULT);
  }

  /**
   * Connects to a host, as {@link #openTcpStream(String, int, ConnectOptions)} does, and wraps the
   * connection in TLS as a client. The server has to prove that it is {@code host}, whatever
   * address it was found at (spec TLS-Q3).
   *
   * <p>The handshake is not done yet (spec TLS-Q1): the first operation on the stream does it, or
   * {@link TlsStream#doHandshake}, and verifies the server.
   *
   * <p><i>Errors:</i> as openTcpStream's; {@link IllegalArgumentException} also for a host that
   * cannot be a server's name, and for a configuration that no engine can follow, before anything
   * is done.
   *
   * <p><i>Interruption:</i> as openTcpStream's: no connection is left.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name or an IP literal, IPv6 without brackets; also who the server has to be
   * @param port 1 to 65535
   * @param config how to speak TLS
   * @param options how to connect
   * @return the stream; the caller closes it
   * @throws IOException when it cannot be connected
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static TlsStream<SocketStream> openTlsOverTcpStream(
      String host, int port, TlsConfig config, ConnectOptions options)
      throws IOException, InterruptedException {
    return openTlsOverTcpStream(host, port, config, options, RaceThrough.CONNECT);
  }

  /**
   * Connects to a host, as {@link #openTlsOverTcpStream(String, int, TlsConfig, ConnectOptions)}
   * does, with a choice of what wins the race between the host's addresses (spec IO-HV12).
   *
   * <p>With {@link RaceThrough#HANDSHAKE} the stream that is returned is past its handshake. An
   * address whose handshake or verification fails counts as one that cannot be connected to. When
   * none is left, the failures are in the {@code ConnectFailedException}. The next address gets its
   * turn when the delay is over, whether this one is connected by then or not. A limit of the
   * handshake in the configuration counts for each attempt.
   *
   * <p><i>Errors:</i> as openTcpStream's; {@link IllegalArgumentException} also for a host that
   * cannot be a server's name, and for a configuration that no engine can follow, before anything
   * is done.
   *
   * <p><i>Interruption:</i> as openTcpStream's: no connection is left.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name or an IP literal, IPv6 without brackets; also who the server has to be
   * @param port 1 to 65535
   * @param config how to speak TLS
   * @param options how to connect
   * @param raceThrough when an attempt has won
   * @return the stream; the caller closes it
   * @throws IOException when it cannot be connected
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static TlsStream<SocketStream> openTlsOverTcpStream(
      String host, int port, TlsConfig config, ConnectOptions options, RaceThrough raceThrough)
      throws IOException, InterruptedException {
    return TlsOverTcp.openStream(host, port, config, options, raceThrough);
  }

  /**
   * Ranks the addresses of a host as {@link #openTcpStream(String, int)} would try them; see {@link
   * #planConnect(String, int, ConnectOptions)}.
   *
   * @param host a name or an IP literal, IPv6 without brackets
   * @param port 1 to 65535
   * @return at least one address
   * @throws IOException when the host has none, or no resolver answered
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static List<RankedAddress> planConnect(String host, int port)
      throws IOException, InterruptedException {
    return planConnect(host, port, ConnectOptions.DEFAULT);
  }

  /**
   * Ranks the addresses of a host as {@link #openTcpStream(String, int, ConnectOptions)} would try
   * them when all are known, each with the reason (spec IO-HV4). Looks up the host, and sends
   * nothing else.
   *
   * <p><i>Errors:</i> as openTcpStream's, but for those of connecting.
   *
   * <p><i>Interruption:</i> at once; the answer is ignored.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name or an IP literal, IPv6 without brackets
   * @param port 1 to 65535
   * @param options how one would connect; the local address counts
   * @return at least one address
   * @throws IOException when the host has none, or no resolver answered
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static List<RankedAddress> planConnect(String host, int port, ConnectOptions options)
      throws IOException, InterruptedException {
    return Connecting.planConnect(host, port, options);
  }

  /**
   * Connects to a Unix socket. While the listener's queue is full, which Linux reports instead of
   * waiting, this tries again until it is interrupted (spec IO-U3).
   *
   * <p><i>Errors:</i> {@link java.nio.file.NoSuchFileException} when nothing is there; {@link
   * java.net.ConnectException} when nobody listens, or it is no socket; {@link
   * IllegalArgumentException} for a path that is empty or too long for a socket; {@link
   * UnsupportedOperationException} where the system has no Unix sockets.
   *
   * <p><i>Interruption:</i> no connection is left.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param path of the socket file
   * @return the connection; the caller closes it
   * @throws IOException when it cannot be connected
   * @throws InterruptedException when interrupted before or while waiting
   */
  public static SocketStream openUnixSocket(Path path) throws IOException, InterruptedException {
    return Connecting.openUnixSocket(path);
  }

  /**
   * Listens on a TCP port of all addresses of this machine; see {@link #openTcpListeners(int,
   * ListenOptions)}.
   *
   * @param port 0 to 65535; 0 for any
   * @return one listener; the caller closes it
   * @throws IOException when the port is taken or not ours
   * @throws InterruptedException when interrupted
   */
  public static List<SocketListener> openTcpListeners(int port)
      throws IOException, InterruptedException {
    return openTcpListeners(port, ListenOptions.DEFAULT);
  }

  /**
   * Listens on a TCP port. When this returns, connections are taken by the kernel already.
   *
   * <p>Without a host there is one listener for all addresses of this machine, IPv6 and IPv4. IPv4
   * peers appear with their IPv4 addresses. With a host there is a listener for each of its
   * addresses (spec IO-TL3).
   *
   * <p><i>Errors:</i> {@link java.net.SocketException} when the port is taken or not ours; {@link
   * java.net.UnknownHostException} for a host without addresses. If one address fails, none is left
   * open.
   *
   * <p><i>Interruption:</i> nothing is left open.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param port 0 to 65535; 0 for any, which then differs from listener to listener
   * @param options how
   * @return at least one listener; the caller closes them
   * @throws IOException when an address cannot be listened on
   * @throws InterruptedException when interrupted while looking the host up
   */
  public static List<SocketListener> openTcpListeners(int port, ListenOptions options)
      throws IOException, InterruptedException {
    return Listening.openTcpListeners(port, options);
  }

  /**
   * Listens on a TCP port for clients that speak TLS: as {@link #openTcpListeners(int,
   * ListenOptions)}, with each listener wrapped (spec TLS-Q6). A configuration that changes while
   * the server runs is given to {@link TlsListener#wrap(dev.tercet.blocking.Listener,
   * java.util.function.Supplier)} instead.
   *
   * <p><i>Errors:</i> as openTcpListeners'; what an engine throws that cannot follow the
   * configuration. One engine is made to find out, before anything is opened.
   *
   * <p><i>Interruption:</i> nothing is left open.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param port 0 to 65535; 0 for any, which then differs from listener to listener
   * @param config how to speak TLS
   * @param options how to listen
   * @return at least one listener; the caller closes them
   * @throws IOException when an address cannot be listened on
   * @throws InterruptedException when interrupted while looking the host up
   */
  public static List<TlsListener<SocketStream>> openTlsOverTcpListeners(
      int port, TlsServerConfig config, ListenOptions options)
      throws IOException, InterruptedException {
    return TlsOverTcp.openListeners(port, config, options);
  }

  /**
   * Listens on a TCP port for clients that speak TLS, and chooses the configuration for each by its
   * ClientHello (spec TLS-N2). As {@link #openTcpListeners(int, ListenOptions)}, with each listener
   * wrapped by {@link TlsListener#wrapChoosing}.
   *
   * <p><i>Errors:</i> as openTcpListeners'. A configuration that no engine can follow is found only
   * in the handshake for which it is chosen.
   *
   * <p><i>Interruption:</i> nothing is left open.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param port 0 to 65535; 0 for any, which then differs from listener to listener
   * @param chooser called in the handshake of each connection
   * @param options how to listen
   * @return at least one listener; the caller closes them
   * @throws IOException when an address cannot be listened on
   * @throws InterruptedException when interrupted while looking the host up
   */
  public static List<TlsListener<SocketStream>> openTlsOverTcpListeners(
      int port, Chooser chooser, ListenOptions options) throws IOException, InterruptedException {
    return TlsOverTcp.openListeners(port, chooser, options);
  }

  /**
   * Listens on a Unix socket. An existing socket file at the path is replaced atomically, even if a
   * server still uses it. A client finds the old one or the new one, never none. On close the file
   * is removed if it is still ours (spec IO-U5).
   *
   * <p><i>Errors:</i> {@link java.nio.file.FileAlreadyExistsException} when something else than a
   * socket is at the path, a {@link java.nio.file.FileSystemException} when it is a directory or
   * cannot be written; {@link IllegalArgumentException} for a path that is empty or too long for a
   * socket; {@link UnsupportedOperationException} where the system has no Unix sockets.
   *
   * @param path of the socket file
   * @param options how; the host is ignored
   * @return the listener; the caller closes it
   * @throws IOException when it cannot be listened on
   */
  public static SocketListener openUnixListener(Path path, ListenOptions options)
      throws IOException {
    return Listening.openUnixListener(path, options);
  }

  /**
   * Makes two streams that the kernel connects: a Unix socket pair, or a loopback TCP connection
   * where there are no Unix sockets.
   *
   * @return both ends; the caller closes them
   * @throws IOException when the system cannot, for want of descriptors for instance
   */
  public static StreamPair socketStreamPair() throws IOException {
    SocketPair pair = StreamSocket.openPair();
    return new StreamPair(SocketStream.wrap(pair.left()), SocketStream.wrap(pair.right()));
  }

  /**
   * Serves connections: accepts from each listener and runs a handler for every connection, all at
   * the same time, each on a thread of its own. Goes on until it fails, is interrupted, or is
   * stopped by its stop signal; only then does it return. The listeners are closed in any case, and
   * so is each connection when its handler ends, forcefully.
   *
   * <p>Without {@link ServeOptions#withIdleTimeout} a connection is kept for as long as its handler
   * runs. A peer that sends nothing, or has vanished without a reset, holds its place for ever.
   *
   * <p><i>Errors:</i> what a listener throws; a lack of descriptors or memory is logged, and accept
   * is tried again after 100 ms (spec IO-SV6, IO-SV7). What a handler throws, depending on {@link
   * ServeOptions#onHandlerError}; by default not what its peer or the network broke (spec IO-SV4).
   * {@link IllegalArgumentException} for no listeners or one listener given twice; {@link
   * IllegalStateException} when the handler nursery is closed.
   *
   * <p><i>Interruption:</i> closes the listeners, and cancels the handlers, unless they run in a
   * nursery of the caller's; when it has thrown, the ports are free.
   *
   * <p><i>Thread-safety:</i> any thread; the listeners are this function's from now on.
   *
   * @param handler runs once per connection
   * @param listeners at least one, each once
   * @param options how
   * @param <S> the type of the connections
   * @param <L> the type of the listeners
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static <S extends Resource, L extends Listener<? extends S>> ServeReport serveListeners(
      StreamHandler<? super S> handler, List<L> listeners, ServeOptions options)
      throws IOException, InterruptedException {
    return serveListeners(handler, listeners, options, TaskStatus.ignored());
  }

  /**
   * Serves connections, and says when; otherwise as {@link #serveListeners(StreamHandler, List,
   * ServeOptions)}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as there.
   *
   * @param handler runs once per connection
   * @param listeners at least one, each once
   * @param options how
   * @param taskStatus gets the listeners when they are being served
   * @param <S> the type of the connections
   * @param <L> the type of the listeners
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static <S extends Resource, L extends Listener<? extends S>> ServeReport serveListeners(
      StreamHandler<? super S> handler,
      List<L> listeners,
      ServeOptions options,
      TaskStatus<? super List<L>> taskStatus)
      throws IOException, InterruptedException {
    return new Server<>(handler, listeners, options, TlsOverTcp.SERVED_BELOW)
        .serve(() -> taskStatus.started(listeners));
  }

  /**
   * Listens on a TCP port of all addresses of this machine and serves the connections, with the
   * default options; see {@link #serveListeners}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #serveListeners}.
   *
   * @param port 0 to 65535; 0 for any
   * @param handler runs once per connection
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveTcp(int port, StreamHandler<? super SocketStream> handler)
      throws IOException, InterruptedException {
    return serveTcp(port, handler, ServeOptions.DEFAULT);
  }

  /**
   * Listens on a TCP port of all addresses of this machine and serves the connections; see {@link
   * #serveListeners}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #serveListeners}.
   *
   * @param port 0 to 65535; 0 for any
   * @param handler runs once per connection
   * @param options how to serve
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveTcp(
      int port, StreamHandler<? super SocketStream> handler, ServeOptions options)
      throws IOException, InterruptedException {
    return serveTcp(port, handler, ListenOptions.DEFAULT, options, TaskStatus.ignored());
  }

  /**
   * Listens on a TCP port and serves the connections: {@link #openTcpListeners(int,
   * ListenOptions)}, then {@link #serveListeners}.
   *
   * <pre>{@code
   * List<SocketListener> listeners =
   *     nursery.start(status -> Net.serveTcp(0, Programs::echo, ListenOptions.DEFAULT, ServeOptions.DEFAULT, status));
   * }</pre>
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #serveListeners}.
   *
   * @param port 0 to 65535; 0 for any
   * @param handler runs once per connection
   * @param listen how to listen
   * @param serve how to serve
   * @param taskStatus gets the listeners when they are being served
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveTcp(
      int port,
      StreamHandler<? super SocketStream> handler,
      ListenOptions listen,
      ServeOptions serve,
      TaskStatus<? super List<SocketListener>> taskStatus)
      throws IOException, InterruptedException {
    return serveListeners(handler, openTcpListeners(port, listen), serve, taskStatus);
  }

  /**
   * Listens on a TCP port of all addresses of this machine and serves clients that speak TLS; see
   * {@link #serveTlsOverTcp(int, TlsServerConfig, StreamHandler, ListenOptions, ServeOptions,
   * TaskStatus)}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #serveListeners}.
   *
   * @param port 0 to 65535; 0 for any
   * @param config how to speak TLS
   * @param handler runs once per connection
   * @param options how to serve
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveTlsOverTcp(
      int port,
      TlsServerConfig config,
      StreamHandler<? super TlsStream<SocketStream>> handler,
      ServeOptions options)
      throws IOException, InterruptedException {
    return serveTlsOverTcp(
        port, config, handler, ListenOptions.DEFAULT, options, TaskStatus.ignored());
  }

  /**
   * Listens on a TCP port and serves clients that speak TLS: {@link #openTlsOverTcpListeners}, then
   * {@link #serveListeners}.
   *
   * <p>The handler gets a stream before the handshake, and its first operation does it. So a client
   * that is slow, or speaks no TLS, concerns its own handler only. Such a failure ends that
   * connection and not the server, unless the options choose otherwise (spec TLS-Q9).
   *
   * <p><b>When the handler ends, the connection is closed forcefully, without close_notify</b>, and
   * a peer that insists on it sees a truncated stream. A handler that ends the conversation closes
   * the stream itself (spec TLS-Q8):
   *
   * <pre>{@code
   * Net.serveTlsOverTcp(7443, config, stream -> { try (stream) { echo(stream); } }, options);
   * }</pre>
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #openTlsOverTcpListeners}, then as
   * {@link #serveListeners}.
   *
   * @param port 0 to 65535; 0 for any
   * @param config how to speak TLS
   * @param handler runs once per connection
   * @param listen how to listen
   * @param serve how to serve
   * @param taskStatus gets the listeners when they are being served
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveTlsOverTcp(
      int port,
      TlsServerConfig config,
      StreamHandler<? super TlsStream<SocketStream>> handler,
      ListenOptions listen,
      ServeOptions serve,
      TaskStatus<? super List<TlsListener<SocketStream>>> taskStatus)
      throws IOException, InterruptedException {
    return serveListeners(
        handler, openTlsOverTcpListeners(port, config, listen), serve, taskStatus);
  }

  /**
   * Listens on a TCP port of all addresses of this machine and serves clients that speak TLS, with
   * a choice of the configuration. See {@link #serveTlsOverTcp(int, Chooser, StreamHandler,
   * ListenOptions, ServeOptions, TaskStatus)}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #serveListeners}.
   *
   * @param port 0 to 65535; 0 for any
   * @param chooser called in the handshake of each connection
   * @param handler runs once per connection
   * @param options how to serve
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveTlsOverTcp(
      int port,
      Chooser chooser,
      StreamHandler<? super TlsStream<SocketStream>> handler,
      ServeOptions options)
      throws IOException, InterruptedException {
    return serveTlsOverTcp(
        port, chooser, handler, ListenOptions.DEFAULT, options, TaskStatus.ignored());
  }

  /**
   * Listens on a TCP port and serves clients that speak TLS, each with the configuration that is
   * chosen by its ClientHello (spec TLS-N2). Otherwise as {@link #serveTlsOverTcp(int,
   * TlsServerConfig, StreamHandler, ListenOptions, ServeOptions, TaskStatus)}.
   *
   * <p>The choice is made in the handshake, and so in the handler's task. A client for which there
   * is no configuration is a failure of its handler.
   *
   * <pre>{@code
   * Net.serveTlsOverTcp(7443, hello -> configs.get(hello.serverName()), handler, options);
   * }</pre>
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #openTlsOverTcpListeners}, then as
   * {@link #serveListeners}.
   *
   * @param port 0 to 65535; 0 for any
   * @param chooser called in the handshake of each connection
   * @param handler runs once per connection
   * @param listen how to listen
   * @param serve how to serve
   * @param taskStatus gets the listeners when they are being served
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveTlsOverTcp(
      int port,
      Chooser chooser,
      StreamHandler<? super TlsStream<SocketStream>> handler,
      ListenOptions listen,
      ServeOptions serve,
      TaskStatus<? super List<TlsListener<SocketStream>>> taskStatus)
      throws IOException, InterruptedException {
    return serveListeners(
        handler, openTlsOverTcpListeners(port, chooser, listen), serve, taskStatus);
  }

  /**
   * Listens on a Unix socket and serves the connections, see {@link #serveUnix(Path, StreamHandler,
   * ListenOptions, ServeOptions, TaskStatus)}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #serveListeners}.
   *
   * @param path of the socket file
   * @param handler runs once per connection
   * @param options how to serve
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveUnix(
      Path path, StreamHandler<? super SocketStream> handler, ServeOptions options)
      throws IOException, InterruptedException {
    return serveUnix(path, handler, ListenOptions.DEFAULT, options, TaskStatus.ignored());
  }

  /**
   * Listens on a Unix socket and serves the connections: {@link #openUnixListener}, then {@link
   * #serveListeners}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as {@link #serveListeners}.
   *
   * @param path of the socket file
   * @param handler runs once per connection
   * @param listen how to listen
   * @param serve how to serve
   * @param taskStatus gets the listeners, one, when it is being served
   * @return the counts, when stopped
   * @throws IOException from a listener or a handler
   * @throws InterruptedException when interrupted
   */
  public static ServeReport serveUnix(
      Path path,
      StreamHandler<? super SocketStream> handler,
      ListenOptions listen,
      ServeOptions serve,
      TaskStatus<? super List<SocketListener>> taskStatus)
      throws IOException, InterruptedException {
    return serveListeners(handler, List.of(openUnixListener(path, listen)), serve, taskStatus);
  }

  // ---------------------------------------------------------------- what many servers do

  /**
   * Connects a client and a server with each other: what one sends the other receives, until both
   * directions have ended. EOF of one direction is passed on as a half-close. Closes neither
   * stream.
   *
   * <p><b>Streams without half-close</b>, such as TLS 1.2 and custom streams, can pass on EOF only
   * by closing. When the server's EOF comes and one of the two is such a stream, this returns at
   * once, so that the caller closes the client. When the client's EOF comes and the client is such
   * a stream, it takes nothing more, and this returns too. When only the server is, this waits for
   * its answer.
   *
   * <p><i>Errors:</i> the first failure of one of the streams; the other direction is cancelled.
   *
   * <p><i>Interruption:</i> both directions are cancelled; an unknown part of what was received has
   * been sent.
   *
   * <p><i>Thread-safety:</i> any thread; nobody else may send to or receive from the two.
   *
   * @param client the stream that was accepted
   * @param server the stream to the server
   * @return the bytes in each direction, and whose EOF came first
   * @throws IOException when one of the streams failed
   * @throws InterruptedException when interrupted
   */
  public static RelayReport relay(Stream client, Stream server)
      throws IOException, InterruptedException {
    return new Relay(client, server).run();
  }

  /**
   * Waits until a signal to stop is given, for handlers that notify their peers.
   *
   * <p><i>Errors:</i> none of its own.
   *
   * <p><i>Interruption:</i> throws; so does the expiry of a cancel scope.
   *
   * <p><i>Thread-safety:</i> any thread, any number at a time.
   *
   * @param stop returns at once when it was given already
   * @throws InterruptedException when interrupted
   */
  public static void await(StopSignal stop) throws InterruptedException {
    StopSignals.await(stop);
  }

  /**
   * Runs a server until the process gets INT or TERM: for {@code main}.
   *
   * <pre>{@code
   * ServeReport report = Net.stopOnSignals(
   *     stop -> Net.serveTcp(7000, handler, ServeOptions.DEFAULT.withStop(stop, ofSeconds(10))));
   * }</pre>
   *
   * <p>The first signal stops the server gracefully. After it the previous handlers are back: a
   * second signal ends the program at once.
   *
   * <p><i>Errors:</i> what the body throws; those of {@link SignalReceiver#open}.
   *
   * <p><i>Interruption:</i> that of the body.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param body runs on the calling thread, with what stops it
   * @param signals which; INT and TERM when none is given
   * @param <T> the result of the body
   * @return what the body returned
   * @throws IOException from the body
   * @throws InterruptedException when interrupted
   */
  public static <T extends @Nullable Object> T stopOnSignals(
      StoppableCall<T> body, PosixSignal... signals) throws IOException, InterruptedException {
    return StopSignals.stopOnSignals(SignalRegistry.ofProcess(), body, signals);
  }
}
