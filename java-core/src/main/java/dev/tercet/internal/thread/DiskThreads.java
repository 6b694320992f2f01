package dev.tercet.internal.thread;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Threads that block on disks and are never interrupted, for what must not be done on a thread of
 * the user's: an interrupt closes a file channel, and the socket that it transfers to. At most 40;
 * more tasks wait. A thread ends when it has been idle for ten seconds.
 *
 * <p>Not a pool of the JDK's: those start their last thread before they use an idle one, or have no
 * queue.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class DiskThreads implements Executor {
  private static final int MAX_THREADS = 40;
  private static final long IDLE_MILLIS = 10_000;

  private static final DiskThreads SHARED = new DiskThreads();

  /** Guarded by this, as everything below. */
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  private int threads;
  private int idle;

  DiskThreads() {}

  /** The threads of all sends. */
  public static DiskThreads shared() {
    return SHARED;
  }

  /**
   * Runs a task on one of them.
   *
   * @param task throws nothing
   */
  @Override
  public void execute(Runnable task) {
    synchronized (this) {
      tasks.add(task);
      if (tasks.size() <= idle) {
        notify();
        return;
      }
      if (threads == MAX_THREADS) {
        return;
      }
      threads++;
    }
    try {
      LibraryThreads.make("tercet-disk", this::work).start();
    } catch (Throwable e) {
      if (!isTakenBack(task)) {
        // Another thread has it.
        return;
      }
      throw e;
    }
  }

  private synchronized boolean isTakenBack(Runnable task) {
    threads--;
    return tasks.remove(task);
  }

  /** How many of them wait for a task. */
  synchronized int idle() {
    return idle;
  }

  private void work() {
    Runnable task = take();
    while (task != null) {
      task.run();
      task = take();
    }
  }

  /** Null when this thread is of no use any more. */
  private synchronized @Nullable Runnable take() {
    long end = System.nanoTime() + IDLE_MILLIS * 1_000_000;
    while (tasks.isEmpty()) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        threads--;
        return null;
      }
      idle++;
      try {
        wait(millis);
      } catch (InterruptedException e) {
        // Nobody is meant to do this; and it ends nothing.
      } finally {
        idle--;
      }
    }
    return tasks.poll();
  }
}
