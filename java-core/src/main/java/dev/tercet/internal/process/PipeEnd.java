package dev.tercet.internal.process;

import dev.tercet.internal.net.NonBlockingHandle;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;

/**
 * Our end of a pipe, whose other end a child process has. Operations never wait; there is a place
 * to wait in until it is worth trying again.
 *
 * <p><i>Thread-safety:</i> closing: any thread; the rest by whoever has entered {@link #turn}.
 */
public interface PipeEnd extends NonBlockingHandle {
  /** Who sends or receives. */
  Exclusive turn();

  /** Leaves the turn. What was begun for the one who leaves, and is not over, is given up. */
  default void exit() {
    turn().exit();
  }

  /**
   * Where to wait for bytes, or for room.
   *
   * @return a place; who is woken tries again
   */
  WaitPlace place();
}
