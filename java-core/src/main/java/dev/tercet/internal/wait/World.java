package dev.tercet.internal.wait;

import dev.tercet.Network;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of the blocking API run in: who tells the time, and how a thread parks. There is
 * the real world, and there are simulated ones, in which the threads run one at a time and the
 * clock jumps.
 *
 * <p>A thread's world is that of its innermost {@link Scope}, and a scope has the world of the one
 * around it. So nursery tasks inherit it, and nothing needs a static or a parameter.
 *
 * <p><i>Thread-safety:</i> {@link #unpark} and {@link #interrupt} are called from any thread, also
 * one of another world.
 */
public interface World {
  /** The world of the operating system. */
  World REAL = new RealWorld();

  /**
   * The world of the calling thread.
   *
   * @return the real one outside of all scopes
   */
  static World current() {
    Scope scope = Scope.current();
    return scope == null ? REAL : scope.world();
  }

  /**
   * The time.
   *
   * @return in nanoseconds, to be compared by subtraction; it never goes back
   */
  long nanoTime();

  /**
   * Parks the calling thread, by the rules of {@link LockSupport#park(Object)}: it may return for
   * no reason, and returns at once while the thread is interrupted.
   *
   * @param blocker what the thread waits for, for thread dumps
   */
  void park(Object blocker);

  /**
   * Parks for a limited time.
   *
   * @param blocker what the thread waits for, for thread dumps
   * @param nanos at most so long
   */
  void parkNanos(Object blocker, long nanos);

  /** Makes the present or the next park of a thread return. */
  void unpark(Thread thread);

  /** Interrupts a thread, and makes its park return. */
  void interrupt(Thread thread);

  /**
   * Called by the thread that starts a new one: what the new thread runs as a member of this world.
   *
   * @return the body with what the world needs around it
   */
  Runnable newcomer(Runnable body);

  /**
   * The network of this world, for who has chosen none.
   *
   * @return null in the real one, which has as many as it has event loops
   */
  @Nullable Network network();

  /** The clock, the scheduler and the interrupts of the operating system and the JVM. */
  final class RealWorld implements World {
    private RealWorld() {}

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public void park(Object blocker) {
      LockSupport.park(blocker);
    }

    @Override
    public void parkNanos(Object blocker, long nanos) {
      LockSupport.parkNanos(blocker, nanos);
    }

    @Override
    public void unpark(Thread thread) {
      LockSupport.unpark(thread);
    }

    @Override
    public void interrupt(Thread thread) {
      thread.interrupt();
    }

    @Override
    public Runnable newcomer(Runnable body) {
      return body;
    }

    @Override
    public @Nullable Network network() {
      return null;
    }

    @Override
    public String toString() {
      return "World(real)";
    }
  }
}
