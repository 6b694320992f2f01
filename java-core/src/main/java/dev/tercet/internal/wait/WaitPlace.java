package dev.tercet.internal.wait;

import org.jspecify.annotations.Nullable;

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

  /**
   * A way for a platform thread to wait here without anybody's help, if there is one and if it pays
   * by now; asked before each wait of such a thread, by the one that waits.
   *
   * @return null to be installed as everybody else
   */
  default @Nullable Poll ownPoll() {
    return null;
  }

  /**
   * Whether {@link #ownPoll} has something to offer, without counting a wait.
   *
   * @return true when the next wait of a platform thread is its own
   */
  default boolean hasOwnPoll() {
    return false;
  }
}
