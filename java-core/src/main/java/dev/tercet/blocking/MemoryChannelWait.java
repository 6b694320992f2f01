package dev.tercet.blocking;

import dev.tercet.internal.channel.SharedChannel;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.proto.MemoryChannelState.Operation;
import org.jspecify.annotations.Nullable;

/** How a thread waits for an operation on a memory channel. */
final class MemoryChannelWait {
  private MemoryChannelWait() {}

  /**
   * Returns when the operation is settled. An interrupt or an expiry takes it back; if it has been
   * settled in the same moment, that wins, and the interrupt is kept for the next wait.
   */
  static <T extends @Nullable Object> void await(
      SharedChannel<T> channel, Operation<T, Latch> operation) throws InterruptedException {
    Latch latch = operation.waker();
    if (latch == null) {
      return;
    }
    try {
      Parking.await(latch);
    } catch (InterruptedException e) {
      if (channel.withdraw(operation)) {
        throw e;
      }
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (channel.withdraw(operation)) {
        throw e;
      }
    }
  }
}
