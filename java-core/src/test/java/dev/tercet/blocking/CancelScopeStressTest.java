package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.TooSlowException;
import dev.tercet.internal.wait.Latch;
import dev.tercet.support.Stress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Expiries and cancels around the end of a body: a result that was made is not thrown away. */
@Timeout(300)
class CancelScopeStressTest {
  private static final int ROUNDS = Stress.rounds(10_000, 200_000);

  @Test
  @DisplayName("expiries around the end of a body lose nothing: a finished body wins")
  void expiries() throws Exception {
    long seed = Stress.seed(CancelScopeStressTest.class);
    Random random = new Random(seed);
    int[] made = new int[1];
    int returned = 0;
    int tooSlow = 0;
    for (int i = 0; i < ROUNDS; i++) {
      Duration limit = Duration.ofNanos(random.nextInt(20_000));
      int work = random.nextInt(400);
      try {
        returned +=
            CancelScope.failAfter(limit)
                .call(
                    () -> {
                      for (int k = 0; k < work; k++) {
                        Thread.onSpinWait();
                      }
                      CancelScope.checkpoint();
                      made[0]++;
                      return 1;
                    });
      } catch (TooSlowException e) {
        tooSlow++;
      }
    }
    String all = "made " + made[0] + ", returned " + returned + ", too slow " + tooSlow;
    assertEquals(made[0], returned, all);
    assertEquals(ROUNDS, returned + tooSlow, all);
    // Else this has tested nothing.
    assertTrue(returned > 10 && tooSlow > 10, all);
  }

  @Test
  @DisplayName("cancels from another thread against a wake-up: what was taken is returned")
  void cancels() throws Exception {
    long seed = Stress.seed(CancelScopeStressTest.class);
    Random random = new Random(seed);
    SynchronousQueue<Runnable> jobs = new SynchronousQueue<>();
    int[] taken = new int[1];
    int[] finished = new int[1];
    int[] movedOn = new int[1];
    Nursery.run(
        nursery -> {
          for (int helper = 0; helper < 2; helper++) {
            nursery.startSoon(
                () -> {
                  while (true) {
                    jobs.take().run();
                  }
                });
          }
          for (int i = 0; i < ROUNDS; i++) {
            CancelScope scope = CancelScope.open();
            Latch latch = new Latch();
            if (random.nextBoolean()) {
              jobs.put(latch::open);
              jobs.put(scope::cancel);
            } else {
              jobs.put(scope::cancel);
              jobs.put(latch::open);
            }
            int before = taken[0];
            boolean cut =
                scope.run(
                    () -> {
                      Blocking.await(latch);
                      taken[0]++;
                    });
            movedOn[0] += cut ? 1 : 0;
            finished[0] += cut ? 0 : 1;
            assertEquals(cut ? before : before + 1, taken[0]);
          }
          nursery.cancelChildren();
        });
    assertEquals(ROUNDS, movedOn[0] + finished[0]);
    assertTrue(
        movedOn[0] > 10 && finished[0] > 10, "cut " + movedOn[0] + ", finished " + finished[0]);
  }
}
