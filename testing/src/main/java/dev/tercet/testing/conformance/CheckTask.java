package dev.tercet.testing.conformance;

import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.IoAction;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A task of a check: a thread that can be cancelled in both ways, joined, and looked at. */
final class CheckTask {
  private final IoAction body;
  private final AtomicReference<@Nullable Throwable> firstFailure;
  private final CancelScope scope = CancelScope.open();
  private final Latch ended = new Latch();
  private volatile boolean failed;

  /** While the body runs. Guarded by this. */
  private @Nullable Thread thread;

  /** Guarded by this. */
  private boolean interrupted;

  CheckTask(IoAction body, AtomicReference<@Nullable Throwable> firstFailure) {
    this.body = body;
    this.firstFailure = firstFailure;
  }

  void run() throws IOException, InterruptedException {
    try {
      begin();
      boolean unused = scope.run(body);
    } catch (Throwable failure) {
      if (failure instanceof InterruptedException && wasInterrupted()) {
        return;
      }
      firstFailure.compareAndSet(null, failure);
      failed = true;
      throw failure;
    } finally {
      end();
      ended.open();
    }
  }

  private synchronized void begin() {
    thread = Thread.currentThread();
    if (interrupted) {
      thread.interrupt();
    }
  }

  private synchronized void end() {
    thread = null;
    Thread.interrupted();
  }

  private synchronized boolean wasInterrupted() {
    return interrupted;
  }

  /** Interrupts the thread of the body, and nothing that it does after the body. */
  synchronized void interrupt() {
    interrupted = true;
    if (thread != null && !ended.isOpen()) {
      thread.interrupt();
    }
  }

  void cancelScope() {
    scope.cancel();
  }

  /** Waits for the end. If the task failed, the check is over: the nursery ends this wait. */
  void join() throws InterruptedException {
    Parking.await(ended);
    if (failed) {
      Parking.await(new Latch());
    }
  }

  boolean hasEnded() {
    return ended.isOpen();
  }

  /** Whether it waits, is the caller, or has ended. */
  synchronized boolean isQuiet() {
    if (thread == null) {
      return ended.isOpen();
    }
    return thread == Thread.currentThread() || Parking.isWaiting(thread);
  }

  /** Where it is; empty when it has ended. */
  synchronized StackTraceElement[] stack() {
    return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
  }
}
