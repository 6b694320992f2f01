package dev.tercet.blocking;

import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;

/** Waits for tests. */
final class Blocking {
  private Blocking() {}

  /** Waits until cancelled. */
  static void forever() throws InterruptedException {
    Parking.await(new Latch());
    throw new AssertionError("nobody can open this latch");
  }

  /** Waits until cancelled, and says first that it is about to. */
  static void foreverAfter(Latch here) throws InterruptedException {
    here.open();
    forever();
  }

  /** Waits in a foreign call, which knows nothing of scopes. */
  static void foreign() throws InterruptedException {
    new java.util.concurrent.CountDownLatch(1).await();
  }

  static void await(Latch latch) throws InterruptedException {
    Parking.await(latch);
  }
}
