package dev.tercet.socket;

import dev.tercet.internal.loop.LoopThread;
import dev.tercet.internal.loop.Readiness;
import dev.tercet.internal.task.Parking;

/** The graceful close of everything that waits in a loop. */
final class Closing {
  private Closing() {}

  /**
   * Closes at once, then waits for one turn of the loop, after which the descriptor is freed and
   * the port can be bound again (spec IO-SL10). The wait is short and bounded, so an interrupt does
   * not end it: the flag stays set. In an expired scope the cancellation is thrown at the end.
   *
   * @param readiness of the channel
   * @param closeNow what closes it
   */
  static void close(Readiness readiness, Runnable closeNow) {
    closeNow.run();
    if (LoopThread.currentLoop() == null) {
      Parking.awaitUninterruptibly(readiness.reaped());
      Parking.throwIfExpired();
    }
  }
}
