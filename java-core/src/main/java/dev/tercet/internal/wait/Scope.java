package dev.tercet.internal.wait;

import org.jspecify.annotations.Nullable;

/**
 * The state behind a {@code CancelScope}: a deadline, a cancelled flag, and who is inside.
 *
 * <p>Scopes form a tree. Each is run by one thread, its owner. A scope that a thread opens inside
 * another is a branch of that one, and so are the scopes of a nursery's tasks, on other threads,
 * branches of the nursery's. From a scope outwards there is one chain; each thread has a current
 * scope, where its chain begins.
 *
 * <p>A wait asks the whole chain: it must end at the earliest deadline of all scopes, and when
 * several have expired it is the <em>outermost</em> that counts, since nothing inside it may go on.
 *
 * <p>Expiry is a fact of the clock, not an event: no timer runs. A parked thread parks no longer
 * than its earliest deadline; {@link #cancel} and {@link #setDeadline} unpark the owners in the
 * tree below, or wake them in their {@link Poll}, and these look again. A spurious unpark is
 * harmless to all code that parks.
 *
 * <p>To enter and to leave costs one link in the list of the scope around: with ten thousand tasks
 * in one nursery as little as with one. Locks are taken from the outermost inwards.
 *
 * <p><i>Thread-safety:</i> {@link #cancel}, {@link #setDeadline}, {@link #isExpired}: any thread;
 * {@link #attach} and {@link #detach}: one thread at a time; {@link #enter} and {@link #exit}: the
 * thread that runs inside.
 */
public abstract class Scope {
  /** The deadline of a scope that has none. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  /** Who is parked here when this scope is the innermost. Guarded by this. */
  private @Nullable Thread owner;

  /**
   * Where the owner sleeps if it is not parked, and this scope is the innermost. Guarded by this.
   */
  private @Nullable Poll sleepingIn;

  /** The scopes directly inside, newest first. Guarded by this. */
  private @Nullable Scope firstBranch;

  /** Guarded by outer. */
  private @Nullable Scope nextBranch;

  /** Guarded by outer. */
  private @Nullable Scope previousBranch;

  private volatile boolean cancelled;

  /** In {@link World#nanoTime} terms, compared by subtraction; {@link #NEVER} for none. */
  private volatile long deadlineNanos = NEVER;

  /** Set by {@link #attach} before any other thread can see it, and constant from then on. */
  private volatile @Nullable Scope outer;

  /** As {@link #outer}. */
  private volatile World world = World.REAL;

  /** For subclasses. */
  protected Scope() {}

  /**
   * The scope that the calling thread is in.
   *
   * @return the innermost one, null when there is none
   */
  public static @Nullable Scope current() {
    return CURRENT.get();
  }

  /**
   * What a wait inside this expired scope throws.
   *
   * @return a fresh exception
   */
  protected abstract RuntimeException cancellation();

  /**
   * Puts this scope into another one, whose world it gets. Once.
   *
   * @param outer the scope around it: usually {@link #current()}; for a nursery's task the scope of
   *     its nursery
   */
  public final void attach(@Nullable Scope outer) {
    if (outer == null) {
      return;
    }
    this.outer = outer;
    this.world = outer.world;
    synchronized (outer) {
      Scope next = outer.firstBranch;
      nextBranch = next;
      if (next != null) {
        next.previousBranch = this;
      }
      outer.firstBranch = this;
    }
  }

  /** Undoes {@link #attach}, but for the memory of what was around and in which world. */
  public final void detach() {
    Scope outer = this.outer;
    if (outer == null) {
      return;
    }
    synchronized (outer) {
      Scope next = nextBranch;
      Scope previous = previousBranch;
      if (previous == null) {
        outer.firstBranch = next;
      } else {
        previous.nextBranch = next;
      }
      if (next != null) {
        next.previousBranch = previous;
      }
      nextBranch = null;
      previousBranch = null;
    }
  }

  /**
   * Makes this the calling thread's innermost scope, and that thread its owner.
   *
   * @return what was innermost before, for {@link #exit}
   */
  public final @Nullable Scope enter() {
    Scope previous = CURRENT.get();
    synchronized (this) {
      owner = Thread.currentThread();
    }
    CURRENT.set(this);
    return previous;
  }

  /**
   * Leaves this scope.
   *
   * @param previous what {@link #enter} returned
   */
  public final void exit(@Nullable Scope previous) {
    synchronized (this) {
      owner = null;
    }
    if (previous == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(previous);
    }
  }

  /**
   * The world that the threads inside live in.
   *
   * @return that of the scope around; the real one for a scope that has none around it
   */
  public final World world() {
    return world;
  }

  /**
   * For a scope that nothing may be around: the root of a simulation, or one not yet attached.
   *
   * @param world what everything inside gets
   */
  protected final void setWorld(World world) {
    this.world = world;
  }

  /** Cancels: every wait inside ends now, and every later one at once. */
  public final void cancel() {
    cancelled = true;
    unparkInside();
  }

  /**
   * Moves the deadline.
   *
   * @param nanos in the terms of this scope's {@link World#nanoTime}, or {@link #NEVER}
   */
  public final void setDeadline(long nanos) {
    boolean earlier;
    // Together, or a move forth and a move back could each see the other's time and wake nobody.
    synchronized (this) {
      long old = deadlineNanos;
      earlier = nanos != NEVER && (old == NEVER || nanos - old < 0);
      deadlineNanos = nanos;
    }
    // Whoever parks for too short a time finds out without help.
    if (earlier) {
      unparkInside();
    }
  }

  /**
   * When this scope expires by itself.
   *
   * @return in the terms of {@link World#nanoTime}, or {@link #NEVER}
   */
  public final long deadline() {
    return deadlineNanos;
  }

  /**
   * Whether {@link #cancel} was called.
   *
   * @return true from the first call on
   */
  public final boolean wasCancelled() {
    return cancelled;
  }

  /**
   * Whether this scope, on its own, has ended: cancelled, or its deadline has come.
   *
   * @return true when nothing inside may wait any more
   */
  public final boolean isExpired(long nowNanos) {
    if (cancelled) {
      return true;
    }
    long deadline = deadlineNanos;
    return deadline != NEVER && deadline - nowNanos <= 0;
  }

  /**
   * Whether a scope is this one or around it.
   *
   * @return true when it is in the chain from here outwards
   */
  public final boolean isWithin(Scope scope) {
    for (Scope s = this; s != null; s = s.outer) {
      if (s == scope) {
        return true;
      }
    }
    return false;
  }

  /**
   * The outermost expired scope of the chain from here outwards.
   *
   * @return null when none has expired
   */
  final @Nullable Scope outermostExpired(long nowNanos) {
    Scope expired = null;
    for (Scope s = this; s != null; s = s.outer) {
      if (s.isExpired(nowNanos)) {
        expired = s;
      }
    }
    return expired;
  }

  /**
   * How long the chain from here outwards lets a thread wait.
   *
   * @return nanoseconds until the earliest deadline, {@link #NEVER} when there is none, at most 0
   *     when something has expired
   */
  public final long remainingNanos(long nowNanos) {
    long remaining = NEVER;
    for (Scope s = this; s != null; s = s.outer) {
      if (s.cancelled) {
        return 0;
      }
      long deadline = s.deadlineNanos;
      if (deadline != NEVER) {
        remaining = Math.min(remaining, deadline - nowNanos);
      }
    }
    return remaining;
  }

  /**
   * Says where the owner is about to sleep. It must look whether the scope has expired after that:
   * an expiry either is seen then or wakes it.
   *
   * @param poll null when it is awake again
   */
  final synchronized void sleepIn(@Nullable Poll poll) {
    sleepingIn = poll;
  }

  private void unparkInside() {
    synchronized (this) {
      if (owner != null) {
        world.unpark(owner);
      }
      if (sleepingIn != null) {
        sleepingIn.wake();
      }
      // A branch that is attached after this saw the flag or the deadline, set before the lock.
      for (Scope branch = firstBranch; branch != null; branch = branch.nextBranch) {
        branch.unparkInside();
      }
    }
  }
}
