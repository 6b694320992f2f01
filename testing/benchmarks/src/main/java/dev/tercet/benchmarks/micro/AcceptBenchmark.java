package dev.tercet.benchmarks.micro;

import dev.tercet.blocking.ListenerSocket;
import dev.tercet.blocking.StreamSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A connection that is there is accepted, made ready for use, and closed: by a bare channel, and by
 * a listener of ours. The difference is what a socket of ours is more. Connecting is in both.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AcceptBenchmark {
  private static final int BACKLOG = 16;

  private final ServerSocketChannel channel;
  private final ListenerSocket listener;

  /** Made by JMH, whose code throws nothing. Listens twice. */
  public AcceptBenchmark() {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      channel = ServerSocketChannel.open().bind(anyPort, BACKLOG);
      listener = ListenerSocket.open(StandardProtocolFamily.INET);
      listener.bind(anyPort, BACKLOG);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Closes both.
   *
   * @throws IOException never
   */
  @TearDown
  public void close() throws IOException {
    channel.close();
    listener.closeForcefully();
  }

  /** It ends with a reset, so that its port is free at once. */
  private static SocketChannel client(SocketAddress server) throws IOException {
    SocketChannel client = SocketChannel.open(server);
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    return client;
  }

  /**
   * By a channel.
   *
   * @return what was accepted, closed
   * @throws IOException never
   */
  @Benchmark
  public SocketChannel channel() throws IOException {
    SocketChannel client = client(channel.getLocalAddress());
    SocketChannel accepted = channel.accept();
    accepted.configureBlocking(false);
    accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
    client.close();
    accepted.close();
    return accepted;
  }

  /**
   * By a listener.
   *
   * @return what was accepted, closed
   * @throws IOException never
   * @throws InterruptedException never
   */
  @Benchmark
  public StreamSocket listener() throws IOException, InterruptedException {
    SocketChannel client = client(Objects.requireNonNull(listener.localAddress()));
    StreamSocket accepted = listener.accept();
    client.close();
    accepted.closeForcefully();
    return accepted;
  }
}
