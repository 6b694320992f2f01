package dev.tercet.testing.conformance;

import dev.tercet.BusyResourceException;
import dev.tercet.blocking.IoAction;
import dev.tercet.blocking.Nursery;
import dev.tercet.internal.text.Durations;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.World;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One check, or several in a row on the same streams: its tasks, and what it is about just now.
 *
 * <p>The check itself is a task too, the first one, so that its thread can be interrupted.
 */
final class Check {
  private static final long LOOK_NANOS = 1_000_000;
  private static final long LONGEST_SETTLE_NANOS = 50 * LOOK_NANOS;

  private final List<CheckTask> tasks = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable Throwable> firstFailure = new AtomicReference<>();
  private volatile @Nullable Nursery nursery;
  private volatile String step;

  Check(String id, String fact) {
    step = id + " " + fact;
  }

  void begin(Nursery nursery, IoAction body) {
    this.nursery = nursery;
    CheckTask unused = start(body);
  }

  /** What comes from here on is another check. */
  void step(String id, String fact) {
    step = id + " " + fact;
  }

  String step() {
    return step;
  }

  /** The failure that came first of all tasks'. */
  @Nullable Throwable firstFailure() {
    return firstFailure.get();
  }

  /** Starts a task. Its failure is the check's. */
  CheckTask start(IoAction body) {
    Nursery nursery = this.nursery;
    if (nursery == null) {
      throw new IllegalStateException("this check has not begun");
    }
    CheckTask task = new CheckTask(body, firstFailure);
    tasks.add(task);
    nursery.startSoon(task::run);
    return task;
  }

  /** Waits until the check and all its tasks have ended. */
  void awaitEnd() throws InterruptedException {
    // A task may start others, which are behind it in the list.
    for (int i = 0; i < tasks.size(); i++) {
      tasks.get(i).join();
    }
  }

  AssertionError hang(Duration after) {
    AssertionError hang = new AssertionError("did not end within " + Durations.text(after));
    for (CheckTask task : tasks) {
      StackTraceElement[] stack = task.stack();
      if (stack.length > 0) {
        Throwable where = new Throwable("one of its threads was here");
        where.setStackTrace(stack);
        hang.addSuppressed(where);
      }
    }
    return hang;
  }

  /**
   * Gives the other tasks the time to run until they wait. In a simulated world that is any wait
   * with a time limit: the others run first.
   */
  void settle() throws InterruptedException {
    if (World.current() != World.REAL) {
      pause(LOOK_NANOS);
      return;
    }
    long deadline = System.nanoTime() + LONGEST_SETTLE_NANOS;
    // One look may meet a task that waits for a lock and goes on at once.
    int quietLooks = 0;
    while (quietLooks < 3 && deadline - System.nanoTime() > 0) {
      pause(LOOK_NANOS);
      quietLooks = tasks.stream().allMatch(CheckTask::isQuiet) ? quietLooks + 1 : 0;
    }
  }

  /** Waits for a time. */
  static void pause(long nanos) throws InterruptedException {
    boolean unused = Parking.await(new Latch(), nanos);
  }

  /** Runs both at once. One must get Busy, the other must not notice; it is cancelled then. */
  void exactlyOneIsBusy(IoAction one, IoAction other) throws InterruptedException {
    List<String> ends = new CopyOnWriteArrayList<>();
    Latch oneEnded = new Latch();
    List<CheckTask> both =
        List.of(
            start(() -> tell(one, ends, oneEnded)), //
            start(() -> tell(other, ends, oneEnded)));
    Parking.await(oneEnded);
    String first = ends.get(0);
    Must.hold(first.equals("Busy"), () -> "the first of the two to end " + first);
    settle();
    Must.hold(ends.size() == 1, () -> "both ended; the second: " + ends.get(1));
    for (CheckTask task : both) {
      Cancel.INTERRUPT.cancel(task);
      task.join();
    }
  }

  private static void tell(IoAction operation, List<String> ends, Latch oneEnded)
      throws IOException, InterruptedException {
    String end = "returned";
    try {
      operation.run();
    } catch (BusyResourceException e) {
      end = "Busy";
    }
    ends.add(end);
    oneEnded.open();
  }
}
