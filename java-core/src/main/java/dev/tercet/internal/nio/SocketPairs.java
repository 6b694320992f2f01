package dev.tercet.internal.nio;

import dev.tercet.internal.loop.LoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Two sockets that are connected with each other. NIO has no {@code socketpair}, so we connect to a
 * listener of our own: a Unix one in a directory that only we can enter, removed at once; or, where
 * there are no Unix sockets, one on the loopback interface, where a stranger could come first, so
 * the peer's address is checked (spec IO-K15).
 *
 * <p>This blocks, but only for what the kernel does by itself: connecting to a listener on the same
 * machine that has room in its queue.
 */
public final class SocketPairs {
  private SocketPairs() {}

  /**
   * Two connected sockets.
   *
   * @param left one end
   * @param right the other
   */
  public record Pair(NioSocket left, NioSocket right) {}

  /**
   * Makes a pair.
   *
   * @param group on whose loops they wait
   * @return both ends; the caller closes them
   * @throws IOException when the system cannot
   */
  public static Pair open(LoopGroup group) throws IOException {
    try {
      return unix(group);
    } catch (UnsupportedOperationException noUnixSockets) {
      return loopback(group);
    }
  }

  private static Pair unix(LoopGroup group) throws IOException {
    Path directory = Files.createTempDirectory("tercet"); // mode 0700
    Path path = directory.resolve("s");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path), 1);
      return connect(group, listener, UnixDomainSocketAddress.of(path));
    } finally {
      Files.deleteIfExists(path);
      Files.deleteIfExists(directory);
    }
  }

  private static Pair loopback(LoopGroup group) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      return connect(group, listener, listener.getLocalAddress());
    }
  }

  private static Pair connect(LoopGroup group, ServerSocketChannel listener, SocketAddress address)
      throws IOException {
    SocketChannel left = SocketChannel.open(address);
    try {
      SocketChannel right = listener.accept();
      while (address instanceof InetSocketAddress
          && !left.getLocalAddress().equals(right.getRemoteAddress())) {
        right.close();
        right = listener.accept();
      }
      NioSocket rightSocket = NioSocket.of(right, group);
      try {
        return new Pair(NioSocket.of(left, group), rightSocket);
      } catch (IOException | RuntimeException e) {
        rightSocket.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      left.close();
      throw e;
    }
  }
}
