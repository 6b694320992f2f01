package dev.tercet.internal.wait;

/**
 * A place in which a platform thread can sleep in the kernel itself, without an event loop.
 *
 * <p>To {@linkplain #wake wake} it, from any thread, makes the present sleep or the next one end.
 *
 * <p><i>Thread-safety:</i> one thread enters at a time, and only what has entered sleeps and
 * leaves.
 */
public interface Poll extends Waiter {
  /**
   * Enters, for one wait.
   *
   * @return false when the place is closed: there is nothing to wait for, and nothing to leave
   */
  boolean enter();

  /**
   * Sleeps until there is something to do, or the thread is interrupted, or a time has passed; it
   * may also return for no reason.
   *
   * @param nanos at most so long, {@link Scope#NEVER} for as long as it takes
   * @return true when there is something to do: what was waited for has happened, or a close
   */
  boolean sleep(long nanos);

  /** Leaves. */
  void leave();
}
