package dev.tercet.internal.wait;

import java.io.IOException;

/**
 * What a parked thread will try again as soon as it is woken, tried on its behalf by the thread of
 * the event loop that wakes it.
 *
 * <p><b>The problem.</b> Readiness is level-triggered: bytes that a woken thread has not yet read
 * are reported at the next selection again, to nobody. The loop must then turn interest off, and
 * the thread's next wait turn it on, for the price of a wake-up, of two changes in the kernel, and
 * of a read that finds nothing.
 *
 * <p><b>The strategy.</b> The loop reads at once, into the buffer of the thread, which finds the
 * result when it runs. Nothing can be lost: a thread that has been taken out of its place always
 * goes on, whether it is interrupted or not, and looks at the result. A coroutine does not, since a
 * cancellation may come between its wake-up and its run; so this is for threads only.
 *
 * <p>A failure is nothing to hand over: the thread tries again, and meets it with its own stack.
 */
public abstract class LoopAttempt {
  /** For subclasses. */
  protected LoopAttempt() {}

  /**
   * Tries, and keeps the result. What it throws is forgotten, and must have had no effect.
   *
   * @throws IOException when it fails, and would again
   */
  protected abstract void tryNow() throws IOException;

  final void run() {
    try {
      tryNow();
    } catch (IOException | RuntimeException e) {
      // The thread will meet it itself.
    }
  }
}
