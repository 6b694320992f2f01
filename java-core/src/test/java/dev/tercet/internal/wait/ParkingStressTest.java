package dev.tercet.internal.wait;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.CancelledException;
import dev.tercet.blocking.Nursery;
import dev.tercet.support.Stress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wake-ups, interrupts and deadlines against each other: each one must be accounted for. */
@Timeout(300)
class ParkingStressTest {
  private static final int ROUNDS = Stress.rounds(10_000, 200_000);

  @Test
  @DisplayName("NUR-X31 every wake and every interrupt is accounted for, on a platform thread")
  void platformThread() throws Exception {
    stress(Thread::new);
  }

  @Test
  @DisplayName("NUR-X31 every wake and every interrupt is accounted for, on a default thread")
  void defaultThread() throws Exception {
    stress(null); // virtual where the JVM has them
  }

  private static void stress(@Nullable ThreadFactory threads) throws Exception {
    long seed = Stress.seed(ParkingStressTest.class);
    Contest contest = new Contest(seed);
    if (threads == null) {
      Nursery.run(contest::run);
    } else {
      Nursery.run(threads, contest::run);
    }
    String all = contest.toString();
    assertEquals(contest.place.wakes.get(), contest.returned, all);
    assertEquals(contest.place.takenOut.get(), contest.interrupted + contest.expired, all);
    assertEquals(contest.sent.get(), contest.seen.get(), all);
    // Else this has tested nothing.
    assertTrue(contest.returned > ROUNDS / 100 && contest.interrupted > 100, all);
    assertTrue(contest.expired > 0, all);
  }

  /** One waiter, one waker, one interrupter. */
  private static final class Contest {
    private final Place place = new Place();
    private final Random random;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong seen = new AtomicLong();
    private volatile @Nullable Thread waiter;
    private volatile boolean done;
    // The waiter's; read when it has ended.
    private long returned;
    private long interrupted;
    private long expired;

    Contest(long seed) {
      random = new Random(seed);
    }

    void run(Nursery nursery) {
      long wakerSeed = random.nextLong();
      long interrupterSeed = random.nextLong();
      long waiterSeed = random.nextLong();
      nursery.startSoon(() -> wake(new Random(wakerSeed)));
      nursery.startSoon(() -> interrupt(new Random(interrupterSeed)));
      nursery.startSoon(() -> await(new Random(waiterSeed)));
    }

    private void await(Random random) {
      waiter = Thread.currentThread();
      for (int i = 0; i < ROUNDS; i++) {
        try {
          if (random.nextInt(4) == 0) {
            Duration limit = Duration.ofNanos(random.nextInt(2_000));
            if (CancelScope.moveOnAfter(limit).run(this::awaitOnce)) {
              expired++;
            }
          } else {
            awaitOnce();
          }
        } catch (InterruptedException e) {
          interrupted++;
          seen.incrementAndGet();
        } catch (java.io.IOException | CancelledException e) {
          throw new AssertionError(e);
        }
        if (random.nextInt(64) == 0 && Thread.interrupted()) {
          seen.incrementAndGet();
        }
      }
      done = true;
      // The last interrupt may be on its way: it comes, since it was counted before it was sent.
      while (seen.get() < sent.get() || interrupting) {
        if (Thread.interrupted()) {
          seen.incrementAndGet();
        }
        LockSupport.parkNanos(1000);
      }
    }

    private volatile boolean interrupting = true;

    private void awaitOnce() throws InterruptedException {
      Parking.await(place);
      returned++;
    }

    private void wake(Random random) {
      while (!done) {
        place.wakeOne();
        pause(random);
      }
    }

    private void interrupt(Random random) {
      while (!done) {
        Thread thread = waiter;
        // One at a time: two interrupts of one flag would be one.
        if (thread != null && seen.get() == sent.get()) {
          sent.incrementAndGet();
          thread.interrupt();
        }
        pause(random);
      }
      interrupting = false;
    }

    private static void pause(Random random) {
      if (random.nextInt(16) == 0) {
        LockSupport.parkNanos(1); // virtual threads share their carriers only when they park
      }
      for (int i = random.nextInt(400); i > 0; i--) {
        Thread.onSpinWait();
      }
    }

    @Override
    public String toString() {
      return String.format(
          "returned %d, wakes %d, interrupted %d, expired %d, taken out %d, sent %d, seen %d",
          returned,
          place.wakes.get(),
          interrupted,
          expired,
          place.takenOut.get(),
          sent.get(),
          seen.get());
    }
  }

  /** Room for one waiter. */
  private static final class Place implements WaitPlace {
    private final AtomicReference<@Nullable Waiter> cell = new AtomicReference<>();
    private final AtomicLong wakes = new AtomicLong();
    private final AtomicLong takenOut = new AtomicLong();

    @Override
    public void install(Waiter waiter) {
      if (!cell.compareAndSet(null, waiter)) {
        throw new AssertionError("the waiter before this one was left behind");
      }
    }

    @Override
    public boolean uninstall(Waiter waiter) {
      boolean out = cell.compareAndSet(waiter, null);
      if (out) {
        takenOut.incrementAndGet();
      }
      return out;
    }

    void wakeOne() {
      Waiter waiter = cell.getAndSet(null);
      if (waiter != null) {
        wakes.incrementAndGet();
        waiter.wake();
      }
    }
  }
}
