package dev.tercet.blocking;

import dev.tercet.Network;
import dev.tercet.Resource;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingListener;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.nio.AcceptErrors;
import dev.tercet.internal.nio.AcceptPause;
import dev.tercet.internal.nio.LoopNetwork;
import dev.tercet.internal.nio.NioListener;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket, low level: resolved addresses only. Most programs want a {@link
 * SocketListener}, which wraps one.
 *
 * <p>Modern defaults are on: {@code SO_REUSEADDR}, except on Windows. Connections are spread over
 * the loops of the listener's event loop.
 *
 * <p><i>Thread-safety:</i> one acceptor at a time; closing: any thread.
 */
public final class ListenerSocket implements Resource {
  private final NonBlockingListener inner;

  private ListenerSocket(NonBlockingListener inner) {
    this.inner = inner;
  }

  NonBlockingListener inner() {
    return inner;
  }

  /**
   * Opens a socket that is not bound, on the shared loop, or the network of the simulation that the
   * calling thread is in.
   *
   * @param family INET, INET6 or UNIX
   * @return the socket; the caller closes it
   * @throws IOException when the system cannot, for lack of descriptors for example
   * @throws UnsupportedOperationException when the system does not have the family
   */
  public static ListenerSocket open(ProtocolFamily family) throws IOException {
    return new ListenerSocket(LoopNetwork.chosenOrDefault(null).openListener(family));
  }

  /**
   * Opens a socket on a network of the caller's choice; otherwise as {@link #open(ProtocolFamily)}.
   *
   * @param family INET, INET6 or UNIX
   * @param network the network of the socket, {@code EventLoop.network()} for example
   * @return the socket; the caller closes it
   * @throws IOException when the system cannot, for lack of descriptors for example
   * @throws UnsupportedOperationException when the system does not have the family
   */
  public static ListenerSocket open(ProtocolFamily family, Network network) throws IOException {
    return new ListenerSocket(NetworkProvider.from(network).openListener(family));
  }

  /**
   * Takes over a channel, which becomes non-blocking and belongs to the listener from now on:
   * {@link System#inheritedChannel} for instance, for a program that is started by the first
   * connection (spec IO-K1). No option is changed.
   *
   * @param channel open, bound or not, registered with no selector
   * @return the listener; the caller closes it
   * @throws IOException when the channel cannot be configured
   * @throws IllegalArgumentException when it is closed or registered with a selector
   */
  public static ListenerSocket fromChannel(ServerSocketChannel channel) throws IOException {
    return new ListenerSocket(NioListener.of(channel, LoopGroup.shared()));
  }

  /**
   * Binds and listens. A Unix path atomically replaces an existing socket file. The close removes
   * it if it still belongs to this listener (spec IO-U5).
   *
   * @param address resolved; port 0 for any
   * @param backlog how many connections the kernel may queue, 1 or more; it applies its own limit
   * @throws IOException when the address is in use, or not of this machine
   * @throws IllegalArgumentException when it is not resolved, or the backlog is below 1
   */
  public void bind(SocketAddress address, int backlog) throws IOException {
    inner.bind(address, backlog);
  }

  /**
   * Waits for the next connection. The caller owns it.
   *
   * <p><i>Errors:</i> the system's error, and the socket stays usable (spec IO-SL3); {@link
   * dev.tercet.ClosedResourceException}; {@link dev.tercet.BusyResourceException}; {@link
   * IllegalStateException} when not bound.
   *
   * <p><i>Interruption:</i> no effect: a connection that has arrived stays in the queue.
   *
   * <p><i>Thread-safety:</i> one acceptor at a time.
   *
   * @return the connection
   * @throws IOException when no connection can be accepted now
   * @throws InterruptedException when interrupted before or while waiting
   */
  public StreamSocket accept() throws IOException, InterruptedException {
    inner.accepting().enter();
    try {
      Parking.checkpoint();
      AcceptErrors errors = new AcceptErrors();
      while (true) {
        try {
          NonBlockingSocket connection = inner.accept();
          if (connection != null) {
            return new StreamSocket(connection);
          }
        } catch (IOException e) {
          // Errors that come back at once make it neither spin nor deaf to cancellation.
          Driver.waiting().run(new AcceptPause(this, e, errors.pauseNanosAfter(e)));
          continue;
        }
        errors.succeeded();
        Parking.await(inner.readable());
      }
    } finally {
      inner.accepting().exit();
    }
  }

  /**
   * The address it listens on; available also after the close.
   *
   * @return null when not bound
   */
  public @Nullable SocketAddress localAddress() {
    return inner.localAddress();
  }

  /**
   * Reads a socket option.
   *
   * @param option which
   * @param <T> its type
   * @return its value
   * @throws IOException when closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    return inner.getOption(option);
  }

  /**
   * Sets a socket option, before binding for most.
   *
   * @param option which
   * @param value its value
   * @param <T> its type
   * @throws IOException when the system refuses, or closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    inner.setOption(option, value);
  }

  /**
   * Closes the socket and waits until the port is free and no more connections are accepted, one
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
    Closing.close(inner);
  }

  @Override
  public void closeForcefully() {
    inner.close();
  }

  @Override
  public String toString() {
    return "ListenerSocket(" + inner + ")";
  }
}
