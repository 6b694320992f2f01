package dev.tercet.blocking;

import dev.tercet.internal.wait.Scope;
import dev.tercet.internal.wait.TaskStart;
import dev.tercet.internal.wait.World;
import org.jspecify.annotations.Nullable;

/** One task and its thread. */
final class NurseryTask implements Runnable, TaskSpawner.Task {
  private final Nursery nursery;
  private final String name;
  final CancelScope scope;
  private final TaskSpawner.Body body;
  final Runnable onEnd;
  private final @Nullable TaskStart<?> start;

  /** While the body runs. Guarded by this: no interrupt may come before or after the body. */
  private @Nullable Thread thread;

  /** Guarded by this. */
  private boolean cancelled;

  /** Guarded by this. */
  private boolean bodyEnded;

  NurseryTask(
      Nursery nursery, TaskSpawner.Body body, Runnable onEnd, @Nullable TaskStart<?> start) {
    this.nursery = nursery;
    this.name = nursery.nextTaskName();
    this.scope = CancelScope.internal(name);
    this.body = body;
    this.onEnd = onEnd;
    this.start = start;
  }

  void start() {
    nursery.newThread(name, world().newcomer(this)).start();
  }

  @Override
  public void run() {
    Scope previous = scope.state().enter();
    Throwable thrown = null;
    try {
      bodyBegins();
      body.run();
    } catch (Throwable e) {
      thrown = e;
    } finally {
      bodyEnds();
      scope.leave(previous);
    }
    ended(thrown);
  }

  private synchronized void bodyBegins() {
    thread = Thread.currentThread();
    if (cancelled) {
      world().interrupt(thread);
    }
  }

  private synchronized void bodyEnds() {
    thread = null;
    bodyEnded = true;
    Thread.interrupted();
  }

  private void ended(@Nullable Throwable thrown) {
    boolean callersOnly = start != null && start.ended(thrown);
    try {
      settle(thrown, callersOnly);
    } finally {
      // Whatever happens here, or the nursery would stay open for ever.
      nursery.remove(this);
      if (callersOnly && start != null) {
        start.settle();
      }
    }
  }

  private void settle(@Nullable Throwable thrown, boolean callersOnly) {
    boolean endsAll = false;
    if (thrown != null
        && (!callersOnly || nursery.classify(thrown, this) == Nursery.End.CUT_SHORT)) {
      endsAll = nursery.note(thrown, this) != Nursery.End.CANCELLED;
    }
    try {
      onEnd.run();
    } catch (Throwable e) {
      endsAll |= nursery.note(e, this) != Nursery.End.CANCELLED;
    }
    if (endsAll) {
      nursery.cancelAll();
    }
  }

  @Override
  public synchronized void cancel() {
    cancelled |= !bodyEnded;
    // In one piece with the mark, by which the end of the body is judged: a wait that the scope
    // ends may end the body at once.
    scope.cancel();
    if (thread != null) {
      world().interrupt(thread);
    }
  }

  synchronized boolean wasCancelled() {
    return cancelled;
  }

  private World world() {
    return nursery.world();
  }

  @Override
  public String toString() {
    return name;
  }
}
