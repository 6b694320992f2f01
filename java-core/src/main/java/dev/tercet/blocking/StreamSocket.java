package dev.tercet.blocking;

import dev.tercet.Network;
import dev.tercet.Resource;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.names.AddressQuestion;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.internal.nio.LoopNetwork;
import dev.tercet.internal.nio.NioSocket;
import dev.tercet.internal.nio.SocketPairs;
import dev.tercet.internal.nio.UnixSocketFile;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket, low level: one system call per operation, the system's errors, and resolved
 * addresses only. Most programs want a {@link SocketStream}, which wraps one.
 *
 * <p>Modern defaults are on: {@code TCP_NODELAY}. A closed socket throws {@link
 * dev.tercet.ClosedResourceException} (spec IO-K4). Sockets are one-shot: a failed or interrupted
 * connect closes them (spec IO-K5).
 *
 * <p><i>Thread-safety:</i> one thread may send while another receives; a second one in the same
 * direction gets {@link dev.tercet.BusyResourceException}. Closing: any thread.
 */
public final class StreamSocket implements Resource {
  private final NonBlockingSocket inner;

  /** Who resolves names for it; null: that of the calling thread. */
  private final @Nullable Network network;

  StreamSocket(NonBlockingSocket inner) {
    this(inner, null);
  }

  StreamSocket(NonBlockingSocket inner, @Nullable Network network) {
    this.inner = inner;
    this.network = network;
  }

  NonBlockingSocket inner() {
    return inner;
  }

  /**
   * Opens a socket that is neither bound nor connected, on the shared loop, or the network of the
   * simulation that the calling thread is in.
   *
   * @param family INET, INET6 or UNIX
   * @return the socket; the caller closes it
   * @throws IOException when the system cannot, for lack of descriptors for example
   * @throws UnsupportedOperationException when the system does not have the family
   */
  public static StreamSocket open(ProtocolFamily family) throws IOException {
    return open(family, LoopNetwork.chosenOrDefault(null));
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
  public static StreamSocket open(ProtocolFamily family, Network network) throws IOException {
    return new StreamSocket(NetworkProvider.from(network).openStream(family), network);
  }

  /**
   * Takes over a channel, which becomes non-blocking and belongs to the socket from now on (spec
   * IO-SS1).
   *
   * @param channel open, connected or not, registered with no selector
   * @return the socket; the caller closes it
   * @throws IOException when the channel cannot be configured
   * @throws IllegalArgumentException when it is closed or registered with a selector
   */
  public static StreamSocket fromChannel(SocketChannel channel) throws IOException {
    return new StreamSocket(NioSocket.of(channel, LoopGroup.shared()));
  }

  /**
   * Makes two connected sockets: a Unix socket pair, or a loopback TCP connection on systems
   * without Unix sockets (spec IO-K15).
   *
   * @return both; the caller closes them
   * @throws IOException when the system cannot
   */
  public static SocketPair openPair() throws IOException {
    Parking.refuseOnLoop();
    SocketPairs.Pair pair = SocketPairs.open(LoopGroup.shared());
    return new SocketPair(new StreamSocket(pair.left()), new StreamSocket(pair.right()));
  }

  /**
   * Binds to a local address before connecting.
   *
   * @param address resolved; port 0 for any
   * @throws IOException when it is in use, or not of this machine
   * @throws IllegalArgumentException when it is not resolved
   */
  public void bind(SocketAddress address) throws IOException {
    inner.bind(address);
  }

  /**
   * Looks up an address to {@linkplain #bind bind} to. The socket itself resolves nothing, and is
   * not changed.
   *
   * <p>The address has the socket's family: IPv4 for an IPv4 socket. An IPv6 socket is dual-stack:
   * it gets IPv6 if there is one, else IPv4 (spec IO-K6). The resolver is that of the network it
   * was opened on.
   *
   * <p><i>Errors:</i> {@link java.net.UnknownHostException} when the name has no such address;
   * {@link IllegalArgumentException} for what is neither a name nor a literal, for an IPv6 literal
   * with an IPv4 socket, and for the port; {@link UnsupportedOperationException} for a Unix socket.
   *
   * <p><i>Interruption:</i> immediate; the answer is ignored.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name, an IP literal, or {@code <broadcast>} for 255.255.255.255; null or empty
   *     for all addresses of this machine
   * @param port 0 to 65535; 0 for any
   * @return resolved
   * @throws IOException when it cannot be looked up
   * @throws InterruptedException when interrupted before or while waiting
   */
  public InetSocketAddress resolveLocalAddress(@Nullable String host, int port)
      throws IOException, InterruptedException {
    return Resolving.resolve(AddressQuestion.local(inner.family(), host, port), network);
  }

  /**
   * Looks up an address to {@linkplain #connect connect} to; otherwise as {@link
   * #resolveLocalAddress}.
   *
   * <p><i>Errors:</i> as {@link #resolveLocalAddress}.
   *
   * <p><i>Interruption:</i> immediate; the answer is ignored.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param host a name, an IP literal, or {@code <broadcast>} for 255.255.255.255; null or empty
   *     for this machine
   * @param port 0 to 65535
   * @return resolved
   * @throws IOException when it cannot be looked up
   * @throws InterruptedException when interrupted before or while waiting
   */
  public InetSocketAddress resolveRemoteAddress(@Nullable String host, int port)
      throws IOException, InterruptedException {
    return Resolving.resolve(AddressQuestion.remote(inner.family(), host, port), network);
  }

  /**
   * Connects.
   *
   * <p><i>Errors:</i> {@link java.net.ConnectException} when refused, with the address in its
   * message; {@link java.nio.file.NoSuchFileException} for a Unix path where nothing is; {@link
   * IllegalArgumentException} for an unresolved address. The socket is then closed.
   *
   * <p><i>Interruption:</i> closes the socket.
   *
   * <p><i>Thread-safety:</i> excludes sending.
   *
   * @param address resolved
   * @throws IOException when it cannot be connected
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void connect(SocketAddress address) throws IOException, InterruptedException {
    Addresses.requireResolved(address);
    if (address instanceof UnixDomainSocketAddress unix) {
      UnixSocketFile.requireValid(unix.getPath());
    }
    inner.sending().enter();
    // Connecting twice is the caller's bug, and does the first connection no harm.
    boolean connected = inner.isConnected();
    try {
      Parking.checkpoint();
      connected = inner.startConnect(address);
      while (!connected) {
        Parking.await(inner.writable());
        connected = inner.finishConnect(address);
      }
    } finally {
      inner.sending().exit();
      if (!connected) {
        inner.close();
      }
    }
  }

  /**
   * Sends some bytes with one system call, waiting until there is room for at least one.
   *
   * <p><i>Errors:</i> the system's error; {@link dev.tercet.ClosedResourceException}; {@link
   * dev.tercet.BusyResourceException}; {@link IllegalStateException} when not connected.
   *
   * <p><i>Interruption:</i> no effect: nothing was sent.
   *
   * <p><i>Thread-safety:</i> one sender at a time.
   *
   * @param data what to send, gathered in this order; positions are advanced by what was sent
   * @return how many bytes; 0 only for no data
   * @throws IOException when the connection is broken or closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  public int send(ByteBuffer... data) throws IOException, InterruptedException {
    inner.sending().enter();
    try {
      Parking.checkpoint();
      inner.ensureOpen();
      if (remaining(data) == 0) {
        return 0;
      }
      while (true) {
        long n = inner.write(data);
        if (n > 0) {
          return (int) n;
        }
        Parking.await(inner.writable());
      }
    } finally {
      inner.sending().exit();
    }
  }

  /**
   * Receives some bytes with one system call, waiting until there is at least one.
   *
   * <p><i>Errors:</i> as {@link #send}; {@link IllegalArgumentException} when there is no room.
   *
   * <p><i>Interruption:</i> no effect: no byte is lost.
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param into the buffers for the bytes, scattered in this order; at least one byte of room
   * @return how many bytes, or -1 at EOF
   * @throws IOException when the connection is broken or closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  public int receive(ByteBuffer... into) throws IOException, InterruptedException {
    if (remaining(into) == 0) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    inner.receiving().enter();
    try {
      Parking.checkpoint();
      while (true) {
        long n = inner.read(into);
        if (n != 0) {
          return (int) n;
        }
        Parking.await(inner.readable());
      }
    } finally {
      inner.receiving().exit();
    }
  }

  /**
   * Whether {@link #receive} would find something without waiting: bytes, EOF, or an error. Does
   * not affect waiting threads. It opens a selector for each call, which takes about 10 µs: do not
   * call it in a loop (spec IO-K13).
   *
   * @return false when it would wait
   * @throws IOException when closed, or when the system has no free descriptors
   */
  public boolean isReadable() throws IOException {
    return inner.isReadable();
  }

  private static long remaining(ByteBuffer... buffers) {
    long sum = 0;
    for (ByteBuffer buffer : buffers) {
      sum += buffer.remaining();
    }
    return sum;
  }

  /**
   * Waits until {@link #send} would find room.
   *
   * <p><i>Errors:</i> as {@link #send}.
   *
   * <p><i>Interruption:</i> no effect.
   *
   * <p><i>Thread-safety:</i> excludes sending.
   *
   * @throws IOException when the socket is closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void waitWritable() throws IOException, InterruptedException {
    inner.sending().enter();
    try {
      Parking.checkpoint();
      inner.ensureOpen();
      Parking.await(inner.writable());
      inner.ensureOpen();
    } finally {
      inner.sending().exit();
    }
  }

  /**
   * Shuts down one direction or both. Does not wait.
   *
   * @param how which
   * @throws IOException when closed
   * @throws IllegalStateException when not connected
   */
  public void shutdown(How how) throws IOException {
    inner.shutdown(how != How.WRITE, how != How.READ);
  }

  /**
   * Whether the sending direction was shut down successfully (spec IO-K3).
   *
   * @return true after {@code shutdown(WRITE)} or {@code shutdown(BOTH)}
   */
  public boolean didShutdownWrite() {
    return inner.isWriteShutDown();
  }

  /**
   * The address of this side; available also after the close.
   *
   * @return null when neither bound nor connected
   */
  public @Nullable SocketAddress localAddress() {
    return inner.localAddress();
  }

  /**
   * The address of the peer; available also after the close.
   *
   * @return null when never connected
   */
  public @Nullable SocketAddress remoteAddress() {
    return inner.remoteAddress();
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
   * Sets a socket option.
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
    return "StreamSocket(" + inner + ")";
  }
}
