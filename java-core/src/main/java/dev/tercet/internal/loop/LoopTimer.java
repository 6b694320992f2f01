package dev.tercet.internal.loop;

import dev.tercet.proto.TimerTable.Timer;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A task that runs on a loop at a time, once or again and again. */
final class LoopTimer<V extends @Nullable Object> extends FutureTask<V>
    implements RunnableScheduledFuture<V> {
  private final Timer<LoopTimer<?>> ticket = new Timer<>(this);

  /** Positive: nanoseconds from start to start. Negative: from end to start. 0: runs once. */
  private final long periodNanos;

  private volatile SelectorLoop loop;
  private volatile long deadlineNanos;

  /** Set once it has been handed to the loop; a timer that never was needs no taking out. */
  private volatile boolean scheduled;

  LoopTimer(SelectorLoop loop, Callable<V> task, long deadlineNanos, long periodNanos) {
    super(task);
    this.loop = loop;
    this.deadlineNanos = deadlineNanos;
    this.periodNanos = periodNanos;
  }

  Timer<LoopTimer<?>> ticket() {
    return ticket;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  boolean isScheduled() {
    return scheduled;
  }

  boolean schedule() {
    scheduled = true;
    return loop.schedule(this);
  }

  /** The loop it was on is closed. Returns false when the other is, too. */
  boolean moveTo(SelectorLoop heir) {
    loop = heir;
    return schedule();
  }

  @Override
  public void run() {
    if (periodNanos == 0) {
      scheduled = false;
      super.run();
    } else if (runAndReset()) {
      deadlineNanos =
          periodNanos > 0 ? deadlineNanos + periodNanos : System.nanoTime() - periodNanos;
      schedule();
    }
  }

  @Override
  protected void done() {
    if (isCancelled() && scheduled) {
      loop.unschedule(this);
    }
  }

  @Override
  public boolean isPeriodic() {
    return periodNanos != 0;
  }

  @Override
  public long getDelay(TimeUnit unit) {
    return unit.convert(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  @Override
  public int compareTo(Delayed other) {
    return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
