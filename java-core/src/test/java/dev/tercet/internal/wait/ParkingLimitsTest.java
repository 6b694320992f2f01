package dev.tercet.internal.wait;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.CancelScope;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waits whose end is moved, or that heed nothing but their time. */
@Timeout(60)
class ParkingLimitsTest {
  @Test
  @DisplayName("NUR-X22 a limit that is moved to now ends a wait that has begun")
  void limitMoved() throws Exception {
    CancelScope scope = CancelScope.moveOnAfter(Duration.ofHours(1));
    Thread sleeper = Thread.currentThread();
    Thread mover =
        new Thread(
            () -> {
              while (!Parking.isWaiting(sleeper)) {
                Thread.onSpinWait();
              }
              scope.setLimit(Duration.ZERO);
            });
    assertTrue(
        scope.run(
            () -> {
              mover.start();
              Parking.await(new Latch());
            }));
    mover.join();
  }

  @Test
  @DisplayName("IO-SL10 a wait that heeds nothing ends with its time, and keeps an interrupt")
  void boundedAndDeaf() {
    Thread.currentThread().interrupt();
    Parking.awaitUninterruptibly(new Latch(), 1_000_000);
    assertTrue(Thread.interrupted());
    Latch open = new Latch();
    open.open();
    Parking.awaitUninterruptibly(open, Scope.NEVER / 4);
    assertThrows(InterruptedException.class, () -> cancelled(open));
  }

  private static void cancelled(Latch latch) throws InterruptedException {
    Thread.currentThread().interrupt();
    Parking.awaitUninterruptibly(latch, 1);
    Parking.throwIfCancelled();
  }
}
