package dev.tercet.internal.wait;

import dev.tercet.Network;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A world whose clock stands still until a test moves it. Threads and interrupts are real. */
public final class ManualWorld implements World {
  /** Guarded by this. */
  private final List<Thread> timed = new ArrayList<>();

  /** Guarded by this. */
  private long now = Long.MAX_VALUE - 1000; // so that the clock wraps in the middle of the test

  /** What time each thread believes it is. */
  private final ThreadLocal<Long> told = new ThreadLocal<>();

  /** How long the last park with a time limit was to last. Guarded by this. */
  private long parkedNanos;

  /** What the thread that unparks another one does next. */
  private volatile Consumer<Thread> afterUnpark = thread -> {};

  /** Runs a body in this world. */
  public void run(Body body) throws Exception {
    Root root = new Root();
    root.setWorld(this);
    Scope previous = root.enter();
    try {
      body.run();
    } finally {
      root.exit(previous);
    }
  }

  /** Moves the clock. */
  public void advance(Duration time) {
    List<Thread> due;
    synchronized (this) {
      now += time.toNanos();
      due = List.copyOf(timed);
      timed.clear();
    }
    due.forEach(LockSupport::unpark);
  }

  /** Lets a test hold up a thread that has just unparked another one. */
  public void afterUnpark(Consumer<Thread> action) {
    afterUnpark = action;
  }

  /** Waits until so many threads are parked with a time limit. */
  public synchronized void awaitParked(int threads) throws InterruptedException {
    while (timed.size() < threads) {
      wait();
    }
  }

  /** What the last thread that parked with a time limit asked for. */
  public synchronized long parkedNanos() {
    return parkedNanos;
  }

  @Override
  public @Nullable Network network() {
    return null;
  }

  @Override
  public synchronized long nanoTime() {
    told.set(now);
    return now;
  }

  @Override
  public void park(Object blocker) {
    LockSupport.park(blocker);
  }

  @Override
  public void parkNanos(Object blocker, long nanos) {
    Thread thread = Thread.currentThread();
    Long believed = told.get();
    synchronized (this) {
      // A park may return for no reason. When the clock is moved between that and the next park,
      // nobody is there to be unparked, and that park would never end: its time is already over.
      if (believed != null && believed != now) {
        return;
      }
      timed.add(thread);
      parkedNanos = nanos;
      notifyAll();
    }
    LockSupport.park(blocker);
    synchronized (this) {
      timed.remove(thread);
    }
  }

  @Override
  public void unpark(Thread thread) {
    LockSupport.unpark(thread);
    afterUnpark.accept(thread);
  }

  @Override
  public void interrupt(Thread thread) {
    thread.interrupt();
  }

  @Override
  public Runnable newcomer(Runnable body) {
    return body;
  }

  /** What a test does. */
  public interface Body {
    void run() throws Exception;
  }

  private static final class Root extends Scope {
    @Override
    protected RuntimeException cancellation() {
      return new IllegalStateException("nobody cancels the root");
    }
  }
}
