package dev.tercet.testing;

import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.StreamPair;
import dev.tercet.blocking.StreamSocket;
import dev.tercet.testing.conformance.StreamConformance;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The battery on real sockets: TCP, Unix and socket pairs. Its tasks are threads of a nursery, so
 * virtual ones where the JVM has them.
 */
class SocketConformanceRealSocketTest {
  private static Pair<SocketStream> tcpPair() throws IOException, InterruptedException {
    ListenOptions loopback = ListenOptions.DEFAULT.withHost("127.0.0.1");
    try (SocketListener listener = Net.openTcpListeners(0, loopback).get(0)) {
      SocketStream left = Net.openTcpStream("127.0.0.1", listener.port());
      return new Pair<>(left, listener.accept());
    }
  }

  private static Pair<SocketStream> unixPair() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("tercet-battery");
    Path path = directory.resolve("s");
    try (SocketListener listener = Net.openUnixListener(path, ListenOptions.DEFAULT)) {
      SocketStream left = Net.openUnixSocket(path);
      return new Pair<>(left, listener.accept());
    } finally {
      Files.deleteIfExists(directory);
    }
  }

  private static Pair<SocketStream> socketPair() throws IOException {
    StreamPair pair = Net.socketStreamPair();
    return new Pair<>(pair.left(), pair.right());
  }

  private static Pair<SocketStream> cloggedTcp() throws IOException, InterruptedException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return clogged(SocketChannel.open(server.getLocalAddress()), server.accept());
    }
  }

  private static Pair<SocketStream> cloggedUnix() throws IOException, InterruptedException {
    Path path = Files.createTempDirectory("tercet-battery").resolve("s");
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      return clogged(SocketChannel.open(address), server.accept());
    } finally {
      Files.delete(path);
      Files.delete(path.getParent());
    }
  }

  /**
   * The streams of channels that the kernel takes no more bytes for, in both directions. The kernel
   * itself says so, to writes that do not block: that a send of a stream makes no progress for some
   * time may only mean that its thread had no turn. Asked three times, since the kernel may find
   * room late; a fixed buffer size keeps it from finding more.
   */
  private static Pair<SocketStream> clogged(SocketChannel... channels)
      throws IOException, InterruptedException {
    for (SocketChannel channel : channels) {
      channel.setOption(StandardSocketOptions.SO_SNDBUF, 16_384);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 16_384);
      channel.configureBlocking(false);
    }
    ByteBuffer piece = ByteBuffer.allocate(65_536);
    for (int full = 0; full < 3; ) {
      full++;
      for (SocketChannel channel : channels) {
        while (channel.write(piece.clear()) > 0) {
          full = 0;
        }
      }
      Thread.sleep(20);
    }
    return new Pair<>(
        SocketStream.wrap(StreamSocket.fromChannel(channels[0])),
        SocketStream.wrap(StreamSocket.fromChannel(channels[1])));
  }

  @Test
  @DisplayName("IO-SS11 TCP streams keep the contract")
  void tcp() throws Exception {
    StreamConformance.checkHalfCloseableStream(
        SocketConformanceRealSocketTest::tcpPair, SocketConformanceRealSocketTest::cloggedTcp);
  }

  @Test
  @DisplayName("IO-SS11 Unix streams keep the contract")
  void unix() throws Exception {
    StreamConformance.checkHalfCloseableStream(
        SocketConformanceRealSocketTest::unixPair, SocketConformanceRealSocketTest::cloggedUnix);
  }

  @Test
  @DisplayName("IO-SS11 socket pairs keep the contract, also from a task of a nursery")
  void pairs() throws Exception {
    Nursery.run(
        nursery ->
            nursery.startSoon(
                () ->
                    StreamConformance.checkHalfCloseableStream(
                        SocketConformanceRealSocketTest::socketPair,
                        SocketConformanceRealSocketTest::cloggedUnix)));
  }
}
