package dev.tercet.internal.loop;

import dev.tercet.internal.log.Log;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The tasks that wait to be run by a loop, and whether it sleeps meanwhile.
 *
 * <p>Those that its own thread has posted are <em>local</em> and need no fence. All others are
 * <em>remote</em>.
 *
 * <p><b>Sleeping.</b> The loop says that it sleeps, looks at the remote tasks once more, and
 * selects. Whoever posts adds first and looks for a sleeper second. So either the loop sees the
 * task or the poster sees the sleeper, and one wake-up is enough per sleep. None is sent to a loop
 * that is awake: a wake-up costs microseconds.
 */
final class LoopTasks {
  private static final Log LOG = Log.of("dev.tercet.loop");

  /** So that neither queue starves the other, the timers or the channels. */
  static final int PER_TURN = 256;

  /** How often what local tasks have posted is run in the same turn: a selection is not free. */
  private static final int ROUNDS_PER_TURN = 4;

  private final String loop;
  private final LoopCounters counters;
  private final Queue<Runnable> remote = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean sleeping = new AtomicBoolean();

  /** Loop thread only. */
  private final ArrayDeque<Runnable> local = new ArrayDeque<>();

  LoopTasks(String loop, LoopCounters counters) {
    this.loop = loop;
    this.counters = counters;
  }

  // ------------------------------------------------------------------------- by any thread

  void addRemote(Runnable task) {
    remote.add(task);
  }

  /** Takes a task back that will not be run. Returns false when it has been taken to be run. */
  boolean takeBack(Runnable task) {
    return remote.remove(task);
  }

  /** Whether the loop sleeps; asked by one poster for each sleep, who then wakes it. */
  boolean takeSleeper() {
    return sleeping.get() && sleeping.compareAndSet(true, false);
  }

  /** Counts by walking. */
  int remoteCount() {
    return remote.size();
  }

  // --------------------------------------------------------------------- by the loop's thread

  void addLocal(Runnable task) {
    local.add(task);
  }

  boolean hasLocal() {
    return !local.isEmpty();
  }

  boolean isEmpty() {
    return local.isEmpty() && remote.isEmpty();
  }

  /** Says that the loop sleeps. Returns false when there is something to do. */
  boolean fallAsleep() {
    sleeping.set(true);
    if (remote.isEmpty()) {
      return true;
    }
    sleeping.set(false);
    return false;
  }

  /** The loop is awake. Returns whether another thread has woken it. */
  boolean awake() {
    return !sleeping.compareAndSet(true, false);
  }

  /** Runs what one turn may run. */
  void runSome() {
    runLocal();
    runRemote();
  }

  /**
   * A task that yields comes back at once when it is alone. If it reads a connection that is always
   * ready, it must not come back many times before the others are looked at.
   */
  private void runLocal() {
    int left = PER_TURN;
    for (int round = 0; round < ROUNDS_PER_TURN && left > 0 && !local.isEmpty(); round++) {
      int tasks = Math.min(local.size(), left);
      for (int i = 0; i < tasks; i++) {
        run(local.remove());
      }
      left -= tasks;
    }
    if (left < PER_TURN) {
      counters.ran(PER_TURN - left);
    }
  }

  private void runRemote() {
    int done = 0;
    while (done < PER_TURN) {
      Runnable task = remote.poll();
      if (task == null) {
        break;
      }
      run(task);
      done++;
    }
    if (done > 0) {
      counters.ran(done);
    }
  }

  /** At the end of the loop: runs all that is left. */
  void runRest() {
    runRest(local);
    runRest(remote);
  }

  private void runRest(Queue<Runnable> queue) {
    for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
      run(task);
    }
  }

  /** A stray interrupt that an earlier task has left must not hit this one. */
  void run(Runnable task) {
    try {
      Thread.interrupted();
      task.run();
    } catch (Throwable e) {
      LOG.error(e, "event loop ", loop, ": a task failed");
    }
  }
}
