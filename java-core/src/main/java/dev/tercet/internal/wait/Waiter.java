package dev.tercet.internal.wait;

/**
 * Somebody who waits: a parked thread or a suspended coroutine.
 *
 * <p>To be woken means "try again" and never carries data or a resource. A value handed to a
 * coroutine that is being cancelled is lost; a hint to look again cannot be.
 */
public interface Waiter {
  /**
   * Wakes from any thread. Called at most once per installation, by whoever took the waiter out of
   * its {@link WaitPlace}. Must not block and must not run the waiter's code in place.
   */
  void wake();

  /**
   * Wakes from an event loop's own frame, between two events, where the code of a coroutine of that
   * loop may run in place.
   */
  default void wakeFromLoop() {
    wake();
  }
}
