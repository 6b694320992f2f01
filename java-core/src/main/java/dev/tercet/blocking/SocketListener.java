package dev.tercet.blocking;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;

/** A listening socket, TCP or Unix, that yields {@link SocketStream}s. */
public final class SocketListener implements Listener<SocketStream>, PortOwner {
  private final ListenerSocket socket;

  private SocketListener(ListenerSocket socket) {
    this.socket = socket;
  }

  /**
   * Makes the listener of a socket, which it owns from now on.
   *
   * @param socket bound
   * @return the listener
   * @throws IllegalArgumentException when the socket is not bound
   */
  public static SocketListener wrap(ListenerSocket socket) {
    if (socket.localAddress() == null) {
      throw new IllegalArgumentException("the socket is not bound");
    }
    return new SocketListener(socket);
  }

  /**
   * The socket below, for operations that a listener lacks.
   *
   * @return the socket that was wrapped
   */
  public ListenerSocket socket() {
    return socket;
  }

  @Override
  public SocketStream accept() throws IOException, InterruptedException {
    return SocketStream.wrap(socket.accept());
  }

  /**
   * The address it listens on; available also after the close.
   *
   * @return an {@link InetSocketAddress} or a {@link java.net.UnixDomainSocketAddress}
   */
  public SocketAddress localAddress() {
    return Objects.requireNonNull(socket.localAddress());
  }

  /**
   * The port it listens on.
   *
   * @return 1 to 65535
   * @throws IllegalStateException for a Unix socket
   */
  @Override
  public int port() {
    if (localAddress() instanceof InetSocketAddress inet) {
      return inet.getPort();
    }
    throw new IllegalStateException("a Unix socket has no port: " + this);
  }

  /**
   * Closes the listener and waits until the port is free and no more connections are accepted, one
   * turn of the event loop (spec IO-SL10).
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
    socket.close();
  }

  @Override
  public void closeForcefully() {
    socket.closeForcefully();
  }

  @Override
  public String toString() {
    return "SocketListener(" + socket.inner() + ")";
  }
}
