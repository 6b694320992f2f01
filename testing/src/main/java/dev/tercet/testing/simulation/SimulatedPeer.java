package dev.tercet.testing.simulation;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The far end of a connection that {@link ConnectAnswer#accept} has made, in the hands of a test.
 * Nothing here waits. For a peer that does something of its own, open a listener instead.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class SimulatedPeer {
  private final SimulatedSocket socket;

  SimulatedPeer(SimulatedSocket socket) {
    this.socket = socket;
  }

  /**
   * Where it is: the address that was connected to.
   *
   * @return resolved
   */
  public InetSocketAddress address() {
    return Objects.requireNonNull(socket.localAddress());
  }

  /**
   * Whom it talks to.
   *
   * @return the local address of the program's socket
   */
  public InetSocketAddress clientAddress() {
    return Objects.requireNonNull(socket.remoteAddress());
  }

  /**
   * Takes out what has arrived.
   *
   * @return empty when there is nothing
   */
  public byte[] received() {
    return socket.takeAll();
  }

  /**
   * Whether the program has ended its direction: sent the end, closed, or reset.
   *
   * @return true when that has arrived
   */
  public boolean sawEnd() {
    return socket.hasEnded();
  }

  /**
   * Sends bytes.
   *
   * <p><i>Errors:</i> {@link IllegalStateException} when the program does not receive and the
   * buffer is full; {@link IOException} after {@link #close} or a reset.
   *
   * @param data copied
   * @throws IOException when the connection is gone
   */
  public void send(byte[] data) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(data);
    socket.write(left);
    if (left.hasRemaining()) {
      throw new IllegalStateException("no room for " + left.remaining() + " of the bytes");
    }
  }

  /**
   * Sends the end of the stream.
   *
   * @throws IOException when the connection is gone
   */
  public void sendEof() throws IOException {
    socket.shutdown(false, true);
  }

  /** Closes in order, or with a reset if there are bytes that nobody has taken out. */
  public void close() {
    socket.close();
  }

  /** Closes with a reset. */
  public void reset() {
    socket.abort();
  }

  @Override
  public String toString() {
    return "SimulatedPeer(" + socket + ")";
  }
}
