package dev.tercet.blocking;

import dev.tercet.TaskStatus;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The hand-over of a task from the caller of {@code start} to the nursery. */
final class Starting<T extends @Nullable Object> implements TaskStatus<T> {
  /** Who has the task, and who has had it. */
  private enum State {
    /** The caller waits. */
    WAITING,
    /** The task is ready and the nursery's. */
    STARTED,
    /** The caller was cancelled and waits for the end of the task. */
    ABANDONED,
    /** The task ended while the caller waited. */
    ENDED
  }

  /** Opens when the task is ready, or else when it has ended and left the nursery. */
  final Latch settled = new Latch();

  /** Guarded by this. */
  private State state = State.WAITING;

  /** Whether {@code started} was called. Guarded by this. */
  private boolean told;

  /** What the task handed over. Guarded by this. */
  private @Nullable T value;

  /** What the task threw before it was ready. Guarded by this. */
  private @Nullable Throwable thrown;

  @Override
  public void started(T value) {
    synchronized (this) {
      if (told) {
        throw new IllegalStateException("status.started() was called a second time");
      }
      if (state == State.ENDED) {
        throw new IllegalStateException("status.started() was called after the task had ended");
      }
      told = true;
      if (state == State.ABANDONED) {
        return;
      }
      state = State.STARTED;
      this.value = value;
    }
    settled.open();
  }

  /** The task has ended; returns whether that concerns the caller of {@code start} only. */
  synchronized boolean ended(@Nullable Throwable thrown) {
    if (state == State.STARTED) {
      return false;
    }
    if (state == State.WAITING) {
      state = State.ENDED;
    }
    this.thrown = thrown;
    return true;
  }

  T await(Nursery nursery, NurseryTask child) throws IOException, InterruptedException {
    try {
      Parking.await(settled);
    } catch (CancelledException | InterruptedException e) {
      if (abandon()) {
        child.cancel();
        Parking.awaitUninterruptibly(settled);
        throw Nursery.<RuntimeException>sneak(outcomeOfAbandoned(nursery, child, e));
      }
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
    }
    return outcome(nursery, child);
  }

  private synchronized boolean abandon() {
    if (state != State.WAITING) {
      return false;
    }
    state = State.ABANDONED;
    return true;
  }

  private synchronized Throwable outcomeOfAbandoned(
      Nursery nursery, NurseryTask child, Exception cancellation) {
    if (thrown == null || nursery.classify(thrown, child) != Nursery.End.FAILED) {
      return cancellation;
    }
    // A failure outranks a cancellation here as everywhere.
    if (cancellation instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return thrown;
  }

  @SuppressWarnings("NullAway") // null only where T admits it: it is what the task handed over
  private synchronized T outcome(Nursery nursery, NurseryTask child) throws InterruptedException {
    if (state == State.STARTED) {
      return value;
    }
    if (thrown != null && nursery.classify(thrown, child) == Nursery.End.FAILED) {
      throw Nursery.<RuntimeException>sneak(thrown);
    }
    if (thrown == null && !child.wasCancelled()) {
      throw new IllegalStateException("the task ended without calling status.started()");
    }
    // The nursery cancelled it. That is no cancellation of the caller, unless it is one too.
    nursery.completeCancel();
    Parking.checkpoint();
    throw new IllegalStateException(
        "the nursery is closed: " + child + " was cancelled before it was ready", thrown);
  }
}
