package dev.tercet.blocking;

import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A listener whose connections use TLS.
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.TlsListener}.
 *
 * @param <T> the type of the streams below
 */
public final class TlsListener<T extends Stream> implements Listener<TlsStream<T>>, PortOwner {
  private final Listener<? extends T> transport;
  private final Function<T, TlsStream<T>> wrapper;

  private TlsListener(Listener<? extends T> transport, Function<T, TlsStream<T>> wrapper) {
    this.transport = Objects.requireNonNull(transport, "transport");
    this.wrapper = wrapper;
  }

  /**
   * Wraps a listener.
   *
   * @param transport the listener below, owned by the result
   * @param config the TLS configuration
   * @param <T> the type of the streams below
   * @return the listener
   */
  public static <T extends Stream> TlsListener<T> wrap(
      Listener<? extends T> transport, TlsServerConfig config) {
    Objects.requireNonNull(config, "config");
    return wrap(transport, () -> config);
  }

  /**
   * Wraps a listener whose configuration may change, when a certificate is renewed for example.
   *
   * @param transport the listener below, owned by the result
   * @param config called for each connection; must not wait. Existing connections keep theirs (spec
   *     TLS-N8). The handshake of that connection throws its exception, as with a {@link Chooser};
   *     {@link #accept} does not
   * @param <T> the type of the streams below
   * @return the listener
   */
  public static <T extends Stream> TlsListener<T> wrap(
      Listener<? extends T> transport, Supplier<TlsServerConfig> config) {
    Objects.requireNonNull(config, "config");
    return new TlsListener<>(transport, stream -> wrapServer(stream, config));
  }

  /**
   * A failure concerns this connection only: a file that is half written just now, for instance. So
   * the user of the connection gets it, and the client gets an alert.
   */
  private static <T extends Stream> TlsStream<T> wrapServer(
      T stream, Supplier<TlsServerConfig> config) {
    try {
      return TlsStream.wrapServer(stream, config.get());
    } catch (Throwable e) {
      return TlsStream.wrapChoosing(stream, hello -> fail(e));
    }
  }

  private static TlsServerConfig fail(Throwable failure) {
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure instanceof RuntimeException e && !(failure instanceof CancelledException)) {
      throw e;
    }
    // Nobody was cancelled or interrupted here, and a supplier has no checked exceptions.
    throw new IllegalStateException("no configuration for this connection", failure);
  }

  /**
   * Wraps a listener whose configuration is chosen for each connection by the ClientHello: by the
   * {@linkplain ClientHello#serverName name of the server} that it requests (spec TLS-N2). The
   * choice and its wait are part of the handshake: it delays no other connection.
   *
   * @param transport the listener below, owned by the result
   * @param chooser called in the handshake of each connection
   * @param <T> the type of the streams below
   * @return the listener
   */
  public static <T extends Stream> TlsListener<T> wrapChoosing(
      Listener<? extends T> transport, Chooser chooser) {
    Objects.requireNonNull(chooser, "chooser");
    return new TlsListener<>(transport, stream -> TlsStream.wrapChoosing(stream, chooser));
  }

  /**
   * The listener below.
   *
   * @return the object that was wrapped
   */
  public Listener<? extends T> transportListener() {
    return transport;
  }

  /**
   * The port of the TCP listener at the bottom.
   *
   * @return 1 to 65535
   * @throws IllegalStateException when there is none
   */
  @Override
  public int port() {
    if (transport instanceof PortOwner below) {
      return below.port();
    }
    throw new IllegalStateException("only a TCP listener has a port: " + this);
  }

  /**
   * {@inheritDoc}
   *
   * <p>It does no TLS. The first operation on the connection performs the handshake, so a silent
   * client delays no other connection (spec TLS-P1).
   */
  @Override
  public TlsStream<T> accept() throws IOException, InterruptedException {
    T stream = transport.accept();
    try {
      return wrapper.apply(stream);
    } catch (Throwable e) {
      stream.closeForcefully();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    transport.close();
  }

  @Override
  public void closeForcefully() {
    transport.closeForcefully();
  }

  @Override
  public String toString() {
    return "TlsListener(" + transport + ")";
  }
}
