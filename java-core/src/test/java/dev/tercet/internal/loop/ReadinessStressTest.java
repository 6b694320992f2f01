package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Waiter;
import dev.tercet.support.Stress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Cancels against readiness, at the cell: the cheapest form, so that there can be many rounds. The
 * forms with coroutines and threads around it are slower and do less per second.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadinessStressTest {
  private static final int ROUNDS = Stress.rounds(100_000, 1_000_000);

  /** Counts its wake-ups, which must be one or none. */
  private static final class Once extends AtomicInteger implements Waiter {
    private static final long serialVersionUID = 1L;

    @Override
    public void wake() {
      incrementAndGet();
    }

    /** The one that wakes may need this very core. */
    @SuppressWarnings("ThreadPriorityCheck")
    void await() {
      for (int i = 0; get() == 0; i++) {
        if (i < 100) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
    }
  }

  @Test
  @DisplayName(
      "IO-C4 loop: waits are each woken once or taken out once, never both, and"
          + " none sleeps while there is a byte")
  void cancelsAgainstReadiness() throws Exception {
    long seed = Stress.seed(ReadinessStressTest.class);
    SplittableRandom random = new SplittableRandom(seed);
    LoopGroup group = LoopGroup.open("stressed", 1);
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(group.next(), pipe.source());
    ByteBuffer one = ByteBuffer.allocateDirect(1);
    long woken = 0;
    long takenOut = 0;
    boolean full = false;
    try {
      for (int round = 0; round < ROUNDS; round++) {
        int dice = random.nextInt(64);
        // Mostly the byte stays where it is: then events come as fast as the loop can turn.
        if (full && dice == 0) {
          one.clear();
          assertEquals(1, pipe.source().read(one));
          full = false;
        }
        Once waiter = new Once();
        readiness.readable().install(waiter);
        if (!full && dice < 8) {
          one.clear();
          assertEquals(1, pipe.sink().write(one));
          full = true;
        }
        if (full && dice > 56) {
          // There is a byte: it must be woken, sooner or later.
          waiter.await();
        } else {
          for (int spin = random.nextInt(40); spin > 0; spin--) {
            Thread.onSpinWait();
          }
        }
        if (readiness.readable().uninstall(waiter)) {
          takenOut++;
          assertEquals(0, waiter.get(), "woken and taken out");
        } else {
          waiter.await();
          assertEquals(1, waiter.get());
          woken++;
        }
      }
      assertEquals(ROUNDS, woken + takenOut);
      // Else this has tested nothing.
      assertTrue(woken > ROUNDS / 1000, woken + " woken");
      assertTrue(takenOut > ROUNDS / 1000, takenOut + " taken out");
    } finally {
      readiness.close();
      group.close();
      pipe.sink().close();
    }
  }

  @Test
  @DisplayName(
      "IO-K16 loop: closes against installs from another thread, events and uninstalls:"
          + " every waiter is woken or taken out, and no descriptor is left")
  void closesAgainstInstalls() throws Exception {
    int rounds = Stress.rounds(1_000, 20_000);
    long seed = Stress.seed(ReadinessStressTest.class);
    SplittableRandom random = new SplittableRandom(seed);
    int before = Descriptors.count();
    LoopGroup group = LoopGroup.open("closing", 1);
    for (int round = 0; round < rounds; round++) {
      Pipe pipe = Pipe.open();
      pipe.source().configureBlocking(false);
      Readiness readiness = new Readiness(group.next(), pipe.source());
      boolean withByte = random.nextBoolean();
      int spins = random.nextInt(200);
      Thread closer =
          new Thread(
              () -> {
                for (int spin = spins; spin > 0; spin--) {
                  Thread.onSpinWait();
                }
                readiness.close();
              });
      if (withByte) {
        pipe.sink().write(ByteBuffer.allocate(1));
      }
      if (round % 8 == 0) {
        closer.start(); // a start costs more than the rest of the round
      }
      Once waiter = new Once();
      readiness.readable().install(waiter);
      if (random.nextInt(4) == 0 && readiness.readable().uninstall(waiter)) {
        waiter.incrementAndGet();
        if (random.nextBoolean()) {
          Once second = new Once();
          readiness.readable().install(second);
          readiness.close();
          second.await();
        }
      }
      if (round % 8 != 0) {
        readiness.close();
      }
      waiter.await();
      closer.join();
      assertEquals(1, waiter.get());
      pipe.sink().close();
    }
    group.close();
    Descriptors.assertNoneLeft(before, rounds);
  }

  @Test
  @DisplayName(
      "IO-K16 loop: closes against threads that go in and out of a selector of their own: none"
          + " sleeps on, and no descriptor is left")
  void closesAgainstPolls() throws Exception {
    int rounds = Stress.rounds(200, 2_000);
    long seed = Stress.seed(ReadinessStressTest.class);
    SplittableRandom random = new SplittableRandom(seed);
    int before = Descriptors.count();
    LoopGroup group = LoopGroup.open("polled", 1);
    for (int round = 0; round < rounds; round++) {
      Pipe pipe = Pipe.open();
      pipe.source().configureBlocking(false);
      Readiness readiness = new Readiness(group.next(), pipe.source());
      AtomicInteger waits = new AtomicInteger();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      pipe.sink().write(ByteBuffer.allocate(1)); // each wait is over at once
      Thread sleeper =
          new Thread(
              () -> {
                try {
                  while (!readiness.isClosed()) {
                    Parking.await(readiness.readable());
                    if (waits.incrementAndGet() == 40) {
                      pipe.source().read(ByteBuffer.allocate(1)); // the next one sleeps
                    }
                  }
                } catch (ClosedChannelException e) {
                  // The close was faster.
                } catch (IOException | InterruptedException | RuntimeException e) {
                  failure.set(e);
                }
              });
      sleeper.start();
      int until = random.nextInt(40);
      while (waits.get() < until) {
        Thread.onSpinWait();
      }
      for (int spin = random.nextInt(400); spin > 0; spin--) {
        Thread.onSpinWait();
      }
      readiness.close();
      sleeper.join();
      assertNull(failure.get());
      // What a close waits for.
      Parking.await(readiness.reaped());
      pipe.sink().close();
    }
    group.close();
    Descriptors.assertNoneLeft(before, rounds);
  }
}
