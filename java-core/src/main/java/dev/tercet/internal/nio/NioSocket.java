package dev.tercet.internal.nio;

import dev.tercet.AddressText;
import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.loop.Readiness;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.wait.Exclusive;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
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
 * <p>A heap buffer is read and written in pieces of at most 128 KiB, see {@link #callBytes} (spec
 * IO-SS5).
 *
 * <p><i>Thread-safety:</i> {@link #close} any thread; sending and receiving by whoever has entered
 * {@link #sending} or {@link #receiving}.
 */
public final class NioSocket extends NioResource<SocketChannel> implements NonBlockingSocket {
  private final Exclusive sending = new Exclusive("another task is sending");
  private final Exclusive receiving = new Exclusive("another task is receiving");

  /** Cached, for after the close; guarded by being idempotent. */
  private volatile @Nullable SocketAddress localAddress;

  private volatile @Nullable SocketAddress remoteAddress;

  private volatile boolean writeShutDown;

  /** The user has bound it to a port of his choice, so a connection with itself is his choice. */
  private volatile boolean portChosen;

  private NioSocket(SocketChannel channel, SelectorLoop loop, ProtocolFamily family)
      throws IOException {
    super(channel, loop, family, "this socket was closed");
    localAddress = channel.getLocalAddress();
    portChosen = localAddress != null;
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
   * @throws IOException when the system cannot
   * @throws UnsupportedOperationException when the system does not know the family
   */
  public static NioSocket open(LoopGroup group, ProtocolFamily family) throws IOException {
    SelectorLoop loop = group.forNewChannel();
    return of(SocketChannel.open(family), loop, family);
  }

  /**
   * Takes over a channel.
   *
   * @param channel open, and registered with no selector; closed when this throws an IOException
   * @param group on one of whose loops it will wait
   * @throws IOException when the channel cannot be configured, or the loop was closed
   * @throws IllegalArgumentException when it is registered with a selector or closed
   */
  public static NioSocket of(SocketChannel channel, LoopGroup group) throws IOException {
    Readiness.requireFree(channel);
    try {
      return of(channel, group.forNewChannel());
    } catch (ClosedResourceException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Takes over a channel. A positive SO_LINGER is switched off: a close never waits.
   *
   * @param channel open, and registered with no selector; closed when this throws an IOException
   * @throws IOException when the channel cannot be configured
   * @throws IllegalArgumentException when it is registered with a selector or closed
   */
  public static NioSocket of(SocketChannel channel, SelectorLoop loop) throws IOException {
    Readiness.requireFree(channel);
    try {
      Integer linger = channel.getOption(StandardSocketOptions.SO_LINGER);
      if (linger != null && linger > 0) {
        channel.setOption(StandardSocketOptions.SO_LINGER, -1);
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return of(channel, loop, isUnix(channel) ? StandardProtocolFamily.UNIX : inetFamily(channel));
  }

  /**
   * Takes over a channel that a Unix listener has accepted.
   *
   * @param channel as in {@link #of(SocketChannel, SelectorLoop)}
   * @param local where the listener listens; the channel itself knows only the name that was bound
   *     before the file was moved into its place
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

  @Override
  public Exclusive sending() {
    return sending;
  }

  @Override
  public Exclusive receiving() {
    return receiving;
  }

  @Override
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

  @Override
  public boolean finishConnect(SocketAddress address) throws IOException {
    ensureOpen();
    try {
      return channel.finishConnect() && connected();
    } catch (IOException | RuntimeException e) {
      throw connectFailed(e, address);
    }
  }

  @Override
  public boolean isConnected() {
    return remoteAddress != null;
  }

  private boolean connected() throws IOException {
    SocketAddress local = channel.getLocalAddress();
    SocketAddress remote = channel.getRemoteAddress();
    if (!portChosen && local instanceof InetSocketAddress && local.equals(remote)) {
      // The system has given it the very port that it connects to, where nobody listens.
      throw new ConnectException("Connection refused: the socket was connected to itself");
    }
    readiness.setConnecting(false);
    localAddress = local;
    remoteAddress = remote;
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

  @Override
  public int bytesPerCall(ByteBuffer buffer) {
    return callBytes(buffer);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    ensureOpen();
    int limit = into.limit();
    into.limit(into.position() + bytesPerCall(into));
    try {
      return channel.read(into);
    } catch (ClosedChannelException | NotYetConnectedException e) {
      throw refusal(e, false);
    } finally {
      into.limit(limit);
    }
  }

  @Override
  public long read(ByteBuffer[] into) throws IOException {
    ensureOpen();
    try {
      return channel.read(into);
    } catch (ClosedChannelException | NotYetConnectedException e) {
      throw refusal(e, false);
    }
  }

  @Override
  public boolean isReadable() throws IOException {
    ensureOpen();
    try {
      return Probing.isReadable(channel);
    } catch (ClosedChannelException e) {
      throw refusal(e, false);
    }
  }

  @Override
  public int write(ByteBuffer data) throws IOException {
    ensureOpen();
    int limit = data.limit();
    data.limit(data.position() + bytesPerCall(data));
    try {
      return channel.write(data);
    } catch (ClosedChannelException | NotYetConnectedException e) {
      throw refusal(e, true);
    } finally {
      data.limit(limit);
    }
  }

  @Override
  public long write(ByteBuffer[] data) throws IOException {
    ensureOpen();
    try {
      return channel.write(data);
    } catch (ClosedChannelException | NotYetConnectedException e) {
      throw refusal(e, true);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>The JDK hands the descriptor of the socket to the system without a lock on the socket, at
   * least up to version 17. So a close that comes meanwhile is put off: the descriptor's number
   * must not be another's when the system writes to it.
   */
  @Override
  public long transferFrom(FileChannel file, long position, long count) throws IOException {
    ensureOpen();
    if (writeShutDown) {
      throw refusal(new ClosedChannelException(), true);
    }
    if (!readiness.hold()) {
      throw closed();
    }
    try {
      return file.transferTo(position, count, channel);
    } catch (ClosedChannelException | NotYetConnectedException e) {
      if (e instanceof ClosedChannelException fileClosed && !file.isOpen()) {
        throw fileClosed;
      }
      throw refusal(e, true);
    } finally {
      readiness.release();
    }
  }

  @Override
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
    } catch (ClosedChannelException | NotYetConnectedException e) {
      throw refusal(e, false);
    }
  }

  @Override
  public boolean isWriteShutDown() {
    return writeShutDown;
  }

  @Override
  public void bind(SocketAddress address) throws IOException {
    ensureOpen();
    try {
      channel.bind(Addresses.requireResolved(address));
    } catch (SocketException e) {
      throw ConnectErrors.cannot("bind to", address, e);
    }
    portChosen = address instanceof InetSocketAddress inet && inet.getPort() != 0;
    localAddress = channel.getLocalAddress();
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public @Nullable SocketAddress remoteAddress() {
    return remoteAddress;
  }

  /** What the channel refuses without asking the system: it is not connected, or no longer. */
  private ClosedResourceException refusal(Exception e, boolean sending) {
    if (e instanceof NotYetConnectedException) {
      throw new IllegalStateException("this socket is not connected", e);
    }
    if (sending && channel.isOpen() && writeShutDown) {
      return new ClosedResourceException("the sending direction of this socket was shut down");
    }
    return closedBehindOurBack();
  }

  @Override
  public String toString() {
    return AddressText.of(localAddress)
        + " -> "
        + AddressText.of(remoteAddress)
        + (readiness.isClosed() ? ", closed" : "");
  }
}
