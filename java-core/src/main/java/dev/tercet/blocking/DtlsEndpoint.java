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
 * replaces it. A client that comes back from the same address replaces its old association after
 * the new handshake completes. A channel that was replaced is Broken.
 *
 * <p>An endpoint that is bound to all addresses of a machine with several may answer from another
 * address than the client used, and the client does not receive it ({@link UdpSocket#bind(String,
 * int)}): make an endpoint for each address.
 *
 * <p>A server answers a client's first ClientHello with a stateless cookie; only a client that
 * receives at its address gets more (RFC 6347, section 4.2.1). A fragmented ClientHello gets no
 * answer, since reassembly would cost memory before the cookie. Handshakes go on by themselves once
 * they have begun, and what gets lost is sent again, whether or not a thread waits for it.
 *
 * <p>DTLS needs Bouncy Castle, an optional dependency: {@code org.bouncycastle:bctls-jdk18on}.
 *
 * <p>The endpoint owns its socket, and is the only one that sends and receives on it. One that is
 * dropped and was never closed is closed by the garbage collector, with a warning in the log.
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
   * <p><i>Errors:</i> {@link dev.tercet.BusyResourceException} when somebody sends or receives on
   * the socket, another endpoint for instance; {@link IllegalStateException} when Bouncy Castle is
   * not among the dependencies, saying what to add.
   *
   * @param socket owned by the endpoint from now on; one that is to serve is bound
   * @param limits how much it keeps for its peers
   * @return the endpoint; the caller closes it
   */
  public static DtlsEndpoint wrap(UdpSocket socket, DtlsLimits limits) {
    return new DtlsEndpoint(socket, EndpointCore.of(socket.inner(), limits));
  }

  /**
   * The socket below.
   *
   * @return the very object that was wrapped
   */
  public UdpSocket socket() {
    return socket;
  }

  /**
   * How many received messages wait in a channel until somebody receives them.
   *
   * @return messages, for each channel
   */
  public int incomingPacketsBuffer() {
    return limits().incomingPacketsBuffer();
  }

  /**
   * How much it keeps for its peers.
   *
   * @return as it was made with
   */
  public DtlsLimits limits() {
    return core.limits();
  }

  /**
   * Makes a channel to a server. Sends nothing. The handshake begins with {@link
   * DtlsChannel#doHandshake}, or with the first send or receive, so that the MTU can be set before.
   *
   * <p>A channel with that address that is there already is replaced at once, and Broken, whether
   * it was dialled or accepted.
   *
   * <p><i>Errors:</i> {@link ClosedResourceException}; {@link IllegalArgumentException} for an
   * address that is not resolved, has port 0, or cannot be reached from the socket; for a malformed
   * name; and for no name when {@code config} verifies it.
   *
   * @param peer the address of the server, resolved
   * @param serverHostname the name that the server's certificate must have, or an IP address; null
   *     only for configurations that do not check it
   * @param config how to speak
   * @return the channel; the caller closes it, or the endpoint's close does
   * @throws IOException when closed
   */
  public DtlsChannel connect(
      InetSocketAddress peer, @Nullable String serverHostname, DtlsConfig config)
      throws IOException {
    return new DtlsChannel(this, core.connect(peer, serverHostname, config));
  }

  /**
   * Serves the peers that dial this endpoint, with the default options; see {@link
   * #serve(DtlsServerConfig, StreamHandler, ServeOptions, TaskStatus)}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as there.
   *
   * @param config how to speak
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
   * Serves the peers that dial this endpoint; see {@link #serve(DtlsServerConfig, StreamHandler,
   * ServeOptions, TaskStatus)}.
   *
   * <p><i>Errors, Interruption, Thread-safety:</i> as there.
   *
   * @param config how to speak
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
   * Serves the peers that dial this endpoint, until it is stopped, cancelled, or the endpoint is
   * closed and the last handler has ended.
   *
   * <p>The handler gets a channel whose peer has returned its cookie, before the handshake. The
   * channel's first operation does the handshake, so a peer that fails it concerns its own handler
   * only. By default it ends that channel and not the server (spec IO-SV4). When a handler ends,
   * the channel is closed forcefully, without close_notify.
   *
   * <p>A peer that vanishes sends nothing. With {@link ServeOptions#withIdleTimeout} a handler is
   * cancelled when nothing authentic has come from its peer for so long, or up to a quarter longer.
   * What is sent to the peer does not count.
   *
   * <p>Clients are answered only while somebody serves. When it ends, channels that were accepted
   * and have no handler yet are dropped; the endpoint stays open.
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
   * @param config how to speak
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
   * What has happened so far, and what there is now.
   *
   * @return a snapshot
   */
  public DtlsEndpointStatistics statistics() {
    return core.statistics();
  }

  /**
   * Closes the endpoint, all its channels and its socket, and waits until the port is free, one
   * turn of the event loop. Waiting callers get {@link ClosedResourceException}; {@code serve}
   * returns when its handlers have ended. Nothing is sent: peers notice nothing.
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> an interrupt is kept for later; in an expired scope {@code
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
