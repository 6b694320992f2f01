package dev.tercet.testing;

import dev.tercet.net.Net;
import dev.tercet.net.StreamPair;
import dev.tercet.serve.ListenOptions;
import dev.tercet.socket.SocketListener;
import dev.tercet.socket.SocketStream;
import dev.tercet.task.CancelScope;
import dev.tercet.task.Nursery;
import dev.tercet.testing.MemoryStreams.Pair;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  private static Pair<SocketStream> clogged(Pair<SocketStream> pair)
      throws IOException, InterruptedException {
    fixBuffers(pair.left());
    fixBuffers(pair.right());
    clog(pair.left());
    clog(pair.right());
    return pair;
  }

  /** A fixed size keeps the kernel from finding more room later. */
  private static void fixBuffers(SocketStream stream) throws IOException {
    stream.setOption(StandardSocketOptions.SO_SNDBUF, 16_384);
    stream.setOption(StandardSocketOptions.SO_RCVBUF, 16_384);
  }

  /** Sends until sending waits, which is asked three times: this thread may have had no turn. */
  private static void clog(SocketStream stream) throws IOException, InterruptedException {
    byte[] piece = new byte[65_536];
    for (int full = 0; full < 3; ) {
      long before = stream.bytesSent();
      var unused = CancelScope.moveOnAfter(Duration.ofMillis(20)).run(() -> stream.sendAll(piece));
      full = stream.bytesSent() == before ? full + 1 : 0;
    }
  }

  @Test
  @DisplayName("IO-SS11 TCP streams keep the contract")
  void tcp() throws Exception {
    StreamConformance.checkHalfCloseableStream(
        SocketConformanceRealSocketTest::tcpPair, () -> clogged(tcpPair()));
  }

  @Test
  @DisplayName("IO-SS11 Unix streams keep the contract")
  void unix() throws Exception {
    StreamConformance.checkHalfCloseableStream(
        SocketConformanceRealSocketTest::unixPair, () -> clogged(unixPair()));
  }

  @Test
  @DisplayName("IO-SS11 socket pairs keep the contract, also from a task of a nursery")
  void pairs() throws Exception {
    Nursery.run(
        nursery ->
            nursery.startSoon(
                () ->
                    StreamConformance.checkHalfCloseableStream(
                        SocketConformanceRealSocketTest::socketPair, () -> clogged(socketPair()))));
  }
}
