package dev.tercet.testing.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.TooSlowException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.CancelledException;
import dev.tercet.blocking.MemoryChannel;
import dev.tercet.blocking.Nursery;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.support.Stress;
import dev.tercet.testing.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SimulationTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static List<String> sharedList() {
    return Collections.synchronizedList(new ArrayList<>());
  }

  @Test
  @DisplayName(
      "KIT-V5 what is slept for centuries, longer than nanoseconds can say, can be cut short")
  void centuries() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.sleep(SECOND);
          for (Duration longest :
              List.of(
                  Duration.ofNanos(Long.MAX_VALUE),
                  Duration.ofDays(365 * 300),
                  Duration.ofSeconds(Long.MAX_VALUE))) {
            Duration start = sim.now();
            assertTrue(CancelScope.moveOnAfter(SECOND).run(() -> sim.sleep(longest)));
            assertEquals(SECOND, sim.now().minus(start));
            sim.network().setLatency(longest);
          }
          sim.network().setLatency(Duration.ZERO);
        });
  }

  @Test
  @DisplayName(
      "KIT-J8 KIT-V1 KIT-V5 the clock starts at 0 and jumps to the instant that is waited for")
  void clockJumps() throws Exception {
    Simulation.run(
        1,
        sim -> {
          assertEquals(Duration.ZERO, sim.now());
          sim.sleep(Duration.ofDays(365).plusNanos(1));
          assertEquals(Duration.ofDays(365).plusNanos(1), sim.now());
        });
  }

  @Test
  @DisplayName("KIT-J8 sleepers wake in the order of their instants, whoever was started first")
  void sleepersWakeInOrder() throws Exception {
    long first = Stress.seed(SimulationTest.class, 0);
    for (long seed = first; seed < first + Stress.rounds(20, 500); seed++) {
      List<String> record = sharedList();
      Simulation.run(
          seed,
          sim -> {
            for (int i : new int[] {3, 1, 2}) {
              sim.nursery()
                  .startSoon(
                      () -> {
                        sim.sleep(SECOND.multipliedBy(i));
                        record.add(i + " at " + sim.now().toSeconds());
                      });
            }
          });
      assertEquals(List.of("1 at 1", "2 at 2", "3 at 3"), record, "seed " + seed);
    }
  }

  private static List<String> turns(long seed) throws Exception {
    List<String> record = sharedList();
    Simulation.run(
        seed,
        sim -> {
          for (String name : List.of("a", "b", "c")) {
            sim.nursery()
                .startSoon(
                    () -> {
                      for (int turn = 0; turn < 3; turn++) {
                        record.add(name + turn);
                        sim.sleep(Duration.ZERO);
                      }
                    });
          }
        });
    return record;
  }

  @Test
  @DisplayName("KIT-R1 the seed decides who runs, and the same seed decides the same")
  void seedDecides() throws Exception {
    Set<List<String>> orders = new HashSet<>();
    long first = Stress.seed(SimulationTest.class, 0);
    int seeds = Stress.rounds(40, 1_000);
    for (long seed = first; seed < first + seeds; seed++) {
      List<String> order = turns(seed);
      assertEquals(order, turns(seed), "seed " + seed);
      orders.add(order);
    }
    assertTrue(orders.size() > Math.min(seeds, 200) / 2, "only " + orders.size() + " orders");
  }

  @Test
  @DisplayName("KIT-J8 one thread runs at a time")
  void oneAtATime() throws Exception {
    int[] unguarded = new int[1];
    Simulation.run(
        7,
        sim -> {
          for (int task = 0; task < 8; task++) {
            sim.nursery()
                .startSoon(
                    () -> {
                      for (int i = 0; i < 200; i++) {
                        unguarded[0]++;
                        sim.sleep(Duration.ZERO);
                      }
                    });
          }
        });
    assertEquals(1600, unguarded[0]);
  }

  @Test
  @DisplayName("KIT-J8 limits of scopes are virtual: an hour is over at once, to the nanosecond")
  void scopesAreVirtual() throws Exception {
    Simulation.run(
        1,
        sim -> {
          Duration hour = Duration.ofHours(1).plusNanos(5);
          TooSlowException e =
              assertThrows(
                  TooSlowException.class,
                  () -> CancelScope.failAfter(hour).run(() -> Parking.await(new Latch())));
          assertEquals(hour, e.limit());
          assertEquals(hour, sim.now());
          assertTrue(CancelScope.moveOnAfter(SECOND).run(() -> sim.sleep(hour)));
          assertEquals(hour.plus(SECOND), sim.now());
        });
  }

  @Test
  @DisplayName("KIT-J8 an interrupt ends a wait, whether it comes through the nursery or not")
  void interrupts() throws Exception {
    Simulation.run(
        3,
        sim -> {
          List<String> record = sharedList();
          Thread[] waiting = new Thread[1];
          Nursery.run(
              nursery -> {
                nursery.startSoon(
                    () -> {
                      waiting[0] = Thread.currentThread();
                      assertThrows(InterruptedException.class, () -> sim.sleep(SECOND));
                      record.add("interrupted at " + sim.now().toMillis());
                      sim.sleep(SECOND);
                      record.add("slept until " + sim.now().toMillis());
                    });
                sim.sleep(Duration.ofMillis(10));
                waiting[0].interrupt();
              });
          assertEquals(List.of("interrupted at 10", "slept until 1010"), record);
        });
  }

  @Test
  @DisplayName("KIT-J8 channels between tasks work, with the sender and the receiver in any order")
  void channels() throws Exception {
    long first = Stress.seed(SimulationTest.class, 0);
    for (long seed = first; seed < first + Stress.rounds(20, 500); seed++) {
      Simulation.run(
          seed,
          sim -> {
            var channel = MemoryChannel.<Integer>open(0);
            sim.nursery()
                .startSoon(
                    () -> {
                      for (int i = 0; i < 10; i++) {
                        channel.sender().send(i);
                      }
                      channel.sender().close();
                    });
            List<Integer> received = new ArrayList<>();
            channel.receiver().forEach(received::add);
            assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), received);
          });
    }
  }

  @Test
  @DisplayName("KIT-J8 a deadlock is an error at once, and says where each thread is")
  void deadlock() {
    List<Throwable> endedBy = new ArrayList<>();
    AssertionError e =
        assertThrows(
            AssertionError.class,
            () ->
                Simulation.run(
                    5,
                    sim -> {
                      sim.sleep(SECOND);
                      sim.nursery().startSoon(SimulationTest::waitForNothing);
                      try {
                        Parking.await(new Latch());
                      } catch (CancelledException cancelled) {
                        endedBy.add(cancelled);
                        throw cancelled;
                      }
                    }));
    Message.contains(e, "deadlock at 1 s");
    Message.contains(e, "SimulationTest.waitForNothing");
    Message.contains(e, "simulation 5");
    assertEquals(1, endedBy.size(), "everything is cancelled, in order");
  }

  private static void waitForNothing() throws InterruptedException {
    Parking.await(new Latch());
  }

  @Test
  @DisplayName("KIT-J8 a deadlock that no cancel ends is given up")
  void deadlockWithoutEnd() {
    AssertionError e =
        assertThrows(
            AssertionError.class,
            () -> Simulation.run(77, sim -> Parking.awaitUninterruptibly(new Latch())));
    Message.contains(e, "deadlock");
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("simulation 77")),
        "its thread has ended");
  }

  @Test
  @DisplayName("KIT-R1 a failure keeps its type and tells the seed")
  void failuresTellTheSeed() {
    IOException thrown = new IOException("of the body");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                Simulation.run(
                    42,
                    sim -> {
                      throw thrown;
                    }));
    assertSame(thrown, e);
    Message.contains(e.getSuppressed()[0], "seed 42");
  }

  @Test
  @DisplayName("KIT-J8 the failure of a task ends the body")
  void tasksFail() {
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                Simulation.run(
                    1,
                    sim -> {
                      sim.nursery()
                          .startSoon(
                              () -> {
                                sim.sleep(SECOND);
                                throw new IOException("of the task");
                              });
                      sim.sleep(Duration.ofHours(1));
                    }));
    assertEquals("of the task", e.getMessage());
  }

  @Test
  @DisplayName("KIT-J8 a thread that never waits is ended by the limit in real time")
  void realTimeLimit() {
    AssertionError e =
        assertThrows(
            AssertionError.class,
            () ->
                Simulation.run(
                    9,
                    Duration.ofMillis(50),
                    sim -> {
                      while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                      }
                    }));
    Message.contains(e, "of real time");
    Message.contains(e, "SimulationTest");
    Message.contains(e.getSuppressed()[0], "seed 9");
  }

  @Test
  @DisplayName("KIT-J8 an interrupt of the caller cancels everything inside")
  void callerIsInterrupted() {
    AtomicBoolean cancelled = new AtomicBoolean();
    Thread.currentThread().interrupt();
    assertThrows(
        InterruptedException.class,
        () ->
            Simulation.run(
                1,
                sim -> {
                  try {
                    while (true) {
                      sim.sleep(SECOND);
                    }
                  } finally {
                    cancelled.set(true);
                  }
                }));
    assertFalse(Thread.currentThread().isInterrupted());
    assertTrue(cancelled.get());
  }

  @Test
  @DisplayName("KIT-J8 simulations run side by side, each with its own time")
  void sideBySide() throws Exception {
    Simulation.run(
        1,
        outer -> {
          outer.sleep(SECOND);
          Simulation.run(
              2,
              inner -> {
                inner.sleep(Duration.ofHours(1));
                assertEquals(Duration.ofHours(1), inner.now());
                assertNotEquals(inner.network(), outer.network());
              });
          assertEquals(SECOND, outer.now());
        });
  }
}
