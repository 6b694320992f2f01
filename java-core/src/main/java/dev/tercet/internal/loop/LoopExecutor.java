package dev.tercet.internal.loop;

import dev.tercet.internal.wait.WaitNanos;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A loop seen as a {@link ScheduledExecutorService}: through this stable face coroutines get their
 * dispatcher and their timers. It does not own the loop; shutting it down is refused.
 */
public final class LoopExecutor extends AbstractExecutorService
    implements ScheduledExecutorService {
  private final SelectorLoop loop;

  /** Makes the face of a loop. */
  public LoopExecutor(SelectorLoop loop) {
    this.loop = loop;
  }

  /** The loop behind it. */
  public SelectorLoop loop() {
    return loop;
  }

  @Override
  public void execute(Runnable task) {
    if (!loop.post(task)) {
      throw rejected();
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    return schedule(Executors.callable(task), delay, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    return schedule(task, delay, unit, 0);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long initialDelay, long period, TimeUnit unit) {
    return schedule(Executors.callable(task), initialDelay, unit, positive(period, unit));
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long initialDelay, long delay, TimeUnit unit) {
    return schedule(Executors.callable(task), initialDelay, unit, -positive(delay, unit));
  }

  private <V> ScheduledFuture<V> schedule(
      Callable<V> task, long delay, TimeUnit unit, long periodNanos) {
    long delayNanos = Math.min(Math.max(unit.toNanos(delay), 0), WaitNanos.LONGEST);
    LoopTimer<V> timer = new LoopTimer<>(loop, task, System.nanoTime() + delayNanos, periodNanos);
    if (!timer.schedule()) {
      throw rejected();
    }
    return timer;
  }

  private static long positive(long period, TimeUnit unit) {
    if (period <= 0) {
      throw new IllegalArgumentException("the period must be positive, not " + period);
    }
    return Math.min(unit.toNanos(period), WaitNanos.LONGEST);
  }

  private RejectedExecutionException rejected() {
    return new RejectedExecutionException("event loop " + loop.name() + " is closed");
  }

  @Override
  public void shutdown() {
    throw new UnsupportedOperationException(
        "this executor does not own event loop " + loop.name() + "; close the EventLoop");
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return loop.isClosing();
  }

  @Override
  public boolean isTerminated() {
    return loop.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return loop.awaitTermination(timeout, unit);
  }

  @Override
  public String toString() {
    return loop.name();
  }
}
