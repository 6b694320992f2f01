package dev.tercet.blocking;

import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Rethrow;
import dev.tercet.internal.wait.TaskStart;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The wait of a caller of {@code start}, and what comes of it; {@link TaskStart} decides. */
final class Starting {
  private Starting() {}

  static <T extends @Nullable Object> T await(
      TaskStart<T> start, Nursery nursery, NurseryTask child)
      throws IOException, InterruptedException {
    try {
      Parking.await(start.settled());
    } catch (CancelledException | InterruptedException e) {
      if (start.abandon()) {
        child.cancel();
        Parking.awaitUninterruptibly(start.settled());
        throw Rethrow.<RuntimeException>unchecked(outcomeOfAbandoned(start, nursery, child, e));
      }
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
    }
    return outcome(start, nursery, child);
  }

  private static Throwable outcomeOfAbandoned(
      TaskStart<?> start, Nursery nursery, NurseryTask child, Exception cancellation) {
    Throwable failure = start.failure();
    if (failure == null || nursery.classify(failure, child) != Nursery.End.FAILED) {
      return cancellation;
    }
    // A failure outranks a cancellation here as everywhere.
    if (cancellation instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return failure;
  }

  private static <T extends @Nullable Object> T outcome(
      TaskStart<T> start, Nursery nursery, NurseryTask child) throws InterruptedException {
    if (start.isStarted()) {
      return start.value();
    }
    Throwable failure = start.failure();
    if (failure != null && nursery.classify(failure, child) == Nursery.End.FAILED) {
      throw Rethrow.<RuntimeException>unchecked(failure);
    }
    if (failure == null && !child.wasCancelled()) {
      throw new IllegalStateException("the task ended without calling started");
    }
    // The nursery cancelled it. That is no cancellation of the caller, unless it is one too.
    nursery.completeCancel();
    Parking.checkpoint();
    throw new IllegalStateException(
        "the nursery is closed: " + child + " was cancelled before it was ready", failure);
  }
}
