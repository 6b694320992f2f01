package dev.tercet.internal.task;

/** Where a {@link Waiter} can be put until something happens: a readiness cell, a queue. */
public interface WaitPlace {
  /**
   * Puts a waiter in. When what it waits for has happened already, it is woken at once, possibly
   * before this returns.
   *
   * @param waiter not yet in any place
   */
  void install(Waiter waiter);

  /**
   * Takes the waiter out again.
   *
   * @param waiter the one that was put in
   * @return true: it was still in, and will not be woken. False: it has been woken or is just being
   *     woken, so what it waited for has happened
   */
  boolean uninstall(Waiter waiter);
}
