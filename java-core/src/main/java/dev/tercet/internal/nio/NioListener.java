package dev.tercet.internal.nio;

import dev.tercet.AddressText;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.loop.Readiness;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingListener;
import dev.tercet.internal.wait.Exclusive;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking listening socket: everything about it but waiting, once for both languages.
 *
 * <p>A closed listener that is registered keeps its port, and the kernel goes on completing
 * connections, until the next selection: that is what {@link Readiness#reaped} is for (spec
 * IO-SL10).
 *
 * <p><i>Thread-safety:</i> {@link #close} any thread; accepting by whoever has entered {@link
 * #accepting}.
 */
public final class NioListener extends NioResource<ServerSocketChannel>
    implements NonBlockingListener {
  private final LoopGroup group;
  private final Exclusive accepting = new Exclusive("another task is accepting");

  private volatile @Nullable SocketAddress localAddress;

  /** The file to be removed at the close, if this is a Unix listener that made one. */
  private final AtomicReference<@Nullable UnixSocketFile> file = new AtomicReference<>();

  private NioListener(
      ServerSocketChannel channel, LoopGroup group, SelectorLoop loop, ProtocolFamily family)
      throws IOException {
    super(channel, loop, family, "this listener was closed");
    this.group = group;
    this.localAddress = channel.getLocalAddress();
    Leak.watch(this, readiness);
  }

  /**
   * Opens a listening socket that is not bound.
   *
   * @param group over whose loops its connections are spread
   * @param family INET, INET6 or UNIX
   * @throws IOException when the system cannot
   * @throws UnsupportedOperationException when the system does not know the family
   */
  public static NioListener open(LoopGroup group, ProtocolFamily family) throws IOException {
    SelectorLoop loop = group.forNewChannel();
    ServerSocketChannel channel = ServerSocketChannel.open(family);
    try {
      if (family != StandardProtocolFamily.UNIX && !isWindows()) {
        // On Windows it would let others steal the port; the JDK binds exclusively there.
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      }
      return new NioListener(channel, group, loop, family);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Takes over a channel. A socket file that it is bound to is not ours, and stays at the close.
   *
   * @param channel open, and registered with no selector; closed when this throws an IOException
   * @param group over whose loops its connections are spread
   * @throws IOException when the channel cannot be configured
   * @throws IllegalArgumentException when it is registered with a selector or closed
   */
  public static NioListener of(ServerSocketChannel channel, LoopGroup group) throws IOException {
    Readiness.requireFree(channel);
    try {
      SocketAddress local = channel.getLocalAddress();
      return new NioListener(channel, group, group.forNewChannel(), familyOf(channel, local));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static ProtocolFamily familyOf(
      ServerSocketChannel channel, @Nullable SocketAddress local) {
    if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEADDR)) {
      return StandardProtocolFamily.UNIX;
    }
    return local != null && Addresses.isIpv4(local)
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  private static boolean isWindows() {
    return System.getProperty("os.name", "").startsWith("Windows");
  }

  @Override
  public void bind(SocketAddress address, int backlog) throws IOException {
    ensureOpen();
    // 0 would silently mean 50.
    NonBlockingListener.requireBacklog(backlog);
    if (address instanceof UnixDomainSocketAddress unix) {
      bindFile(unix.getPath(), backlog);
    } else {
      channel.bind(Addresses.requireResolved(address), backlog);
      localAddress = channel.getLocalAddress();
    }
  }

  /** Atomically over a socket file that may be there (spec IO-U5). */
  private void bindFile(Path path, int backlog) throws IOException {
    file.set(
        UnixSocketFile.create(
            path, temporary -> channel.bind(UnixDomainSocketAddress.of(temporary), backlog)));
    this.localAddress = UnixDomainSocketAddress.of(path);
    if (readiness.isClosed()) {
      removeFile();
    }
  }

  @Override
  public @Nullable NioSocket accept() throws IOException {
    ensureOpen();
    try {
      SocketChannel connection = channel.accept();
      return connection == null ? null : configure(connection);
    } catch (ClosedChannelException e) {
      throw closedBehindOurBack();
    } catch (NotYetBoundException e) {
      throw new IllegalStateException("this listener is not bound", e);
    }
  }

  /**
   * A peer may vanish between SYN and accept, and then the options of its socket cannot be set: the
   * caller waits for the next one.
   */
  private @Nullable NioSocket configure(SocketChannel connection) {
    SelectorLoop own = readiness.loop();
    try {
      SelectorLoop next = group.next();
      // A loop whose thread cannot be started serves nobody.
      SelectorLoop loop = next.canStart() ? next : own;
      SocketAddress local = localAddress;
      return local instanceof UnixDomainSocketAddress
          ? NioSocket.ofAccepted(connection, loop, local)
          : NioSocket.of(connection, loop);
    } catch (IOException vanished) {
      return null;
    }
  }

  @Override
  public Exclusive accepting() {
    return accepting;
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public void close() {
    // While the socket is open its inode cannot be given to another file: so this comes first. And
    // it does not depend on who closes the channel: the loop may have done it.
    removeFile();
    super.close();
  }

  private void removeFile() {
    UnixSocketFile ours = file.getAndSet(null);
    if (ours != null) {
      ours.removeIfOurs();
    }
  }

  @Override
  public String toString() {
    return AddressText.of(localAddress) + (readiness.isClosed() ? ", closed" : "");
  }
}
