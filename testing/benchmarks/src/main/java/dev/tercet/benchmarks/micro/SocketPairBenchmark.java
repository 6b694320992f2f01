package dev.tercet.benchmarks.micro;

import dev.tercet.ResourceException;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.StreamPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 64 bytes through a pair of sockets, where nobody waits, and to a thread that echoes them, so that
 * both sides wait each time. To be run with {@code -prof gc}: what does not wait allocates nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SocketPairBenchmark {
  private static final int BYTES = 64;

  private final ByteBuffer message = ByteBuffer.allocateDirect(BYTES);
  private final StreamPair ready = pair();
  private final StreamPair echoed = pair();

  /** Made by JMH. */
  public SocketPairBenchmark() {}

  /** What JMH generates throws nothing. */
  private static StreamPair pair() {
    try {
      return Net.socketStreamPair();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts who echoes. */
  @Setup
  public void startEcho() {
    Thread thread = new Thread(() -> echo(echoed.right()), "echo");
    thread.setDaemon(true);
    thread.start();
  }

  private static void echo(SocketStream stream) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
    try {
      while (stream.receiveSome(buffer.clear()) != -1) {
        stream.sendAll(buffer.flip());
      }
    } catch (ResourceException e) {
      // It is over.
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("the echo failed", e);
    }
  }

  /** Closes all. */
  @TearDown
  public void close() {
    for (StreamPair pair : new StreamPair[] {ready, echoed}) {
      pair.left().closeForcefully();
      pair.right().closeForcefully();
    }
  }

  /**
   * Sends and receives, without waiting.
   *
   * @return how many bytes came
   * @throws IOException never
   * @throws InterruptedException never
   */
  @Benchmark
  public int ready() throws IOException, InterruptedException {
    ready.left().sendAll(message.clear());
    return ready.right().receiveSome(message.clear());
  }

  /**
   * Sends, and waits for the echo.
   *
   * @return how many bytes came
   * @throws IOException never
   * @throws InterruptedException never
   */
  @Benchmark
  public int waiting() throws IOException, InterruptedException {
    echoed.left().sendAll(message.clear());
    return echoed.left().receiveSome(message.clear());
  }
}
