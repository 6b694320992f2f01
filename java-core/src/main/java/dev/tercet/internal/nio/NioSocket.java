package dev.tercet.internal.nio;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.loop.Readiness;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.task.Exclusive;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking stream socket: everything about it but waiting. Both front ends' sockets and
 * streams are a few lines around one of these.
 *
 * <p>Errors here are the system's, as {@link IOException}s, except that a socket which our own side
 * has closed says so (spec IO-K4). Which exception the JDK throws for a closed channel differs from
 * version to version, so the decision is made from our own flag (spec IO-E8).
 *
 * <p>A heap buffer is read and written in pieces of at most 128 KiB: the JDK copies all that is
 * left of it into a direct buffer at every attempt, and caches a buffer of that size per thread
 * (spec IO-SS5).
 *
 * <p><i>Thread-safety:</i> {@link #close} any thread; sending and receiving by whoever has entered
 * {@link #sending} or {@link #receiving}.
 */
public final class NioSocket {
  private static final int MAX_HEAP_BYTES_PER_CALL = 128 * 1024;

  private final SocketChannel channel;
  private final Readiness readiness;
  private final ProtocolFamily family;

  /** Held while sending, waiting to send, connecting or shutting down. */
  public final Exclusive sending = new Exclusive("another task is sending");

  /** Held while receiving. */
  public final Exclusive receiving = new Exclusive("another task is receiving");

  /** Cached, for after the close; guarded by being idempotent. */
  private volatile @Nullable SocketAddress localAddress;

  private volatile @Nullable SocketAddress remoteAddress;

  private volatile boolean writeShutDown;

  private NioSocket(SocketChannel channel, SelectorLoop loop, ProtocolFamily family)
      throws IOException {
    this.channel = channel;
    this.family = family;
    this.readiness = new Readiness(loop, channel);
    localAddress = channel.getLocalAddress();
    if (channel.isConnected()) {
      remoteAddress = channel.getRemoteAddress();
    }
    Leak.watch(this, readiness);
  }

  /**
   * Opens a socket that is not connected.
   *
   * @param group on one of whose loops it will wait
   * @param family INET, INET6 or UNIX
   * @return the socket
   * @throws IOException when the system cannot
   * @throws UnsupportedOperationException when the system does not know the family
   */
  public static NioSocket open(LoopGroup group, ProtocolFamily family) throws IOException {
    return of(SocketChannel.open(family), group.currentOrNext(), family);
  }

  /**
   * Takes over a channel.
   *
   * @param channel open, and registered with no selector; closed when this throws
   * @param loop on which it will wait
   * @return the socket
   * @throws IOException when the channel cannot be configured
   * @throws IllegalArgumentException when it is registered with a selector or closed
   */
  public static NioSocket of(SocketChannel channel, SelectorLoop loop) throws IOException {
    if (channel.isRegistered() || !channel.isOpen()) {
      throw new IllegalArgumentException(
          channel.isOpen()
              ? "the channel is registered with a selector of somebody else's"
              : "the channel is closed");
    }
    return of(channel, loop, isUnix(channel) ? StandardProtocolFamily.UNIX : inetFamily(channel));
  }

  /**
   * Takes over a channel that a Unix listener has accepted.
   *
   * @param channel as in {@link #of(SocketChannel, SelectorLoop)}
   * @param loop on which it will wait
   * @param local where the listener listens; the channel itself knows only the name that was bound
   *     before the file was moved into its place
   * @return the socket
   * @throws IOException when the channel cannot be configured
   */
  static NioSocket ofAccepted(SocketChannel channel, SelectorLoop loop, SocketAddress local)
      throws IOException {
    NioSocket socket = of(channel, loop, StandardProtocolFamily.UNIX);
    socket.localAddress = local;
    return socket;
  }

  private static NioSocket of(SocketChannel channel, SelectorLoop loop, ProtocolFamily family)
      throws IOException {
    try {
      channel.configureBlocking(false);
      if (family != StandardProtocolFamily.UNIX) {
        // A small message must not wait for the acknowledgement of the one before it.
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      return new NioSocket(channel, loop, family);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean isUnix(SocketChannel channel) {
    return !channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY);
  }

  private static ProtocolFamily inetFamily(SocketChannel channel) throws IOException {
    SocketAddress local = channel.getLocalAddress();
    return local != null && Addresses.isIpv4(local)
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  /**
   * INET, INET6 or UNIX.
   *
   * @return the family the socket was opened with
   */
  public ProtocolFamily family() {
    return family;
  }

  /**
   * Where to wait for this socket, and its closed flag.
   *
   * @return the readiness of the channel
   */
  public Readiness readiness() {
    return readiness;
  }

  /**
   * Begins to connect. The caller holds {@link #sending}. A failed connect closes the socket, as
   * NIO does (spec IO-K5).
   *
   * @param address where to; resolved
   * @return true when connected, false when one must wait for {@code writable} and {@link
   *     #finishConnect}
   * @throws IOException when refused at once
   */
  public boolean startConnect(SocketAddress address) throws IOException {
    ensureOpen();
    if (isConnected()) {
      throw new AlreadyConnectedException();
    }
    try {
      readiness.setConnecting(true);
      return channel.connect(Addresses.requireResolved(address)) && connected();
    } catch (IOException | RuntimeException e) {
      throw connectFailed(e, address);
    }
  }

  /**
   * Goes on with a connect that was begun.
   *
   * @param address where to, for the message
   * @return true when connected, false when one must wait again
   * @throws IOException when it has failed
   */
  public boolean finishConnect(SocketAddress address) throws IOException {
    ensureOpen();
    try {
      return channel.finishConnect() && connected();
    } catch (IOException | RuntimeException e) {
      throw connectFailed(e, address);
    }
  }

  /**
   * Whether a connect has succeeded, once.
   *
   * @return true also after the close
   */
  public boolean isConnected() {
    return remoteAddress != null;
  }

  private boolean connected() throws IOException {
    readiness.setConnecting(false);
    localAddress = channel.getLocalAddress();
    remoteAddress = channel.getRemoteAddress();
    return true;
  }

  private IOException connectFailed(Exception e, SocketAddress address) {
    if (e instanceof RuntimeException bug) {
      // Already connected, unsupported address type: the caller's bug, and the socket is as it was.
      readiness.setConnecting(false);
      throw bug;
    }
    boolean closedByUs = readiness.isClosed();
    readiness.close();
    return closedByUs ? closed() : ConnectErrors.withAddress((IOException) e, address);
  }

  /**
   * How much of a buffer one call reads or writes.
   *
   * @param buffer any
   * @return its remaining bytes, or fewer
   */
  static int bytesPerCall(ByteBuffer buffer) {
    int remaining = buffer.remaining();
    return buffer.isDirect() ? remaining : Math.min(remaining, MAX_HEAP_BYTES_PER_CALL);
  }

  /**
   * Reads what is there. The caller holds {@link #receiving}.
   *
   * @param into with room
   * @return how many bytes, 0 when one must wait for {@code readable}, -1 at the end
   * @throws IOException when the connection is broken, or {@link ClosedResourceException}
   */
  public int read(ByteBuffer into) throws IOException {
    ensureOpen();
    int limit = into.limit();
    into.limit(into.position() + bytesPerCall(into));
    try {
      return channel.read(into);
    } catch (ClosedChannelException e) {
      throw closedBehindOurBack();
    } catch (NotYetConnectedException e) {
      throw notConnected(e);
    } finally {
      into.limit(limit);
    }
  }

  /**
   * Reads what is there into several buffers.
   *
   * @param into with room
   * @return as {@link #read(ByteBuffer)}
   * @throws IOException as {@link #read(ByteBuffer)}
   */
  public long read(ByteBuffer[] into) throws IOException {
    ensureOpen();
    try {
      return channel.read(into);
    } catch (ClosedChannelException e) {
      throw closedBehindOurBack();
    } catch (NotYetConnectedException e) {
      throw notConnected(e);
    }
  }

  /**
   * Writes what there is room for. The caller holds {@link #sending}.
   *
   * @param data not empty
   * @return how many bytes, 0 when one must wait for {@code writable}
   * @throws IOException when the connection is broken, or {@link ClosedResourceException}
   */
  public int write(ByteBuffer data) throws IOException {
    ensureOpen();
    int limit = data.limit();
    data.limit(data.position() + bytesPerCall(data));
    try {
      return channel.write(data);
    } catch (ClosedChannelException e) {
      throw afterShutdownOrClose();
    } catch (NotYetConnectedException e) {
      throw notConnected(e);
    } finally {
      data.limit(limit);
    }
  }

  /**
   * Writes from several buffers what there is room for.
   *
   * @param data not all empty
   * @return as {@link #write(ByteBuffer)}
   * @throws IOException as {@link #write(ByteBuffer)}
   */
  public long write(ByteBuffer[] data) throws IOException {
    ensureOpen();
    try {
      return channel.write(data);
    } catch (ClosedChannelException e) {
      throw afterShutdownOrClose();
    } catch (NotYetConnectedException e) {
      throw notConnected(e);
    }
  }

  /**
   * Shuts down one or both directions.
   *
   * @param read whether to stop receiving
   * @param write whether to stop sending; the peer gets the end of the stream
   * @throws IOException when the system refuses, or {@link ClosedResourceException}
   */
  public void shutdown(boolean read, boolean write) throws IOException {
    ensureOpen();
    try {
      if (read) {
        channel.shutdownInput();
      }
      if (write) {
        channel.shutdownOutput();
        writeShutDown = true;
      }
    } catch (ClosedChannelException e) {
      throw closedBehindOurBack();
    } catch (NotYetConnectedException e) {
      throw notConnected(e);
    }
  }

  /**
   * Whether the sending direction was shut down by {@link #shutdown}.
   *
   * @return true after it succeeded
   */
  public boolean isWriteShutDown() {
    return writeShutDown;
  }

  /**
   * Binds to a local address.
   *
   * @param address resolved; port 0 for any
   * @throws IOException when it is taken or not ours
   */
  public void bind(SocketAddress address) throws IOException {
    ensureOpen();
    try {
      channel.bind(Addresses.requireResolved(address));
    } catch (SocketException e) {
      throw ConnectErrors.cannot("bind to", address, e);
    }
    localAddress = channel.getLocalAddress();
  }

  /**
   * The address of this side, also after the close.
   *
   * @return null when neither bound nor connected
   */
  public @Nullable SocketAddress localAddress() {
    return localAddress;
  }

  /**
   * The address of the peer, also after the close.
   *
   * @return null when never connected
   */
  public @Nullable SocketAddress remoteAddress() {
    return remoteAddress;
  }

  /**
   * Reads an option.
   *
   * @param option which
   * @param <T> its type
   * @return its value
   * @throws IOException when closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    ensureOpen();
    return channel.getOption(option);
  }

  /**
   * Sets an option.
   *
   * @param option which
   * @param value its value
   * @param <T> its type
   * @throws IOException when the system refuses, or closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    ensureOpen();
    channel.setOption(option, value);
  }

  /** Closes here and now; any thread, any number of times. */
  public void close() {
    readiness.close();
  }

  /**
   * Throws if our side has closed this socket.
   *
   * @throws ClosedResourceException when closed
   */
  public void ensureOpen() throws ClosedResourceException {
    if (readiness.isClosed()) {
      throw closed();
    }
  }

  static ClosedResourceException closed() {
    return new ClosedResourceException("this socket was closed");
  }

  private ClosedResourceException closedBehindOurBack() {
    readiness.close();
    return closed();
  }

  private ClosedResourceException afterShutdownOrClose() {
    return channel.isOpen() && writeShutDown
        ? new ClosedResourceException("the sending direction of this socket was shut down")
        : closedBehindOurBack();
  }

  private static IllegalStateException notConnected(NotYetConnectedException cause) {
    return new IllegalStateException("this socket is not connected", cause);
  }

  @Override
  public String toString() {
    return Addresses.text(localAddress)
        + " -> "
        + Addresses.text(remoteAddress)
        + (readiness.isClosed() ? ", closed" : "");
  }
}
