package dev.tercet.benchmarks.micro;

import dev.tercet.proto.ByteQueue;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Bytes into a queue and out of it, as memory streams and TLS sessions pump them; and a bare copy.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ByteQueueBenchmark {
  /** The size of a message. */
  @Param({"64", "16384"})
  public int bytes;

  private ByteBuffer from = ByteBuffer.allocate(0);
  private ByteBuffer into = ByteBuffer.allocate(0);
  private final ByteQueue queue = new ByteQueue();

  /** Made by JMH. */
  public ByteQueueBenchmark() {}

  /** Makes both buffers. */
  @Setup
  public void allocate() {
    from = ByteBuffer.allocate(bytes);
    into = ByteBuffer.allocate(bytes);
  }

  /**
   * Through the queue.
   *
   * @return how many bytes came out
   */
  @Benchmark
  public int pump() {
    queue.append(from.clear());
    return queue.take(into.clear());
  }

  /**
   * One copy.
   *
   * @return how many bytes
   */
  @Benchmark
  public int copy() {
    return into.clear().put(from.clear()).position();
  }
}
