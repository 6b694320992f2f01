package dev.tercet.internal.wait;

import dev.tercet.internal.thread.VirtualThreads;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which a thread of the blocking API waits, platform or virtual.
 *
 * <p>The thread is put into a {@link WaitPlace} and parked. Three things end the wait: it is woken,
 * it is interrupted, or a cancel scope around it expires. In the last two cases the waiter is taken
 * out first; if that fails, it has been woken in the same moment, and <em>readiness wins</em>: the
 * wait returns normally, so that nothing that has happened is lost, and the interrupt flag is set
 * again for the next wait to find.
 *
 * <p>A platform thread that waits often in one place may sleep there by itself, see {@link Poll};
 * the ends of its wait are the same.
 *
 * <p>Nothing here touches a socket: an interrupted wait leaves the channel open, unlike the JDK's
 * own interruptible channels, which close (spec IO-C8).
 */
public final class Parking {
  private Parking() {}

  /**
   * Waits until woken.
   *
   * <p>On an event loop's thread this throws {@link IllegalStateException}: a blocked loop would
   * hold up every connection it has.
   *
   * @throws InterruptedException when the thread was interrupted and is no longer in the place; the
   *     flag is cleared
   */
  public static void await(WaitPlace place) throws InterruptedException {
    await(place, Scope.NEVER);
  }

  /**
   * Waits until woken, but not for longer than a time of the library's own choosing: a pause
   * between two tries. Users' limits are scopes.
   *
   * @param nanos how long at most, {@link Scope#NEVER} for as long as it takes
   * @return true when woken, false when the time is over and the thread is no longer in the place
   * @throws InterruptedException when the thread was interrupted and is no longer in the place; the
   *     flag is cleared
   */
  public static boolean await(WaitPlace place, long nanos) throws InterruptedException {
    return await(place, nanos, null);
  }

  /**
   * Waits until woken, and has an event loop do on its thread what the woken thread would do first,
   * see {@link LoopAttempt}.
   *
   * @param attempt run before the thread is woken, at most once, if it is woken by an event loop
   * @throws InterruptedException when the thread was interrupted and is no longer in the place; the
   *     flag is cleared, and the attempt was not run and will not be
   */
  public static void await(WaitPlace place, LoopAttempt attempt) throws InterruptedException {
    boolean unused = await(place, Scope.NEVER, attempt);
  }

  private static boolean await(WaitPlace place, long nanos, @Nullable LoopAttempt attempt)
      throws InterruptedException {
    refuseOnLoop();
    Scope scope = Scope.current();
    World world = scope == null ? World.REAL : scope.world();
    boolean limited = nanos != Scope.NEVER;
    long deadline = limited ? world.nanoTime() + nanos : 0;
    if (world == World.REAL && !VirtualThreads.isVirtual(Thread.currentThread())) {
      Poll poll = place.ownPoll();
      if (poll != null) {
        return sleep(place, poll, scope, limited, deadline);
      }
    }
    ThreadWaiter waiter = new ThreadWaiter(world, attempt);
    place.install(waiter);
    while (!waiter.woken) {
      if (Thread.interrupted()) {
        if (place.uninstall(waiter)) {
          throw new InterruptedException();
        }
        waiter.awaitWake();
        Thread.currentThread().interrupt();
        return true;
      }
      if (scope == null && !limited) {
        world.park(place);
        continue;
      }
      long now = world.nanoTime();
      Scope expired = scope == null ? null : scope.outermostExpired(now);
      if (expired != null || (limited && deadline - now <= 0)) {
        if (place.uninstall(waiter)) {
          if (expired != null) {
            throw expired.cancellation();
          }
          return false;
        }
        waiter.awaitWake();
        return true;
      }
      long remaining = remaining(scope, limited, deadline, now);
      if (remaining == Scope.NEVER) {
        world.park(place);
      } else {
        world.parkNanos(place, remaining);
      }
    }
    return true;
  }

  /** The same in the kernel. What has happened stays there until the caller takes it. */
  private static boolean sleep(
      WaitPlace place, Poll poll, @Nullable Scope scope, boolean limited, long deadline)
      throws InterruptedException {
    if (!poll.enter()) {
      return true;
    }
    // The thread's state will be RUNNABLE; so who asks what it waits for can tell.
    LockSupport.setCurrentBlocker(place);
    if (scope != null) {
      scope.sleepIn(poll);
    }
    try {
      while (true) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long remaining = Scope.NEVER;
        if (scope != null || limited) {
          long now = World.REAL.nanoTime();
          Scope expired = scope == null ? null : scope.outermostExpired(now);
          if (expired != null) {
            throw expired.cancellation();
          }
          if (limited && deadline - now <= 0) {
            return false;
          }
          remaining = remaining(scope, limited, deadline, now);
        }
        if (poll.sleep(remaining)) {
          return true;
        }
      }
    } finally {
      if (scope != null) {
        scope.sleepIn(null);
      }
      LockSupport.setCurrentBlocker(null);
      poll.leave();
    }
  }

  /** How long a wait may go on, for its own limit and for the scope. */
  private static long remaining(@Nullable Scope scope, boolean limited, long deadline, long now) {
    long remaining = scope == null ? Scope.NEVER : scope.remainingNanos(now);
    return limited ? Math.min(remaining, deadline - now) : remaining;
  }

  /**
   * Whether a thread waits for something: parked, or asleep in the kernel in a place of ours.
   *
   * @return true also when it has just been woken and has not run yet
   */
  public static boolean isWaiting(Thread thread) {
    Thread.State state = thread.getState();
    return state == Thread.State.WAITING
        || state == Thread.State.TIMED_WAITING
        || LockSupport.getBlocker(thread) instanceof WaitPlace;
  }

  /**
   * Waits until woken, whatever happens: for clean-up that must be finished. An interrupt is kept
   * for later.
   */
  public static void awaitUninterruptibly(WaitPlace place) {
    refuseOnLoop();
    ThreadWaiter waiter = new ThreadWaiter(World.current(), null);
    place.install(waiter);
    waiter.awaitWake();
  }

  /**
   * Waits until woken or until a time is over, whatever else happens. An interrupt is kept for
   * later.
   *
   * @param nanos how long at most
   */
  public static void awaitUninterruptibly(WaitPlace place, long nanos) {
    refuseOnLoop();
    World world = World.current();
    ThreadWaiter waiter = new ThreadWaiter(world, null);
    place.install(waiter);
    long deadline = world.nanoTime() + nanos;
    boolean interrupted = false;
    while (!waiter.woken) {
      long left = deadline - world.nanoTime();
      if (left <= 0) {
        if (!place.uninstall(waiter)) {
          waiter.awaitWake();
        }
        break;
      }
      world.parkNanos(place, left);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The entry of every blocking call. Refuses it on an event loop's thread, always and not only
   * when it would wait, so that the mistake shows in the first test. Then gives cancellation its
   * chance.
   *
   * @throws InterruptedException when interrupted; the flag is cleared
   */
  public static void checkpoint() throws InterruptedException {
    refuseOnLoop();
    throwIfCancelled();
  }

  /**
   * Throws if the calling thread is interrupted or inside an expired scope.
   *
   * @throws InterruptedException when interrupted; the flag is cleared
   */
  public static void throwIfCancelled() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    throwIfExpired();
  }

  /**
   * Whether the calling thread is inside an expired scope.
   *
   * @return true when every wait would throw
   */
  public static boolean isExpired() {
    Scope scope = Scope.current();
    return scope != null && scope.outermostExpired(scope.world().nanoTime()) != null;
  }

  /** Throws the cancellation of the outermost expired scope around the calling thread, if any. */
  public static void throwIfExpired() {
    Scope scope = Scope.current();
    if (scope != null) {
      Scope expired = scope.outermostExpired(scope.world().nanoTime());
      if (expired != null) {
        throw expired.cancellation();
      }
    }
  }

  /** Throws {@link IllegalStateException} on an event loop's thread. */
  public static void refuseOnLoop() {
    Thread thread = Thread.currentThread();
    if (thread instanceof NonBlockingThread) {
      throw new IllegalStateException(
          "a blocking call on event loop thread "
              + thread.getName()
              + " would stop every connection of that loop;"
              + " call the suspending API there, or run blocking code on another thread");
    }
  }

  /** A parked thread. */
  private static final class ThreadWaiter implements Waiter {
    private final Thread thread = Thread.currentThread();
    private final World world;
    private final @Nullable LoopAttempt attempt;
    private volatile boolean woken;

    ThreadWaiter(World world, @Nullable LoopAttempt attempt) {
      this.world = world;
      this.attempt = attempt;
    }

    @Override
    public void wakeFromLoop() {
      try {
        if (attempt != null) {
          attempt.run();
        }
      } finally {
        wake();
      }
    }

    @Override
    public void wake() {
      woken = true;
      world.unpark(thread);
    }

    private void awaitWake() {
      boolean interrupted = false;
      while (!woken) {
        world.park(this);
        // park returns at once while the flag is set: clear it, and give it back at the end.
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
