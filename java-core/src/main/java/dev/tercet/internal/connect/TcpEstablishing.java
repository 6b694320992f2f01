package dev.tercet.internal.connect;

import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.internal.nio.ConnectErrors;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A TCP connect. */
public final class TcpEstablishing implements Establishing<NonBlockingSocket> {
  private final NonBlockingSocket socket;
  private final InetSocketAddress target;
  private boolean isStarted;

  private TcpEstablishing(NonBlockingSocket socket, InetSocketAddress target) {
    this.socket = socket;
    this.target = target;
    socket.sending().enter();
  }

  /**
   * Opens a socket of the target's family (spec IO-HE7, IO-HE16), with options, bound.
   *
   * @param local the address to connect from; null for any
   * @throws IOException when the system refuses; then nothing is left open
   */
  public static TcpEstablishing open(
      NetworkProvider network,
      Map<SocketOption<?>, Object> options,
      InetSocketAddress target,
      @Nullable InetSocketAddress local)
      throws IOException {
    NonBlockingSocket socket;
    try {
      socket = network.openStream(Addresses.family(target.getAddress()));
    } catch (UnsupportedOperationException e) {
      // A family that this system does not have fails the attempt, not the connect.
      SocketException missing = new SocketException(e.getMessage());
      missing.initCause(e);
      throw ConnectErrors.withAddress(missing, target);
    } catch (IOException e) {
      throw ConnectErrors.withAddress(e, target);
    }
    boolean isReady = false;
    try {
      setAll(socket, options, target);
      if (local != null) {
        socket.bind(local);
      }
      isReady = true;
    } finally {
      if (!isReady) {
        // Never registered anywhere: there is nothing to wait for.
        socket.close();
      }
    }
    return new TcpEstablishing(socket, target);
  }

  private static void setAll(
      NonBlockingSocket socket, Map<SocketOption<?>, Object> options, InetSocketAddress target)
      throws IOException {
    try {
      for (Map.Entry<SocketOption<?>, Object> option : options.entrySet()) {
        set(socket, option.getKey(), option.getValue());
      }
    } catch (IOException e) {
      throw ConnectErrors.withAddress(e, target);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> void set(NonBlockingSocket socket, SocketOption<?> option, Object value)
      throws IOException {
    // The pair was put in together, by a generic method.
    socket.setOption((SocketOption<T>) option, (T) value);
  }

  @Override
  public @Nullable WaitPlace advance(long nowNanos) throws IOException {
    boolean isConnected = isStarted ? socket.finishConnect(target) : socket.startConnect(target);
    isStarted = true;
    if (!isConnected) {
      return socket.writable();
    }
    socket.sending().exit();
    return null;
  }

  @Override
  public NonBlockingSocket result() {
    return socket;
  }

  @Override
  public void close() {
    socket.close();
  }

  @Override
  public Latch released() {
    return socket.released();
  }
}
