package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.tls.TlsClose;
import dev.tercet.internal.tls.TlsDoHandshake;
import dev.tercet.internal.tls.TlsOperation;
import dev.tercet.internal.tls.TlsReceive;
import dev.tercet.internal.tls.TlsSend;
import dev.tercet.internal.tls.TlsSendEof;
import dev.tercet.internal.tls.TlsSession;
import dev.tercet.internal.tls.TlsUnwrap;
import dev.tercet.internal.tls.TlsWritable;
import dev.tercet.internal.wait.Parking;
import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * TLS over any stream: sent bytes are encrypted, received bytes are authentic, and EOF is
 * authenticated: nobody on the path can forge it.
 *
 * <p>Making one sends and receives nothing. {@link #doHandshake} performs the handshake, or the
 * first operation that needs it.
 *
 * <p>{@link #close} sends close_notify and does not wait for an answer. A peer that gets no
 * close_notify, for example after a forceful close, gets {@link BrokenResourceException} with a
 * {@link dev.tercet.tls.TlsTruncatedException} as its cause. So does this side when the peer sends
 * none.
 *
 * <p><b>How it works.</b> The protocol is in {@link TlsSession} and the machine below it. Each call
 * is an operation of the core that reports its needs; the driver meets them.
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.TlsStream}.
 *
 * <p><i>Thread-safety:</i> one task may send while another receives, as on every stream; any number
 * may call {@link #doHandshake}.
 *
 * @param <T> the type of the stream below
 */
public final class TlsStream<T extends Stream> implements Stream {
  private static final byte[] NOTHING = {};

  private final T transport;
  private final TlsSession session;

  private final Driver driver;

  TlsStream(T transport, TlsSession session, @Nullable Chooser chooser) {
    this.transport = Objects.requireNonNull(transport, "transport");
    this.session = session;
    session.over(peerOf(transport));
    this.driver = Driver.over(transport, () -> choose(chooser));
  }

  private static @Nullable SocketAddress peerOf(Stream transport) {
    if (transport instanceof TlsStream<?> below) {
      return below.session.peer();
    }
    return transport instanceof PeerOwner below ? below.remoteAddress() : null;
  }

  private void choose(@Nullable Chooser chooser) throws IOException, InterruptedException {
    ClientHello hello = session.hello();
    session.chosen(hello, chooser == null ? null : chooser.choose(hello));
  }

  /**
   * Wraps a stream as a client; see {@link #wrapClient(Stream, String, TlsConfig, byte[])}.
   *
   * @param transport the stream below, owned by the result
   * @param serverHostname the host name of the server
   * @param config the TLS configuration
   * @param <T> the type of the stream below
   * @return a stream that has sent nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapClient(
      T transport, @Nullable String serverHostname, TlsConfig config) {
    return wrapClient(transport, serverHostname, config, NOTHING);
  }

  /**
   * Wraps a stream as a client.
   *
   * @param transport the stream below, owned by the result
   * @param serverHostname the host name of the server: a DNS name, also an international one, or an
   *     IP address. A name is sent as SNI. The server's certificate must match it. Null only if the
   *     configuration does not check it
   * @param config the TLS configuration
   * @param initialBytes bytes received from the transport before; copied
   * @param <T> the type of the stream below
   * @return a stream that has sent nothing yet
   * @throws IllegalArgumentException when the name is missing, or is no name
   */
  public static <T extends Stream> TlsStream<T> wrapClient(
      T transport, @Nullable String serverHostname, TlsConfig config, byte[] initialBytes) {
    return new TlsStream<>(
        transport, TlsSession.client(serverHostname, config, initialBytes), null);
  }

  /**
   * Wraps a stream as a server; see {@link #wrapServer(Stream, TlsServerConfig, byte[])}.
   *
   * @param transport the stream below, owned by the result
   * @param config the TLS configuration
   * @param <T> the type of the stream below
   * @return a stream that has sent nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapServer(T transport, TlsServerConfig config) {
    return wrapServer(transport, config, NOTHING);
  }

  /**
   * Wraps a stream as a server.
   *
   * @param transport the stream below, owned by the result
   * @param config the TLS configuration
   * @param initialBytes bytes received from the transport before; copied
   * @param <T> the type of the stream below
   * @return a stream that has sent nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapServer(
      T transport, TlsServerConfig config, byte[] initialBytes) {
    return new TlsStream<>(transport, TlsSession.server(config, initialBytes), null);
  }

  /**
   * Wraps a stream as a server that chooses by the ClientHello; see {@link #wrapChoosing(Stream,
   * Chooser, byte[])}.
   *
   * @param transport the stream below, owned by the result
   * @param chooser chooses the configuration
   * @param <T> the type of the stream below
   * @return a stream that has received nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapChoosing(T transport, Chooser chooser) {
    return wrapChoosing(transport, chooser, NOTHING);
  }

  /**
   * Wraps a stream as a server that chooses its configuration by the ClientHello (spec TLS-N2).
   *
   * <p>The ClientHello must arrive within 10 seconds and 64 KiB (spec TLS-R4); then the limit of
   * the configuration applies. Until the choice the stream is strict: {@link #httpsCompatible} is
   * false.
   *
   * @param transport the stream below, owned by the result
   * @param chooser called once, in the handshake
   * @param initialBytes bytes received from the transport before; copied
   * @param <T> the type of the stream below
   * @return a stream that has received nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapChoosing(
      T transport, Chooser chooser, byte[] initialBytes) {
    Objects.requireNonNull(chooser, "chooser");
    return new TlsStream<>(transport, TlsSession.choosing(initialBytes), chooser);
  }

  /**
   * The stream below.
   *
   * @return the object that was wrapped
   * @throws IllegalStateException after {@link #unwrap}, which returns it to the caller
   */
  public T transportStream() {
    if (session.lifecycle.isUnwrapped()) {
      throw new IllegalStateException("unwrap has returned the transport");
    }
    return transport;
  }

  /** Whether something has arrived that nobody has received; it may be no data. */
  boolean hasInput() {
    return session.hasInput();
  }

  /** As {@link #transportStream}, at any time: only to look at it. */
  T below() {
    return transport;
  }

  /**
   * The side of this stream.
   *
   * @return the role given at construction
   */
  public TlsRole role() {
    return session.role();
  }

  /**
   * The name of the server. On a client, the name that the certificate must match. On a server that
   * chooses by the ClientHello, the name that the client has sent (SNI), so that one handler can
   * serve several names (spec TLS-N2).
   *
   * @return on a client as given, null when it does not verify the name; on a server in lower case,
   *     null before the choice, when the client has sent no name, and when there is no choice
   */
  public @Nullable String serverHostname() {
    return session.serverHostname();
  }

  /**
   * Whether close_notify may be missing.
   *
   * @return as set in the configuration; false until it is chosen
   */
  public boolean httpsCompatible() {
    return session.httpsCompatible();
  }

  /**
   * The properties of the session, as of the end of the handshake.
   *
   * @return the properties
   * @throws dev.tercet.tls.NeedHandshakeException before the handshake is complete
   */
  public TlsInfo info() {
    return session.info("the information about the session");
  }

  /**
   * A value that both ends compute alike, to bind an inner authentication to this connection (RFC
   * 5929, spec TLS-J6). It is the hash of the server's certificate, and so the same in all sessions
   * with that certificate.
   *
   * @param type {@code tls-server-end-point}
   * @return the value
   * @throws dev.tercet.tls.NeedHandshakeException before the handshake is complete
   * @throws UnsupportedOperationException for other types, and for a certificate whose signature
   *     has no hash
   */
  public byte[] channelBinding(String type) {
    return session.channelBinding(type);
  }

  /**
   * Performs the handshake, or waits for the task that performs it (spec TLS-B4). Does nothing when
   * it is complete.
   *
   * <p>In TLS 1.3 a client's handshake completes before the server has verified the client's
   * certificate. If the server rejects it, a later operation fails (spec TLS-B15).
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the peer's certificate is untrusted or
   * has another name, and when the peer does not use TLS or has rejected this side. The stream is
   * broken then. An exception of the transport, unchanged. {@link
   * dev.tercet.ClosedResourceException} when this side was closed.
   *
   * <p><i>Interruption:</i> during the handshake, it breaks the stream. Before the start, and while
   * another task performs the handshake, it has no effect.
   *
   * <p><i>Thread-safety:</i> any number of tasks.
   *
   * @throws IOException when there is no session
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void doHandshake() throws IOException, InterruptedException {
    run(new TlsDoHandshake(session));
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    TlsSend send = session.send();
    send.begin(data);
    run(send);
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    TlsWritable writable = new TlsWritable(session);
    writable.begin();
    run(writable);
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    int start = into.position();
    TlsReceive receive = session.receive();
    receive.begin(into);
    run(receive);
    return into.position() == start ? -1 : into.position() - start;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Holds no buffer while it waits, if the stream below does not.
   */
  @Override
  public byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, not " + maxBytes);
    }
    TlsReceive receive = session.receive();
    receive.begin(maxBytes);
    try {
      drive(receive);
      return receive.bytes();
    } finally {
      receive.end();
    }
  }

  /**
   * Sends close_notify, and continues to receive: the half-close of TLS 1.3 (spec TLS-S1). The peer
   * must support it too; many peers close at once.
   *
   * <p><i>Errors:</i> {@link UnsupportedOperationException} when the session has an older version
   * than TLS 1.3; nothing has been sent then. The same when the engine does not support it; then
   * the stream is usable only for closing. Else as {@link #sendAll}.
   *
   * <p><i>Interruption:</i> while sending, it breaks the stream.
   *
   * <p><i>Thread-safety:</i> excludes sending; a second call has no effect.
   *
   * @throws IOException when EOF could not be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void sendEof() throws IOException, InterruptedException {
    TlsSendEof sendEof = new TlsSendEof(session);
    sendEof.begin();
    run(sendEof);
  }

  /**
   * Leaves TLS: sends close_notify, waits for the peer's, and returns the transport (spec TLS-I1).
   * All data of the peer must have been received before.
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the transport ends before the peer's
   * close_notify, or when the peer sends data before it. It is also thrown when the engine cannot
   * receive it after its own; else as {@link #sendAll}.
   *
   * <p><i>Interruption:</i> after the first bytes of close_notify, it breaks the stream.
   *
   * <p><i>Thread-safety:</i> excludes sending and receiving.
   *
   * @return the transport, and the bytes received from it beyond TLS; this stream is closed
   * @throws IOException when the peer does not leave TLS too
   * @throws InterruptedException when interrupted before or while waiting
   */
  public Unwrapped<T> unwrap() throws IOException, InterruptedException {
    TlsUnwrap unwrap = new TlsUnwrap(session);
    unwrap.begin();
    run(unwrap);
    return new Unwrapped<>(transport, unwrap.trailing());
  }

  /**
   * Sends close_notify and closes the transport, without waiting for the peer's close_notify (spec
   * TLS-H1). It only closes the transport before the end of the handshake, on a broken stream, with
   * {@code httpsCompatible}, and while another task is sending. A client that wants to end cleanly
   * without data calls {@link #doHandshake} first.
   *
   * <p><i>Errors:</i> the exception of closing the transport, which is closed nevertheless.
   *
   * <p><i>Interruption:</i> closes forcefully instead, and the interrupt stays pending; in an
   * expired scope {@code CancelledException} is thrown after it.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() throws IOException {
    if (!session.lifecycle.close()) {
      Parking.throwIfExpired();
      return;
    }
    try {
      drive(new TlsClose(session));
    } catch (InterruptedException e) {
      abandon();
      Thread.currentThread().interrupt();
      return;
    } catch (Throwable e) {
      abandon();
      throw e;
    }
    session.release();
    transport.close();
  }

  @Override
  public void closeForcefully() {
    if (!session.lifecycle.isUnwrapped()) {
      abandon();
    }
  }

  private void abandon() {
    session.release();
    transport.closeForcefully();
  }

  @Override
  public String toString() {
    return "TlsStream(" + session + ", " + transport + ")";
  }

  private void run(TlsOperation operation) throws IOException, InterruptedException {
    try {
      drive(operation);
    } finally {
      operation.end();
    }
  }

  private void drive(TlsOperation operation) throws IOException, InterruptedException {
    Parking.checkpoint();
    driver.run(operation);
  }
}
