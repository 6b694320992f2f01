package dev.tercet.blocking;

import dev.tercet.internal.loop.LoopThread;
import dev.tercet.internal.net.NonBlockingHandle;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.util.List;

/** The graceful close of everything that waits in a loop. */
final class Closing {
  private Closing() {}

  /**
   * Closes at once, then waits for one turn of the loop, after which the descriptor is freed and
   * the port can be bound again (spec IO-SL10). The wait is short and bounded, so an interrupt does
   * not end it: the flag stays set. In an expired scope the cancellation is thrown at the end.
   *
   * @param handle what to close
   */
  static void close(NonBlockingHandle handle) {
    handle.close();
    if (LoopThread.currentLoop() == null) {
      awaitReleased(List.of(handle.released()));
      Parking.throwIfExpired();
    }
  }

  /** Waits until closed sockets are released, for a second each at most, whatever else happens. */
  static void awaitReleased(List<Latch> sockets) {
    for (Latch released : sockets) {
      Parking.awaitUninterruptibly(released, NonBlockingHandle.RELEASE_WAIT_NANOS);
    }
  }
}
