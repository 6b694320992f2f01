package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Scope;
import dev.tercet.support.Stress;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Failures, cancels, interrupts and hand-overs at random moments. */
@Timeout(300)
class NurseryStressTest {
  private static final int ROUNDS = Stress.rounds(500, 20_000);

  @Test
  @DisplayName("NUR-X1 NUR-X2 whatever ends a nursery, no task is left and no failure is lost")
  void endings() throws Exception {
    long seed = Stress.seed(NurseryStressTest.class);
    Random random = new Random(seed);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger failures = new AtomicInteger();
    for (int round = 0; round < ROUNDS; round++) {
      failures.set(0);
      int tasks = 1 + random.nextInt(5);
      int how = random.nextInt(5);
      int delay = random.nextInt(300);
      CancelScope around = CancelScope.open();
      int reported = 0;
      boolean cut = false;
      Thread me = Thread.currentThread();
      try {
        cut =
            around.run(
                () ->
                    Nursery.run(
                        nursery -> {
                          for (int i = 0; i < tasks; i++) {
                            nursery.startSoon(() -> endless(running));
                          }
                          nursery.startSoon(
                              () -> {
                                spin(delay);
                                switch (how) {
                                  case 0 -> nursery.cancelChildren();
                                  case 1 -> around.cancel();
                                  case 2 -> me.interrupt();
                                  default -> {
                                    failures.incrementAndGet();
                                    throw new IOException("failure");
                                  }
                                }
                              });
                          if (how == 4) {
                            nursery.startSoon(
                                () -> {
                                  spin(delay);
                                  failures.incrementAndGet();
                                  throw new IOException("another");
                                });
                          }
                        }));
        assertTrue(how == 0 || how == 1, "nothing was thrown, round " + round + ", " + how);
      } catch (IOException e) {
        reported = 1 + e.getSuppressed().length;
      } catch (InterruptedException e) {
        assertEquals(2, how);
      }
      assertEquals(how == 1, cut);
      assertEquals(failures.get(), reported);
      assertEquals(0, running.get());
      assertNull(Scope.current());
      assertFalse(Thread.interrupted());
    }
  }

  @Test
  @DisplayName("NUR-X16 IO-TS6 start of a nursery that fails is cancelled, however long that takes")
  void failsWhileStarting() {
    for (int round = 0; round < Stress.rounds(30, 1_000); round++) {
      Latch waiting = new Latch();
      AtomicInteger cancelled = new AtomicInteger();
      IOException thrown =
          assertThrows(
              IOException.class,
              () ->
                  Nursery.run(
                      nursery -> {
                        nursery.startSoon(
                            () -> {
                              Blocking.await(waiting);
                              // Cancelled behind the task of start, which ends in the meantime.
                              for (int i = 0; i < 20; i++) {
                                nursery.startSoon(Blocking::forever);
                              }
                              throw new IOException("sibling");
                            });
                        try {
                          nursery.<String>start(status -> Blocking.foreverAfter(waiting));
                        } catch (CancelledException e) {
                          cancelled.incrementAndGet();
                          throw e;
                        }
                      }));
      assertEquals(0, thrown.getSuppressed().length);
      assertEquals(1, cancelled.get());
    }
  }

  @Test
  @DisplayName("NUR-X10 NUR-X12 what start hands over is either returned or still the task's own")
  void handOver() throws Exception {
    long seed = Stress.seed(NurseryStressTest.class);
    Random random = new Random(seed);
    AtomicInteger alive = new AtomicInteger();
    int[] outcomes = new int[2];
    for (int round = 0; round < ROUNDS; round++) {
      int delay = random.nextInt(300);
      int cancelDelay = random.nextInt(300);
      Nursery.run(
          nursery -> {
            CancelScope scope = CancelScope.open();
            nursery.startSoon(
                () -> {
                  spin(cancelDelay);
                  scope.cancel();
                });
            int[] value = new int[1];
            boolean cut =
                scope.run(
                    () ->
                        value[0] =
                            nursery.<Integer>start(
                                status -> {
                                  alive.incrementAndGet();
                                  try {
                                    spin(delay);
                                    status.started(1);
                                    Blocking.forever();
                                  } finally {
                                    alive.decrementAndGet();
                                  }
                                }));
            // Cut short: the task has been joined. Else it is alive, in the nursery.
            assertEquals(cut ? 0 : 1, value[0]);
            assertEquals(value[0], alive.get());
            outcomes[value[0]]++;
            nursery.cancelChildren();
          });
      assertEquals(0, alive.get());
    }
    assertEquals(ROUNDS, outcomes[0] + outcomes[1]);
    System.out.println("cut short " + outcomes[0] + ", started " + outcomes[1]);
  }

  private static void endless(AtomicInteger running) throws InterruptedException {
    running.incrementAndGet();
    try {
      Blocking.forever();
    } finally {
      running.decrementAndGet();
    }
  }

  private static void spin(int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }
}
