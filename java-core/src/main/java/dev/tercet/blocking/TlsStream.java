package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
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
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * TLS over any stream: what is sent is encrypted, what is received is authentic, and EOF is
 * authenticated: nobody on the path can forge it.
 *
 * <p>Making one sends and receives nothing. The handshake is done by {@link #doHandshake}, or by
 * the first operation that needs it. One task may send while another receives, as on every stream,
 * and any number may ask for the handshake.
 *
 * <p>{@link #close} sends close_notify and does not wait for an answer. A peer that gets no
 * close_notify, for instance after a forceful close, gets {@link BrokenResourceException} with a
 * {@link dev.tercet.tls.TlsTruncatedException} as its cause; and so does this side.
 *
 * <p><b>How it works.</b> The protocol is in {@link TlsSession} and the machine below it. Each call
 * is an operation of the core that says what it needs before it can go on; the driver meets that.
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.TlsStream}.
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
    this.driver = Driver.over(transport, () -> choose(chooser));
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
   * @param config how to speak
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
   * @param config how to speak
   * @param initialBytes what was received from the transport already; copied
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
   * @param config how to speak
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
   * @param config how to speak
   * @param initialBytes what was received from the transport already; copied
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
   * @param chooser chooses how to speak
   * @param <T> the type of the stream below
   * @return a stream that has received nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapChoosing(T transport, Chooser chooser) {
    return wrapChoosing(transport, chooser, NOTHING);
  }

  /**
   * Wraps a stream as a server that chooses its configuration by the ClientHello (spec TLS-N2).
   *
   * <p>The ClientHello must arrive within 10 seconds and 64 KiB (spec TLS-R4); then the
   * configuration counts, with its own limit. Until it is chosen the stream is strict: {@link
   * #httpsCompatible} is false.
   *
   * @param transport the stream below, owned by the result
   * @param chooser called once, in the handshake
   * @param initialBytes what was received from the transport already; copied
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
   * @return the very object that was wrapped
   * @throws IllegalStateException after {@link #unwrap}, which has given it away
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
   * Which side this is.
   *
   * @return the role that it was made for
   */
  public TlsRole role() {
    return session.role();
  }

  /**
   * The name that the server has to have.
   *
   * @return as it was given; null for a server, and for a client that does not check
   */
  public @Nullable String serverHostname() {
    return session.serverHostname();
  }

  /**
   * Whether close_notify may be missing.
   *
   * @return as the configuration says; false while it is not chosen yet
   */
  public boolean httpsCompatible() {
    return session.httpsCompatible();
  }

  /**
   * The facts of the session, as they were when the handshake ended.
   *
   * @return them
   * @throws dev.tercet.tls.NeedHandshakeException before the handshake has ended well
   */
  public TlsInfo info() {
    return session.info("the information about the session");
  }

  /**
   * A value that is the same at both ends of this session and of no other, to bind an
   * authentication inside to it (RFC 5929).
   *
   * @param type {@code tls-server-end-point}
   * @return the value
   * @throws dev.tercet.tls.NeedHandshakeException before the handshake has ended well
   * @throws UnsupportedOperationException for other types
   */
  public byte[] channelBinding(String type) {
    return session.channelBinding(type);
  }

  /**
   * Does the handshake, or waits for the task that is doing it. Does nothing when it is done.
   *
   * <p>In TLS 1.3 a client's handshake ends before the server has looked at the client's
   * certificate. If the server refuses it, a later operation fails (spec TLS-B15).
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the peer's certificate is not trusted or
   * has another name, when the peer does not speak TLS, or when it has refused this side. The
   * stream is broken then. What the transport throws, as it is. {@link
   * dev.tercet.ClosedResourceException} when this side was closed.
   *
   * <p><i>Interruption:</i> in the middle, the stream is broken. Before it has begun, and while
   * another task does the handshake, no effect.
   *
   * <p><i>Thread-safety:</i> any number of tasks.
   *
   * @throws IOException when there is no session
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void doHandshake() throws IOException, InterruptedException {
    run(session.doHandshake());
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    TlsSend send = session.send();
    send.begin(data);
    run(send);
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    TlsWritable writable = session.writable();
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
   * Sends close_notify, and goes on receiving: the half-close of TLS 1.3. The peer must support it
   * too; many peers close at once.
   *
   * <p><i>Errors:</i> {@link UnsupportedOperationException} when the session has an older version
   * than TLS 1.3; nothing has been sent then. The same when the engine cannot, and then the stream
   * is fit only for closing. Else as {@link #sendAll}.
   *
   * <p><i>Interruption:</i> while sending, the stream is broken.
   *
   * <p><i>Thread-safety:</i> excludes sending; a second time does nothing.
   *
   * @throws IOException when the end could not be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void sendEof() throws IOException, InterruptedException {
    TlsSendEof sendEof = session.sendEof();
    sendEof.begin();
    run(sendEof);
  }

  /**
   * Leaves TLS: sends close_notify, waits for the peer's, and gives the transport back. All data of
   * the peer must have been received before.
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the transport ends before the peer's
   * close_notify, when the peer sends data before it, or when the engine cannot receive it after
   * its own; else as {@link #sendAll}.
   *
   * <p><i>Interruption:</i> after close_notify is on its way, the stream is broken.
   *
   * <p><i>Thread-safety:</i> excludes sending and receiving.
   *
   * @return the transport, and what was received from it already; this stream is closed
   * @throws IOException when the peer does not leave TLS too
   * @throws InterruptedException when interrupted before or while waiting
   */
  public Unwrapped<T> unwrap() throws IOException, InterruptedException {
    TlsUnwrap unwrap = session.unwrap();
    unwrap.begin();
    run(unwrap);
    return new Unwrapped<>(transport, unwrap.trailing());
  }

  /**
   * Sends close_notify and closes the transport, without waiting for the peer's close_notify.
   * Before the handshake is done, on a broken stream, with {@code httpsCompatible}, and when
   * another task is stuck in sending, the transport is closed only. A client that wants to end
   * cleanly without data calls {@link #doHandshake} first.
   *
   * <p><i>Errors:</i> what closing the transport throws. It is closed all the same.
   *
   * <p><i>Interruption:</i> closes forcefully instead, and keeps the interrupt for later; in an
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
      drive(session.close());
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
