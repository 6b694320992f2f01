package dev.tercet.blocking;

import dev.tercet.internal.net.FileSending;
import dev.tercet.internal.net.StreamCore;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connected socket, TCP or Unix, as a byte stream.
 *
 * <p>It may be used by several threads and needs no thread: it uses its channel's event loop. An
 * interrupt or an expired scope ends a wait and leaves the socket unchanged, unlike the JDK's
 * channels, which close.
 *
 * <p>{@link #close} does not linger. The kernel still sends the bytes it has. If received bytes are
 * left unread, it may reset the connection and discard what is in flight (spec IO-SS7). To be sure
 * that the peer has everything: {@link #sendEof}, then receive until EOF, then close.
 *
 * <p><i>Thread-safety:</i> one thread may send while another receives; a second one in the same
 * direction gets {@link dev.tercet.BusyResourceException}. Closing: any thread.
 */
public final class SocketStream implements HalfCloseableStream, PeerOwner {
  private final StreamSocket socket;
  private final StreamCore core;

  private SocketStream(StreamSocket socket) {
    this.socket = socket;
    this.core = new StreamCore(socket.inner());
  }

  /**
   * Makes the stream of a socket, which it owns from now on.
   *
   * @param socket connected
   * @return the stream
   * @throws IllegalArgumentException when the socket is not connected
   */
  public static SocketStream wrap(StreamSocket socket) {
    return new SocketStream(socket);
  }

  /**
   * The socket below, for operations that a stream lacks.
   *
   * @return the socket that was wrapped
   */
  public StreamSocket socket() {
    return socket;
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    core.socket().sending().enter();
    try {
      do {
        // Each time: a reader that keeps up must not make a long send deaf to cancellation.
        Parking.checkpoint();
        if (core.send(data) == 0 && data.hasRemaining()) {
          Parking.await(core.socket().writable());
        }
      } while (data.hasRemaining());
    } finally {
      core.socket().sending().exit();
    }
  }

  @Override
  public long sendFile(Path file) throws IOException, InterruptedException {
    return FileSends.send(file, 0, FileSending.TO_THE_END, this::transfer);
  }

  @Override
  public long sendFile(Path file, long offset, long count)
      throws IOException, InterruptedException {
    FileSending.requireRange(offset, count);
    return FileSends.send(file, offset, count, this::transfer);
  }

  @Override
  public long sendFile(FileChannel file, long offset, long count)
      throws IOException, InterruptedException {
    FileSending.requireRange(offset, count);
    return FileSends.send(file, offset, count, this::transfer);
  }

  private long transfer(FileSending sending) throws IOException, InterruptedException {
    return FileSends.transfer(core, sending);
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    core.socket().sending().enter();
    try {
      Parking.checkpoint();
      if (core.canWaitToSend()) {
        Parking.await(core.socket().writable());
        core.ensureCanSend();
      }
    } finally {
      core.socket().sending().exit();
    }
  }

  @Override
  public void sendEof() throws IOException, InterruptedException {
    core.socket().sending().enter();
    try {
      Parking.checkpoint();
      core.sendEof();
    } finally {
      core.socket().sending().exit();
    }
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    core.socket().receiving().enter();
    try {
      Parking.checkpoint();
      while (true) {
        int n = core.receive(into);
        if (n != 0) {
          return n;
        }
        StreamCore.Received received = core.receiveOnLoop(into);
        Parking.await(core.socket().readable(), received);
        if (received.bytes() != 0) {
          return received.bytes();
        }
      }
    } finally {
      core.socket().receiving().exit();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Holds no buffer while it waits.
   */
  @Override
  public byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, not " + maxBytes);
    }
    core.socket().receiving().enter();
    try {
      Parking.checkpoint();
      while (true) {
        byte[] bytes = core.receive(maxBytes);
        if (bytes != null) {
          return bytes;
        }
        StreamCore.ReceivedArray received = core.receiveOnLoop(maxBytes);
        Parking.await(core.socket().readable(), received);
        bytes = received.bytes();
        if (bytes != null) {
          return bytes;
        }
      }
    } finally {
      core.socket().receiving().exit();
    }
  }

  @Override
  public byte[] receiveSome() throws IOException, InterruptedException {
    return receiveSome(ReceiveStream.DEFAULT_RECEIVE_BYTES);
  }

  /**
   * The address of this side; available also after the close.
   *
   * @return an {@link java.net.InetSocketAddress} or a {@link java.net.UnixDomainSocketAddress}
   */
  public SocketAddress localAddress() {
    return Objects.requireNonNull(socket.localAddress());
  }

  /**
   * The address of the peer; available also after the close.
   *
   * @return an {@link java.net.InetSocketAddress} or a {@link java.net.UnixDomainSocketAddress}
   */
  @Override
  public SocketAddress remoteAddress() {
    return Objects.requireNonNull(socket.remoteAddress());
  }

  /**
   * The address of the peer of a TCP connection; available also after the close.
   *
   * @return host and port
   * @throws IllegalStateException for a Unix socket
   */
  public InetSocketAddress peerAddress() {
    if (remoteAddress() instanceof InetSocketAddress inet) {
      return inet;
    }
    throw new IllegalStateException("a Unix socket has no address of a host: " + this);
  }

  /**
   * How many bytes this stream has received.
   *
   * @return 0 or more; any thread may read it
   */
  public long bytesReceived() {
    return core.bytesReceived();
  }

  /**
   * How many bytes this stream has handed to the system for sending.
   *
   * @return 0 or more; any thread may read it
   */
  public long bytesSent() {
    return core.bytesSent();
  }

  /**
   * Reads a socket option.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param option which
   * @param <T> its type
   * @return its value
   * @throws IOException when closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    return socket.getOption(option);
  }

  /**
   * Sets a socket option.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param option which
   * @param value its value
   * @param <T> its type
   * @throws IOException when the system refuses, or closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    socket.setOption(option, value);
  }

  /**
   * Closes the socket and waits until its descriptor is freed, one turn of the event loop.
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
    return "SocketStream(" + core + ")";
  }
}
