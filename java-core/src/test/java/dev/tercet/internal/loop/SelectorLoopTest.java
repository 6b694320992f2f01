package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.task.Latch;
import dev.tercet.internal.task.Parking;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tasks, timers, sleeping and closing of one loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what the tasks do is what is looked at
class SelectorLoopTest {
  private final LoopGroup group = LoopGroup.open("selector-loop-test", 1);
  private final SelectorLoop loop = group.next();
  private final LoopExecutor executor = new LoopExecutor(loop);

  @AfterEach
  void close() throws InterruptedException {
    group.close();
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertTrue(latch.await(30, TimeUnit.SECONDS), "took longer than 30 s");
  }

  @Test
  @DisplayName("loop: tasks of one thread run in the order of posting, 10,000 of them")
  void order() throws Exception {
    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      int n = i;
      executor.execute(() -> seen.add(n));
    }
    assertEquals(10_000, executor.submit(seen::size).get());
    for (int i = 0; i < 10_000; i++) {
      assertEquals(i, seen.get(i));
    }
  }

  @Test
  @DisplayName("loop: a task that throws, an Error too, does not end the loop")
  void failingTasks() throws Exception {
    executor.execute(
        () -> {
          throw new IllegalStateException("a task of the test fails, on purpose");
        });
    executor.execute(
        () -> {
          throw new AssertionError("a task of the test fails, on purpose");
        });
    assertEquals("alive", executor.submit(() -> "alive").get());
    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () ->
                executor
                    .schedule(
                        () -> {
                          throw new IllegalArgumentException("mine");
                        },
                        1,
                        TimeUnit.MILLISECONDS)
                    .get());
    assertEquals("java.lang.IllegalArgumentException: mine", String.valueOf(failure.getCause()));
  }

  @Test
  @DisplayName("loop: a task that posts itself for ever starves neither timers nor other threads")
  void fairness() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch stop = new CountDownLatch(1);
    class Greedy implements Runnable {
      @Override
      public void run() {
        runs.incrementAndGet();
        if (stop.getCount() > 0) {
          executor.execute(this);
        }
      }
    }
    executor.execute(new Greedy());
    ScheduledFuture<?> timer = executor.schedule(() -> {}, 1, TimeUnit.MILLISECONDS);
    timer.get(30, TimeUnit.SECONDS);
    assertEquals("heard", executor.submit(() -> "heard").get(30, TimeUnit.SECONDS));
    stop.countDown();
    assertTrue(runs.get() > 256, "it did run in between: " + runs);
  }

  @Test
  @DisplayName("loop: a timer is never early, and timers of one deadline keep their order")
  void timers() throws Exception {
    List<String> seen = new ArrayList<>();
    long start = System.nanoTime();
    CompletableFuture<Long> late = new CompletableFuture<>();
    executor.execute(
        () -> {
          executor.schedule(() -> late.complete(System.nanoTime()), 20, TimeUnit.MILLISECONDS);
          for (String name : List.of("a", "b", "c")) {
            executor.schedule(() -> seen.add(name), 5, TimeUnit.MILLISECONDS);
          }
        });
    assertTrue(late.get() - start >= 20_000_000, "early by " + (start + 20_000_000 - late.get()));
    assertEquals(List.of("a", "b", "c"), executor.submit(() -> List.copyOf(seen)).get());
  }

  @Test
  @DisplayName("loop: a cancelled timer leaves the heap at once and never runs")
  void cancelledTimers() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    int left =
        executor
            .submit(
                () -> {
                  List<ScheduledFuture<?>> timers = new ArrayList<>();
                  for (int i = 0; i < 1000; i++) {
                    timers.add(executor.schedule(runs::incrementAndGet, 10, TimeUnit.MILLISECONDS));
                  }
                  assertEquals(1000, loop.timerCount());
                  timers.forEach(timer -> assertTrue(timer.cancel(false)));
                  return loop.timerCount();
                })
            .get();
    assertEquals(0, left);
    ScheduledFuture<?> other = executor.schedule(runs::incrementAndGet, 1, TimeUnit.HOURS);
    assertTrue(other.cancel(false));
    assertEquals(0, executor.submit(loop::timerCount).get());
    executor.schedule(() -> {}, 20, TimeUnit.MILLISECONDS).get();
    assertEquals(0, runs.get());
  }

  @Test
  @DisplayName("loop: periodic tasks run again and again, until they fail or are cancelled")
  void periodic() throws Exception {
    CountDownLatch rate = new CountDownLatch(3);
    CountDownLatch delay = new CountDownLatch(3);
    ScheduledFuture<?> atRate =
        executor.scheduleAtFixedRate(rate::countDown, 0, 1, TimeUnit.MILLISECONDS);
    ScheduledFuture<?> withDelay =
        executor.scheduleWithFixedDelay(delay::countDown, 0, 1, TimeUnit.MILLISECONDS);
    await(rate);
    await(delay);
    assertTrue(atRate.cancel(false));
    assertTrue(withDelay.cancel(false));
    assertEquals(0, executor.submit(loop::timerCount).get());
    AtomicInteger runs = new AtomicInteger();
    ScheduledFuture<?> failing =
        executor.scheduleAtFixedRate(
            () -> {
              runs.incrementAndGet();
              throw new IllegalStateException("once");
            },
            0,
            1,
            TimeUnit.MILLISECONDS);
    assertThrows(ExecutionException.class, failing::get);
    executor.schedule(() -> {}, 10, TimeUnit.MILLISECONDS).get();
    assertEquals(1, runs.get());
    assertThrows(
        IllegalArgumentException.class,
        () -> executor.scheduleAtFixedRate(() -> {}, 0, 0, TimeUnit.SECONDS));
  }

  @Test
  @DisplayName("loop: an interrupt that strays onto its thread does not make it spin")
  void strayInterrupt() throws Exception {
    executor.submit(() -> Thread.currentThread().interrupt()).get();
    long before = executor.submit(loop::turns).get();
    executor.schedule(() -> {}, 50, TimeUnit.MILLISECONDS).get();
    long turns = loop.turns() - before;
    assertTrue(turns < 10, "took " + turns + " turns for one timer");
  }

  @Test
  @DisplayName(
      "loop: a thousand posts in a row wake a sleeping loop no more than a thousand times,"
          + " and posts from the loop itself never")
  void wakeUps() throws Exception {
    long before = executor.submit(loop::wakeUps).get();
    executor
        .submit(
            () -> {
              for (int i = 0; i < 1000; i++) {
                executor.execute(() -> {});
              }
            })
        .get();
    executor.submit(() -> {}).get();
    long wakeUps = loop.wakeUps() - before;
    assertTrue(wakeUps <= 3, "woken " + wakeUps + " times by tasks of its own");
  }

  @Test
  @DisplayName("loop: blocking calls are refused on its thread, by name")
  void refusesBlocking() {
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> executor.submit(() -> awaitNothing()).get());
    assertTrue(failure.getCause() instanceof IllegalStateException);
    assertTrue(String.valueOf(failure.getCause()).contains("selector-loop-test"));
  }

  private static Object awaitNothing() throws InterruptedException {
    Parking.await(new Latch());
    return "not refused";
  }

  @Test
  @DisplayName("loop: after the close tasks are rejected, and the executor cannot be shut down")
  void closed() throws Exception {
    assertThrows(UnsupportedOperationException.class, executor::shutdown);
    assertFalse(executor.isShutdown());
    executor.submit(() -> {}).get();
    group.close();
    assertTrue(executor.isShutdown());
    assertTrue(executor.isTerminated());
    assertThrows(RejectedExecutionException.class, () -> executor.execute(() -> {}));
    assertThrows(
        RejectedExecutionException.class,
        () -> executor.schedule(() -> {}, 1, TimeUnit.MILLISECONDS));
    group.close();
  }

  @Test
  @DisplayName("loop: a loop that never started closes too, and can be closed from its own thread")
  void closeEdges() throws Exception {
    LoopGroup unused = LoopGroup.open("unused", 2);
    unused.close();
    assertThrows(
        RejectedExecutionException.class, () -> new LoopExecutor(unused.next()).execute(() -> {}));
    LoopGroup own = LoopGroup.open("own", 1);
    LoopExecutor ownExecutor = new LoopExecutor(own.next());
    ownExecutor
        .submit(
            () -> {
              own.close();
              return null;
            })
        .get();
    assertTrue(ownExecutor.awaitTermination(30, TimeUnit.SECONDS));
  }

  @Test
  @DisplayName("loop: timers that are pending at the close run at their time, on a shared loop")
  void timersOutliveTheLoop() throws Exception {
    CompletableFuture<SelectorLoop> ranOn = new CompletableFuture<>();
    long start = System.nanoTime();
    executor.schedule(() -> ranOn.complete(LoopThread.currentLoop()), 30, TimeUnit.MILLISECONDS);
    executor.submit(() -> {}).get();
    group.close();
    SelectorLoop where = ranOn.get(30, TimeUnit.SECONDS);
    assertTrue(System.nanoTime() - start >= 30_000_000);
    assertTrue(LoopGroup.shared().contains(where), "ran on " + where);
  }

  @Test
  @DisplayName("loop: the shared loop cannot be closed")
  void sharedCannotBeClosed() {
    assertThrows(IllegalStateException.class, () -> LoopGroup.shared().close());
    assertSame(LoopGroup.shared(), LoopGroup.shared());
  }

  @Test
  @DisplayName("loop: the watchdog reads its switch")
  void watchdogSwitch() {
    assertEquals(0, LoopWatchdog.limitNanos(null));
    assertEquals(0, LoopWatchdog.limitNanos("false"));
    assertEquals(1_000_000_000, LoopWatchdog.limitNanos("true"));
    assertEquals(50_000_000, LoopWatchdog.limitNanos("50"));
    assertEquals(0, LoopWatchdog.limitNanos("soon"));
  }
}
