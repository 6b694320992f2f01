package dev.tercet.blocking;

import dev.tercet.ClosedResourceException;
import dev.tercet.Resource;
import dev.tercet.ServeReport;
import dev.tercet.TaskStatus;
import dev.tercet.internal.dtls.EndpointCore;
import dev.tercet.internal.dtls.EndpointLeak;
import dev.tercet.internal.wait.Parking;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsEndpointStatistics;
import dev.tercet.tls.DtlsLimits;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * DTLS over one UDP socket: any number of associations, dialled and accepted, at the same time and
 * on the same port.
 *
 * <pre>{@code
 * try (var endpoint = DtlsEndpoint.wrap(UdpSocket.bind(null, 0))) {
 *   DtlsChannel channel = endpoint.connect(address, "server.example", DtlsConfig.DEFAULT);
 *   CancelScope.failAfter(ofSeconds(5)).run(channel::doHandshake);
 *   channel.send(bytes("ping"));
 *   byte[] pong = CancelScope.failAfter(ofSeconds(1)).call(channel::receive);
 * }
 * }</pre>
 *
 * <p>There is at most one association with an address. Connecting to the same address again
 * replaces it. A client that returns from the same address replaces its old association after the
 * new handshake completes. A replaced channel is Broken.
 *
 * <p>On a machine with several addresses, an endpoint that is bound to all of them may answer from
 * another address than the client used. The client does not receive such an answer ({@link
 * UdpSocket#bind(String, int)}). Make an endpoint for each address.
 *
 * <p>A server answers a client's first ClientHello with a stateless cookie. Only a client that
 * receives at its address gets further answers (RFC 6347, section 4.2.1). A fragmented ClientHello
 * gets no answer, because reassembly would cost memory before the cookie. A started handshake
 * continues, and lost flights are retransmitted, whether or not a thread waits for it.
 *
 * <p>DTLS needs Bouncy Castle, an optional dependency: {@code org.bouncycastle:bctls-jdk18on}.
 *
 * <p>The endpoint owns its socket, and is the only one that sends and receives on it. The garbage
 * collector closes one that is dropped and was never closed, with a warning in the log.
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.DtlsEndpoint}.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class DtlsEndpoint implements Resource {
  private final UdpSocket socket;
  private final EndpointCore core;

  private DtlsEndpoint(UdpSocket socket, EndpointCore core) {
    this.socket = socket;
    this.core = core;
    EndpointLeak.watch(this, core);
  }

  /**
   * Makes an endpoint of a socket, with the {@linkplain DtlsLimits#DEFAULT default limits}. Sends
   * and receives nothing.
   *
   * <p><i>Errors:</i> as {@link #wrap(UdpSocket, DtlsLimits)}.
   *
   * @param socket owned by the endpoint from now on; one that is to serve is bound
   * @return the endpoint; the caller closes it
   */
  public static DtlsEndpoint wrap(UdpSocket socket) {
    return wrap(socket, DtlsLimits.DEFAULT);
  }

  /**
   * Makes an endpoint of a socket. Sends and receives nothing.
   *
   * <p><i>Errors:</i> {@link dev.tercet.BusyResourceException} when another task sends or receives
   * on the socket, another endpoint for example; {@link IllegalStateException} when Bouncy Castle
   * is not among the dependencies, with the dependency to add.
   *
   * @param socket owned by the endpoint from now on; one that is to serve is bound
   * @param limits the limits of the endpoint
   * @return the endpoint; the caller closes it
   */
  public static DtlsEndpoint wrap(UdpSocket socket, DtlsLimits limits) {
    return new DtlsEndpoint(socket, EndpointCore.of(socket.inner(), limits));
  }

  /**
   * The socket below.
   *
   * @return the object that was wrapped
   */
  public UdpSocket socket() {
    return socket;
  }

  /**
   * How many received messages a channel buffers.
   *
   * @return messages, for each channel
   */
  public int incomingPacketsBuffer() {
    return limits().incomingPacketsBuffer();
  }

  /**
   * The limits of this endpoint.
   *
   * @return the limits given at construction
   */
  public DtlsLimits limits() {
    return core.limits();
  }

  /**
   * Makes a channel to a server. Sends nothing. The handshake begins with {@link
   * DtlsChannel#doHandshake}, or with the first send or receive, so that the MTU can be set before.
   *
   * <p>An existing channel with that address is replaced at once, and Broken, whether it was
   * connected or accepted.
   *
   * <p><i>Errors:</i> {@link ClosedResourceException}; {@link IllegalArgumentException} for an
   * address that is not resolved, has port 0, or is unreachable from the socket. It is also thrown
   * for a malformed name, and for no name when {@code config} verifies it.
   *
   * @param peer the address of the server, resolved
   * @param serverHostname the name that the server's certificate must have, or an IP address; null
   *     only for configurations that do not check it
   * @param config the DTLS configuration
   * @return the channel; the caller closes it, or the endpoint's close does
   * @throws IOException when closed
   */
  public DtlsChannel connect(
      InetSocketAddress peer, @Nullable String serverHostname, DtlsConfig config)
      throws IOException {
    return new DtlsChannel(this, core.connect(peer, serverHostname, config));
  }

  /**
   * Serves the peers that connect to this endpoint, with the default options; see {@link
   * #serve(DtlsServerConfig, StreamHandler, ServeOptions, TaskStatus)}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as there.
   *
   * @param config the DTLS configuration
   * @param handler runs once per association
   * @return the counts, when stopped
   * @throws IOException when closed, or from a handler
   * @throws InterruptedException when interrupted
   */
  public ServeReport serve(DtlsServerConfig config, StreamHandler<? super DtlsChannel> handler)
      throws IOException, InterruptedException {
    return serve(config, handler, ServeOptions.DEFAULT);
  }

  /**
   * Serves the peers that connect to this endpoint; see {@link #serve(DtlsServerConfig,
   * StreamHandler, ServeOptions, TaskStatus)}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as there.
   *
   * @param config the DTLS configuration
   * @param handler runs once per association
   * @param options how to serve
   * @return the counts, when stopped
   * @throws IOException when closed, or from a handler
   * @throws InterruptedException when interrupted
   */
  public ServeReport serve(
      DtlsServerConfig config, StreamHandler<? super DtlsChannel> handler, ServeOptions options)
      throws IOException, InterruptedException {
    return serve(config, handler, options, TaskStatus.ignored());
  }

  /**
   * Serves the peers that connect to this endpoint, until it is stopped, cancelled, or the endpoint
   * is closed and the last handler has ended.
   *
   * <p>The handler gets a channel whose peer has returned its cookie, before the handshake. The
   * channel's first operation does the handshake, so a peer that fails it affects its own handler
   * only. By default it ends that channel and not the server (spec IO-SV4). When a handler ends,
   * the channel is closed forcefully, without close_notify.
   *
   * <p>A peer that vanishes sends nothing. With {@link ServeOptions#withIdleTimeout} a handler is
   * cancelled when its peer sends nothing authentic for this time, or up to a quarter longer.
   * Messages to the peer do not count.
   *
   * <p>Clients are answered only during this call. When it ends, accepted channels without a
   * handler are dropped; the endpoint stays open.
   *
   * <p><i>Errors:</i> {@link ClosedResourceException} when the endpoint is closed already; {@link
   * dev.tercet.BusyResourceException} when another thread serves it; {@link IllegalStateException}
   * when the socket is not bound; and what a handler throws, depending on {@link
   * ServeOptions#onHandlerError}.
   *
   * <p><i>Interruption:</i> cancels the handlers, waits for them, and throws.
   *
   * <p><i>Thread-safety:</i> one thread at a time.
   *
   * @param config the DTLS configuration
   * @param handler runs once per association
   * @param options how to serve
   * @param taskStatus gets this endpoint when it is being served
   * @return the counts, when stopped or closed
   * @throws IOException when closed, or from a handler
   * @throws InterruptedException when interrupted
   */
  public ServeReport serve(
      DtlsServerConfig config,
      StreamHandler<? super DtlsChannel> handler,
      ServeOptions options,
      TaskStatus<? super DtlsEndpoint> taskStatus)
      throws IOException, InterruptedException {
    core.serving().enter();
    try {
      Parking.checkpoint();
      core.startServing(config);
      AcceptedChannels listener = new AcceptedChannels(this, core);
      try {
        return new Server<>(handler, List.of(listener), options, listener)
            .serve(() -> taskStatus.started(this));
      } finally {
        core.stopServing();
      }
    } finally {
      core.serving().exit();
    }
  }

  /**
   * The counters of this endpoint.
   *
   * @return a snapshot
   */
  public DtlsEndpointStatistics statistics() {
    return core.statistics();
  }

  /**
   * Closes the endpoint, all its channels and its socket, and waits until the port is free, one
   * turn of the event loop. Waiting callers get {@link ClosedResourceException}; {@code serve}
   * returns when its handlers have ended. Nothing is sent to peers.
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> an interrupt stays pending; in an expired scope {@code
   * CancelledException} is thrown after the close.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() {
    core.close();
    socket.close();
  }

  @Override
  public void closeForcefully() {
    core.close();
  }

  @Override
  public String toString() {
    return "DtlsEndpoint(" + core + ")";
  }
}
