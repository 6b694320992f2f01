package dev.tercet.blocking;

import static java.time.Duration.ofMillis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.TooSlowException;
import dev.tercet.internal.wait.ManualWorld;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Accepting while the system refuses each connection. */
@Timeout(60)
class FailingAcceptsTest {
  @Test
  @DisplayName("IO-SL3 an accept that fails again and again pauses, heeds limits and interrupts")
  void limits() throws Exception {
    ManualWorld world = new ManualWorld();
    world.run(
        () -> {
          FailingAccepts network = new FailingAccepts();
          ListenerSocket listener = ListenerSocket.open(StandardProtocolFamily.INET, network);
          CompletableFuture<Throwable> ended = new CompletableFuture<>();
          Nursery.run(
              nursery -> {
                nursery.startSoon(
                    () ->
                        ended.complete(
                            assertThrows(
                                IOException.class,
                                () ->
                                    CancelScope.failAfter(ofMillis(50))
                                        .call(() -> listener.accept()))));
                for (int i = 0; i < 6 && !ended.isDone(); i++) {
                  world.awaitParked(1);
                  // 1 + 2 + 4 + 8 + 16 ms, and the limit cuts the sixth pause short.
                  assertEquals(i + 1, network.tries.get());
                  world.advance(ofMillis(i < 5 ? 1 << i : 19));
                  while (i < 5 && network.tries.get() == i + 1) {
                    Thread.onSpinWait();
                  }
                }
              });
          assertTrue(ended.get() instanceof TooSlowException, String.valueOf(ended.get()));
          assertEquals(6, network.tries.get());
          Nursery.run(
              nursery -> {
                nursery.startSoon(() -> listener.accept());
                world.awaitParked(1);
                nursery.cancelChildren();
              });
        });
  }
}
