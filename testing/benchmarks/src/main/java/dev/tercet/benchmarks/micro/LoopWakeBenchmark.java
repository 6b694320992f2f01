package dev.tercet.benchmarks.micro;

import dev.tercet.loop.EventLoop;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
 * A task from another thread and back, to a loop that sleeps in its selector, and to the JDK's
 * executor of one thread that sleeps in its queue: what a hop costs.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LoopWakeBenchmark {
  private final EventLoop loop = EventLoop.open("bench");
  private final ExecutorService executor = Executors.newSingleThreadExecutor();

  /** Made by JMH. */
  public LoopWakeBenchmark() {}

  /** Ends both. */
  @TearDown
  public void close() {
    executor.shutdown();
    loop.close();
  }

  /**
   * To the loop.
   *
   * @return its answer
   * @throws ExecutionException never
   * @throws InterruptedException never
   */
  @Benchmark
  public int loop() throws ExecutionException, InterruptedException {
    return loop.executor().submit(() -> 1).get();
  }

  /**
   * To the executor.
   *
   * @return its answer
   * @throws ExecutionException never
   * @throws InterruptedException never
   */
  @Benchmark
  public int executor() throws ExecutionException, InterruptedException {
    return executor.submit(() -> 1).get();
  }
}
