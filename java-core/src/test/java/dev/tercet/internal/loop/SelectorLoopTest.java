package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.Net;
import dev.tercet.blocking.StreamPair;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Waiter;
import dev.tercet.loop.EventLoop;
import dev.tercet.loop.LoopStatistics;
import dev.tercet.support.Stress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks, timers, sleeping and closing of one loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what the tasks do is what is looked at
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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
    try (LogCapture log = new LogCapture("dev.tercet.loop")) {
      executor.execute(
          () -> {
            throw new IllegalStateException("a task of the test fails, on purpose");
          });
      executor.execute(
          () -> {
            throw new AssertionError("a task of the test fails, on purpose");
          });
      assertEquals("alive", executor.submit(() -> "alive").get());
      assertEquals(2, log.count());
      assertTrue(log.text().contains("event loop selector-loop-test: a task failed"), log.text());
      assertTrue(log.text().contains("AssertionError: a task of the test fails"), log.text());
    }
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
    long before = executor.submit(loop.counters()::turns).get();
    executor.schedule(() -> {}, 50, TimeUnit.MILLISECONDS).get();
    long turns = loop.counters().turns() - before;
    assertTrue(turns < 10, "took " + turns + " turns for one timer");
  }

  @Test
  @DisplayName(
      "loop: a thousand posts in a row wake a sleeping loop no more than a thousand times,"
          + " and posts from the loop itself never")
  void wakeUps() throws Exception {
    long before = executor.submit(loop.counters()::wakeUps).get();
    executor
        .submit(
            () -> {
              for (int i = 0; i < 1000; i++) {
                executor.execute(() -> {});
              }
            })
        .get();
    executor.submit(() -> {}).get();
    long wakeUps = loop.counters().wakeUps() - before;
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
    // In one task: the timer cannot be due before the close, however busy the machine is.
    executor
        .submit(
            () -> {
              executor.schedule(
                  () -> ranOn.complete(LoopThread.currentLoop()), 30, TimeUnit.MILLISECONDS);
              group.close();
              return null;
            })
        .get();
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

  /** A selector without channels that counts how often it is woken. */
  private static final class CountingSelector extends Selector {
    private final Selector real = Selector.open();
    private final AtomicInteger wakeups = new AtomicInteger();
    private volatile boolean asleep;

    CountingSelector() throws IOException {}

    void awaitAsleep() {
      while (!asleep) {
        Thread.onSpinWait();
      }
    }

    @Override
    public int select(Consumer<SelectionKey> action) throws IOException {
      asleep = true;
      try {
        return real.select(action);
      } finally {
        asleep = false;
      }
    }

    @Override
    public int select(Consumer<SelectionKey> action, long millis) throws IOException {
      return real.select(action, millis);
    }

    @Override
    public int selectNow(Consumer<SelectionKey> action) throws IOException {
      return real.selectNow(action);
    }

    @Override
    public Selector wakeup() {
      wakeups.incrementAndGet();
      real.wakeup();
      return this;
    }

    @Override
    public boolean isOpen() {
      return real.isOpen();
    }

    @Override
    public SelectorProvider provider() {
      return real.provider();
    }

    @Override
    public Set<SelectionKey> keys() {
      return real.keys();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
      return real.selectedKeys();
    }

    @Override
    public int selectNow() throws IOException {
      return real.selectNow();
    }

    @Override
    public int select(long timeout) throws IOException {
      return real.select(timeout);
    }

    @Override
    public int select() throws IOException {
      return real.select();
    }

    @Override
    public void close() throws IOException {
      real.close();
    }
  }

  /** Waits on its channel for ever, and notes how each wait ended. */
  private static final class Watcher implements Waiter {
    private final AtomicInteger woken = new AtomicInteger();
    private final CountDownLatch first = new CountDownLatch(1);

    @Override
    public void wake() {
      woken.incrementAndGet();
      first.countDown();
    }
  }

  private static Pipe pipe() throws IOException {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    return pipe;
  }

  @Test
  @DisplayName(
      "loop: a waiter that throws when woken is logged, and the loop and its other waiters"
          + " live")
  void failingWaiter() throws Exception {
    Pipe bad = pipe();
    Pipe good = pipe();
    Readiness badReadiness = new Readiness(loop, bad.source());
    Readiness goodReadiness = new Readiness(loop, good.source());
    try (LogCapture log = new LogCapture("dev.tercet.loop")) {
      Watcher watcher = new Watcher();
      badReadiness
          .readable()
          .install(
              () -> {
                throw new IllegalStateException("a waiter of the test fails, on purpose");
              });
      goodReadiness.readable().install(watcher);
      bad.sink().write(ByteBuffer.allocate(1));
      good.sink().write(ByteBuffer.allocate(1));
      await(watcher.first);
      assertEquals("alive", executor.submit(() -> "alive").get());
      while (log.count() == 0) {
        Thread.onSpinWait();
      }
      assertTrue(log.text().contains("a waiter failed"), log.text());
      assertEquals(1, log.count());
    } finally {
      badReadiness.close();
      goodReadiness.close();
      bad.sink().close();
      good.sink().close();
    }
  }

  @Test
  @DisplayName("loop: a task that posts itself for ever keeps a channel waiting for one turn only")
  void fairnessToChannels() throws Exception {
    Pipe pipe = pipe();
    Readiness readiness = new Readiness(loop, pipe.source());
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger runsAtTheEvent = new AtomicInteger(-1);
    CountDownLatch event = new CountDownLatch(1);
    readiness
        .readable()
        .install(
            () -> {
              runsAtTheEvent.set(runs.get());
              event.countDown();
            });
    executor.execute(
        new Runnable() {
          @Override
          public void run() {
            if (runs.incrementAndGet() == 10_000) {
              try {
                pipe.sink().write(ByteBuffer.allocate(1));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
            if (event.getCount() > 0) {
              executor.execute(this);
            }
          }
        });
    try {
      await(event);
      // The channel's turn is after at most 256 tasks; the kernel may be a turn late.
      int later = runsAtTheEvent.get() - 10_000;
      assertTrue(later >= 0 && later <= 512, "the event came " + later + " runs later");
    } finally {
      readiness.close();
      pipe.sink().close();
    }
  }

  @Test
  @DisplayName(
      "loop: tasks of other threads get their turn beside local ones, and the other way"
          + " round: 256 of each in a turn")
  void fairnessBetweenQueues() throws Exception {
    List<String> seen = new ArrayList<>();
    CountDownLatch holding = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch all = new CountDownLatch(2000);
    executor.execute(
        () -> {
          holding.countDown();
          awaitUnchecked(go);
          for (int i = 0; i < 1000; i++) {
            executor.execute(
                () -> {
                  seen.add("local");
                  all.countDown();
                });
          }
        });
    await(holding);
    for (int i = 0; i < 1000; i++) {
      executor.execute(
          () -> {
            seen.add("remote");
            all.countDown();
          });
    }
    go.countDown();
    await(all);
    // In the turn in which the locals were posted, 255 of the others were still to come.
    assertEquals(255, seen.indexOf("local"));
    assertEquals(256, seen.subList(255, 2000).indexOf("remote"));
    assertEquals(256, seen.subList(255 + 256, 2000).indexOf("local"));
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      await(latch);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName(
      "loop: one post wakes a sleeping loop exactly once, a second before it runs not"
          + " again, and none is sent to a loop that is awake")
  void wakesExactlyOnce() throws Exception {
    CountingSelector counting = new CountingSelector();
    SelectorLoop counted = new SelectorLoop("counted", () -> loop, () -> counting);
    LoopExecutor countedExecutor = new LoopExecutor(counted);
    countedExecutor.submit(() -> {}).get();
    for (int round = 1; round <= 100; round++) {
      counting.awaitAsleep();
      int before = counting.wakeups.get();
      CountDownLatch ran = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      countedExecutor.execute(
          () -> {
            ran.countDown();
            awaitUnchecked(go);
          });
      await(ran);
      assertEquals(1, counting.wakeups.get() - before);
      // It is awake and busy: nobody needs to wake it.
      for (int i = 0; i < 10; i++) {
        countedExecutor.execute(() -> {});
      }
      assertEquals(1, counting.wakeups.get() - before);
      go.countDown();
    }
    counting.awaitAsleep();
    assertTrue(counted.counters().wakeUps() >= 100, "counted " + counted.counters().wakeUps());
    assertTrue(
        counted.counters().wakeUps() <= counting.wakeups.get(),
        "counted " + counted.counters().wakeUps());
    counted.close();
    assertTrue(counted.awaitTermination(30, TimeUnit.SECONDS));
  }

  @Test
  @DisplayName(
      "loop: posts from four threads all run, each in its thread's order, however the loop"
          + " falls asleep between them")
  void postsAgainstSleep() throws Exception {
    int each = Stress.rounds(5_000, 100_000);
    long seed = Stress.seed(SelectorLoopTest.class);
    List<List<Integer>> seen = new ArrayList<>();
    List<Thread> posters = new ArrayList<>();
    CountDownLatch all = new CountDownLatch(4 * each);
    for (int p = 0; p < 4; p++) {
      List<Integer> mine = new ArrayList<>();
      seen.add(mine);
      long poster = seed + p;
      posters.add(
          new Thread(
              () -> {
                SplittableRandom random = new SplittableRandom(poster);
                for (int i = 0; i < each; i++) {
                  int n = i;
                  executor.execute(
                      () -> {
                        mine.add(n);
                        all.countDown();
                      });
                  for (int spin = random.nextInt(200); spin > 0; spin--) {
                    Thread.onSpinWait();
                  }
                }
              }));
    }
    posters.forEach(Thread::start);
    await(all);
    for (List<Integer> mine : seen) {
      for (int i = 0; i < each; i++) {
        assertEquals(i, mine.get(i));
      }
    }
    assertEquals(0, loop.queued());
  }

  @Test
  @DisplayName(
      "loop: a turn that fails ends nothing: the channels move to another selector, those who wait"
          + " are woken by their events, timers run")
  void brokenSelection() throws Exception {
    Pipe pipe = pipe();
    Pipe foreign = pipe();
    Readiness readiness = new Readiness(loop, pipe.source());
    Watcher watcher = new Watcher();
    readiness.readable().install(watcher);
    CompletableFuture<@Nullable SelectorLoop> timer = new CompletableFuture<>();
    executor.schedule(() -> timer.complete(LoopThread.currentLoop()), 50, TimeUnit.MILLISECONDS);
    Selector before = executor.submit(loop::selector).get();
    try (LogCapture log = new LogCapture("dev.tercet.loop")) {
      executor.execute(
          () -> {
            try {
              foreign.source().register(loop.selector(), SelectionKey.OP_READ, "not ours");
              foreign.sink().write(ByteBuffer.allocate(1));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      assertSame(loop, timer.get(30, TimeUnit.SECONDS));
      assertTrue(log.text().contains("event loop selector-loop-test: a turn failed"), log.text());
    }
    assertNotSame(before, executor.submit(loop::selector).get());
    assertFalse(before.isOpen());
    assertFalse(readiness.isClosed());
    assertEquals(0, watcher.woken.get());
    pipe.sink().write(ByteBuffer.allocate(1));
    await(watcher.first);
    // A close, too, gives the descriptor back by the selector that the channel is in now.
    readiness.close();
    Parking.awaitUninterruptibly(readiness.reaped());
    assertFalse(pipe.source().isRegistered());
    foreign.source().close();
    foreign.sink().close();
    pipe.sink().close();
  }

  @Test
  @DisplayName(
      "loop: a loop whose selections go on failing closes its channels, so that nobody waits for"
          + " ever, and serves again when they do not")
  void brokenForAWhile() throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    SelectorLoop poor =
        new SelectorLoop(
            "poor",
            () -> loop,
            () -> {
              if (broken.get()) {
                throw new IOException("Too many open files");
              }
              return Selector.open();
            });
    Pipe pipe = pipe();
    Pipe foreign = pipe();
    Readiness readiness = new Readiness(poor, pipe.source());
    Watcher watcher = new Watcher();
    readiness.readable().install(watcher);
    LoopExecutor poorExecutor = new LoopExecutor(poor);
    poorExecutor.submit(() -> {}).get();
    try (LogCapture log = new LogCapture("dev.tercet.loop")) {
      broken.set(true);
      // Ready, and not ours: each selection fails.
      poorExecutor.execute(
          () -> {
            try {
              foreign.source().register(poor.selector(), SelectionKey.OP_READ, "not ours");
              foreign.sink().write(ByteBuffer.allocate(1));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      await(watcher.first);
      assertTrue(readiness.isClosed());
      assertTrue(log.text().contains("cannot open another selector"), log.text());
      // Tasks run all the time.
      assertEquals("alive", poorExecutor.submit(() -> "alive").get(30, TimeUnit.SECONDS));
      broken.set(false);
      assertEquals("well", poorExecutor.submit(() -> "well").get(30, TimeUnit.SECONDS));
    }
    poor.close();
    assertTrue(poor.awaitTermination(30, TimeUnit.SECONDS));
    pipe.sink().close();
    foreign.source().close();
    foreign.sink().close();
  }

  @Test
  @DisplayName("IO-E9 loop: a log that throws fails neither the loop nor the next task")
  void brokenLog() throws Exception {
    try (LogCapture log = LogCapture.thatThrows("dev.tercet.loop")) {
      executor.execute(
          () -> {
            throw new IllegalStateException("a task of the test fails, on purpose");
          });
      assertEquals("alive", executor.submit(() -> "alive").get());
      assertTrue(log.count() > 0);
    }
  }

  @Test
  @DisplayName("loop: an interrupt that one task leaves does not hit the next one of the turn")
  void strayInterruptInATurn() throws Exception {
    List<Boolean> seen = new ArrayList<>();
    CountDownLatch all = new CountDownLatch(1);
    executor.execute(
        () -> {
          executor.execute(() -> Thread.currentThread().interrupt());
          executor.execute(
              () -> {
                seen.add(Thread.currentThread().isInterrupted());
                Thread.currentThread().interrupt();
              });
          executor.execute(
              () -> {
                seen.add(Thread.currentThread().isInterrupted());
                all.countDown();
              });
        });
    await(all);
    assertEquals(List.of(false, false), seen);
  }

  @Test
  @DisplayName("loop: a latch whose first waiter cannot be woken wakes the others")
  void brokenWaiter() throws Exception {
    Latch latch = new Latch();
    Watcher watcher = new Watcher();
    latch.install(
        () -> {
          throw new RejectedExecutionException("a dispatcher of the test fails, on purpose");
        });
    latch.install(watcher);
    try (LogCapture log = new LogCapture("dev.tercet.loop")) {
      latch.open();
      assertEquals(1, log.count(), log.text());
    }
    assertEquals(1, watcher.woken.get());
  }

  @Test
  @DisplayName(
      "loop: its thread inherits neither class loader, thread locals nor group of who came first")
  void inheritsNothing() throws Exception {
    InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
    LoopGroup fresh = LoopGroup.open("fresh", 1);
    ThreadGroup group = new ThreadGroup("an application's");
    CompletableFuture<String> seen = new CompletableFuture<>();
    Thread first =
        new Thread(
            group,
            () -> {
              local.set("an application's");
              new LoopExecutor(fresh.next())
                  .execute(
                      () -> {
                        Thread me = Thread.currentThread();
                        seen.complete(
                            (me.getContextClassLoader() == ClassLoader.getSystemClassLoader())
                                + " "
                                + local.get()
                                + " "
                                + (me.getThreadGroup() == group));
                      });
            },
            "first");
    first.setContextClassLoader(new ClassLoader("an application's", null) {});
    first.start();
    assertEquals("true null false", seen.get(30, TimeUnit.SECONDS));
    fresh.close();
  }

  @Test
  @DisplayName(
      "loop: a loop of a group takes turns after all have closed their channels: what is woken"
          + " there may post, and post again")
  void turnsAfterTheGroup() throws Exception {
    LoopGroup two = LoopGroup.open("two", 2);
    SelectorLoop one = two.loops().get(0);
    SelectorLoop other = two.loops().get(1);
    Pipe pipe = pipe();
    Readiness readiness = new Readiness(other, pipe.source());
    AtomicInteger ran = new AtomicInteger();
    int chain = 100;
    Runnable step =
        new Runnable() {
          @Override
          public void run() {
            // Before that it only keeps its place: what counts is what is posted later.
            if (!two.areChannelsClosed() || ran.incrementAndGet() < chain) {
              one.post(this);
            }
          }
        };
    new LoopExecutor(one).submit(() -> {}).get();
    readiness.readable().install(() -> one.post(step));
    new LoopExecutor(other).submit(() -> {}).get();
    two.close();
    assertEquals(chain, ran.get());
    pipe.sink().close();
  }

  @Test
  @DisplayName("loop: a loop whose heir cannot take its timers cancels them and ends all the same")
  void noHeir() throws Exception {
    AtomicReference<@Nullable SelectorLoop> heir = new AtomicReference<>();
    for (int i = 0; i < 3; i++) {
      SelectorLoop dying = new SelectorLoop("dying", () -> Objects.requireNonNull(heir.get()));
      heir.set(i == 0 ? dying : i == 1 ? closedLoop() : failingLoop());
      LoopExecutor dyingExecutor = new LoopExecutor(dying);
      ScheduledFuture<?> timer = dyingExecutor.schedule(() -> {}, 1, TimeUnit.HOURS);
      try (LogCapture log = new LogCapture("dev.tercet.loop")) {
        dying.close();
        assertTrue(dying.awaitTermination(30, TimeUnit.SECONDS));
        assertEquals(i == 2 ? 1 : 0, log.count(), log.text());
      }
      assertTrue(timer.isCancelled());
    }
  }

  private static SelectorLoop closedLoop() {
    SelectorLoop closed = new SelectorLoop("closed", LoopGroup.shared()::next);
    closed.close();
    return closed;
  }

  private static SelectorLoop failingLoop() {
    return new SelectorLoop(
        "failing",
        LoopGroup.shared()::next,
        () -> {
          throw new IOException("Too many open files");
        });
  }

  @Test
  @DisplayName("loop: two loops that close each other from their threads both end")
  void closeEachOther() throws Exception {
    LoopGroup left = LoopGroup.open("left", 1);
    LoopGroup right = LoopGroup.open("right", 1);
    CyclicBarrier together = new CyclicBarrier(2);
    for (LoopGroup[] pair : new LoopGroup[][] {{left, right}, {right, left}}) {
      new LoopExecutor(pair[0].next())
          .execute(
              () -> {
                try {
                  together.await(30, TimeUnit.SECONDS);
                  pair[1].close();
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
    }
    assertTrue(left.next().awaitTermination(30, TimeUnit.SECONDS));
    assertTrue(right.next().awaitTermination(30, TimeUnit.SECONDS));
  }

  @Test
  @DisplayName(
      "loop: tasks and timers of a loop that is closing run or are refused; a task that"
          + " posts itself for ever does not hold up the close")
  void closeAgainstGreed() throws Exception {
    Runnable greedy =
        new Runnable() {
          @Override
          public void run() {
            try {
              executor.execute(this);
            } catch (RejectedExecutionException closed) {
              // The end.
            }
          }
        };
    executor.execute(greedy);
    group.close();
    assertTrue(executor.isTerminated());
  }

  @Test
  @DisplayName("loop: posts race with the close: each one runs or is rejected, none is forgotten")
  void postsAgainstClose() throws Exception {
    for (int round = 0; round < Stress.rounds(40, 2_000); round++) {
      LoopGroup closing = LoopGroup.open("round-" + round, 1);
      LoopExecutor target = new LoopExecutor(closing.next());
      AtomicInteger ran = new AtomicInteger();
      AtomicInteger accepted = new AtomicInteger();
      CountDownLatch began = new CountDownLatch(1);
      Thread poster =
          new Thread(
              () -> {
                try {
                  while (true) {
                    // A queue without a bound would take longer to run than the race takes.
                    while (accepted.get() - ran.get() > 100) {
                      Thread.onSpinWait();
                    }
                    target.execute(ran::incrementAndGet);
                    accepted.incrementAndGet();
                    began.countDown();
                  }
                } catch (RejectedExecutionException closed) {
                  // The end.
                }
              });
      poster.start();
      await(began);
      closing.close();
      poster.join();
      assertEquals(accepted.get(), ran.get(), "round " + round);
    }
  }

  @Test
  @DisplayName(
      "loop: the ScheduledExecutorService contract: results, failures, periods, all of a"
          + " list, order")
  void executorContract() throws Exception {
    assertEquals("result", executor.schedule(() -> "result", 1, TimeUnit.MILLISECONDS).get());
    assertEquals("now", executor.schedule(() -> "now", -5, TimeUnit.DAYS).get());
    List<Integer> both = new ArrayList<>();
    List<Callable<Integer>> two = List.of(() -> 1, () -> 2);
    for (Future<Integer> future : executor.invokeAll(two)) {
      both.add(future.get());
    }
    assertEquals(List.of(1, 2), both);
    assertTrue(executor.schedule(() -> {}, 1, TimeUnit.HOURS).cancel(true));
    ScheduledFuture<?> done = executor.schedule(() -> {}, 0, TimeUnit.SECONDS);
    done.get();
    assertFalse(done.cancel(false));
    assertThrows(UnsupportedOperationException.class, executor::shutdownNow);
    assertEquals("selector-loop-test", executor.toString());
  }

  @Test
  @DisplayName("loop: periods and delays as long as long can be do not disturb other timers")
  void hugePeriods() throws Exception {
    CountDownLatch once = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    ScheduledFuture<?> huge =
        executor.scheduleAtFixedRate(
            () -> {
              runs.incrementAndGet();
              once.countDown();
            },
            0,
            Long.MAX_VALUE,
            TimeUnit.DAYS);
    await(once);
    ScheduledFuture<?> far = executor.schedule(() -> {}, Long.MAX_VALUE, TimeUnit.DAYS);
    for (int i = 0; i < 20; i++) {
      executor.schedule(() -> {}, 1, TimeUnit.MILLISECONDS).get(30, TimeUnit.SECONDS);
    }
    assertEquals(1, runs.get());
    assertTrue(huge.getDelay(TimeUnit.DAYS) > 365 * 50, "in " + huge.getDelay(TimeUnit.DAYS));
    assertTrue(huge.compareTo(far) < 0, "the one that was put in first is due first");
    assertEquals(2, executor.submit(loop::timerCount).get());
    assertTrue(huge.cancel(false));
    assertTrue(far.cancel(false));
    assertEquals(0, executor.submit(loop::timerCount).get());
  }

  @Test
  @DisplayName("loop: a periodic task may cancel itself, and fixed rate keeps to its beat")
  void periodicEdges() throws Exception {
    CompletableFuture<ScheduledFuture<?>> self = new CompletableFuture<>();
    AtomicInteger runs = new AtomicInteger();
    ScheduledFuture<?> future =
        executor.scheduleAtFixedRate(
            () -> {
              if (runs.incrementAndGet() == 3) {
                self.join().cancel(false);
              }
            },
            1,
            1,
            TimeUnit.MILLISECONDS);
    self.complete(future);
    assertThrows(CancellationException.class, future::get);
    executor.schedule(() -> {}, 5, TimeUnit.MILLISECONDS).get();
    assertEquals(3, runs.get());
    assertEquals(0, executor.submit(loop::timerCount).get());
    // A loop that was held up catches up: six beats in 25 ms, whatever held it.
    CountDownLatch beats = new CountDownLatch(6);
    long start = System.nanoTime();
    ScheduledFuture<?> rate =
        executor.scheduleAtFixedRate(beats::countDown, 0, 5, TimeUnit.MILLISECONDS);
    executor.submit(
        () -> {
          while (System.nanoTime() - start < 25_000_000) {
            Thread.onSpinWait();
          }
        });
    await(beats);
    assertTrue(System.nanoTime() - start >= 25_000_000, "a beat was early");
    rate.cancel(false);
  }

  @Test
  @DisplayName(
      "loop: a timer is cancelled from any thread while it is being put in, a thousand"
          + " times, and leaves nothing")
  void cancelAgainstSchedule() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    for (int i = 0; i < 1000; i++) {
      ScheduledFuture<?> timer = executor.schedule(runs::incrementAndGet, 1, TimeUnit.HOURS);
      if (i % 2 == 0) {
        assertTrue(timer.cancel(false));
      } else {
        executor.execute(() -> timer.cancel(false));
      }
    }
    assertEquals(0, executor.submit(loop::timerCount).get());
    assertEquals(0, runs.get());
  }

  @Test
  @DisplayName("loop: statistics count turns, tasks, events, waiters, channels and what is queued")
  void statistics() throws Exception {
    try (EventLoop eventLoop = EventLoop.open("counted", 2)) {
      LoopStatistics none = eventLoop.statistics();
      assertEquals(new LoopStatistics(0, 0, 0, 0, 0, 0, 0), none);
      assertEquals("EventLoop(counted, 2 threads, 0 channels, 0 waiters)", eventLoop.toString());
    }
    Pipe pipe = pipe();
    Readiness readiness = new Readiness(loop, pipe.source());
    Watcher watcher = new Watcher();
    readiness.readable().install(watcher);
    executor.submit(() -> {}).get();
    assertEquals(List.of(1, 1), Arrays.stream(loop.waitersAndChannels()).boxed().toList());
    long events = loop.counters().events();
    pipe.sink().write(ByteBuffer.allocate(1));
    await(watcher.first);
    // The next one finds nobody and turns interest off.
    while (loop.counters().events() < events + 2) {
      Thread.onSpinWait();
    }
    assertEquals(List.of(0, 1), Arrays.stream(loop.waitersAndChannels()).boxed().toList());
    long tasks = executor.submit(loop.counters()::tasks).get();
    executor.submit(() -> {}).get();
    executor.submit(() -> {}).get();
    assertTrue(executor.submit(loop.counters()::tasks).get() >= tasks + 2);
    CountDownLatch holding = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    executor.execute(
        () -> {
          holding.countDown();
          awaitUnchecked(go);
        });
    await(holding);
    for (int i = 0; i < 7; i++) {
      executor.execute(() -> {});
    }
    assertEquals(7, loop.queued());
    go.countDown();
    executor.submit(() -> {}).get();
    assertEquals(0, loop.queued());
    readiness.close();
    executor.submit(() -> {}).get();
    executor.submit(() -> {}).get();
    assertEquals(List.of(0, 0), Arrays.stream(loop.waitersAndChannels()).boxed().toList());
    pipe.sink().close();
    assertTrue(loop.toString().startsWith("SelectorLoop(selector-loop-test, open, "));
    group.close();
    assertTrue(loop.toString().startsWith("SelectorLoop(selector-loop-test, closed, "));
    assertEquals(List.of(0, 0), Arrays.stream(loop.waitersAndChannels()).boxed().toList());
  }

  @Test
  @DisplayName(
      "loop: every blocking call is refused on a loop's thread, also when it would not wait")
  void refusesReadyCalls() throws Exception {
    StreamPair pair = Net.socketStreamPair();
    try {
      pair.left().sendAll(ByteBuffer.allocate(1));
      ExecutionException failure =
          assertThrows(
              ExecutionException.class,
              () -> executor.submit(() -> pair.right().receiveSome(1)).get());
      assertTrue(failure.getCause() instanceof IllegalStateException, failure.toString());
      assertEquals(1, pair.right().receiveSome(1).length);
    } finally {
      pair.left().closeForcefully();
      pair.right().closeForcefully();
    }
  }
}
