package dev.tercet.internal.wait;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The ends of a wait, and who wins when two come together. The places here give out a waiter or
 * keep it as the test wants; a second thread waits, and the test looks at it until it parks or
 * ends.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParkingTest {
  private static final class Expired extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final class TestScope extends Scope {
    @Override
    protected RuntimeException cancellation() {
      return new Expired();
    }
  }

  /** Who wakes a waiter of this place has taken it out already, unless it is {@code removable}. */
  private static final class Place implements WaitPlace {
    private final CompletableFuture<Waiter> installed = new CompletableFuture<>();
    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final boolean removable;
    private @Nullable Poll poll;

    Place(boolean removable) {
      this.removable = removable;
    }

    @Override
    public void install(Waiter waiter) {
      installed.complete(waiter);
    }

    @Override
    public boolean uninstall(Waiter waiter) {
      assertSame(installed.join(), waiter);
      asked.complete(null);
      return removable;
    }

    @Override
    public @Nullable Poll ownPoll() {
      return poll;
    }
  }

  private interface Wait {
    Object end() throws Exception;
  }

  /** A thread that waits; how the wait ended, and whether the interrupt flag was set then. */
  private static final class Waiting {
    private final CompletableFuture<Object> end = new CompletableFuture<>();
    private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    private final Thread thread;

    Waiting(Wait wait) {
      thread =
          new Thread(
              () -> {
                Object result;
                try {
                  result = wait.end();
                } catch (Throwable e) {
                  result = e;
                }
                interrupted.complete(Thread.currentThread().isInterrupted());
                end.complete(result);
              });
      thread.setDaemon(true);
      thread.start();
    }

    /** Looks until it is parked; fails if the wait ends instead. */
    void mustPark() {
      while (!Parking.isWaiting(thread)) {
        assertFalse(end.isDone(), () -> "the wait has ended with " + end.join());
        Thread.onSpinWait();
      }
      assertFalse(end.isDone(), () -> "the wait has ended with " + end.join());
    }
  }

  /** What an event loop does for the thread while that cannot see it. */
  private static final class Received extends LoopAttempt {
    private volatile boolean done;

    @Override
    protected void tryNow() {
      done = true;
    }
  }

  @Test
  @DisplayName("IO-C4 a wait whose time is over and that was woken waits for the wake-up to end")
  void expiredAndWoken() {
    Place place = new Place(false);
    Waiting waiting = new Waiting(() -> Parking.await(place, 0));
    place.asked.join();
    waiting.mustPark();
    place.installed.join().wake();
    assertEquals(true, waiting.end.join());
    assertFalse(waiting.interrupted.join());
  }

  @Test
  @DisplayName("IO-C4 a cancel that loses against the wake-up waits for what the loop receives")
  void cancelledAndWoken() {
    Place place = new Place(false);
    Received received = new Received();
    TestScope scope = new TestScope();
    scope.cancel();
    Waiting waiting =
        new Waiting(
            () -> {
              Scope before = scope.enter();
              try {
                Parking.await(place, received);
                return received.done;
              } finally {
                scope.exit(before);
              }
            });
    place.asked.join();
    waiting.mustPark();
    place.installed.join().wakeFromLoop();
    assertEquals(true, waiting.end.join(), "what was received is lost");
  }

  @Test
  @DisplayName("IO-C4 an interrupt that loses is kept for the next wait, after the wake-up")
  void interruptedAndWoken() {
    Place place = new Place(false);
    Received received = new Received();
    Waiting waiting =
        new Waiting(
            () -> {
              Thread.currentThread().interrupt();
              Parking.await(place, received);
              return received.done;
            });
    place.asked.join();
    waiting.mustPark();
    place.installed.join().wakeFromLoop();
    assertEquals(true, waiting.end.join(), "what was received is lost");
    assertTrue(waiting.interrupted.join());
  }

  @Test
  @DisplayName("IO-C4 a wait that was woken says so, also when it was interrupted meanwhile")
  void wokenIsTold() {
    Place place = new Place(false);
    Waiting woken = new Waiting(() -> Parking.await(place, Scope.NEVER));
    Waiter waiter = place.installed.join();
    woken.mustPark();
    assertTrue(Parking.isWaiting(woken.thread));
    assertFalse(Parking.isWaiting(Thread.currentThread()));
    waiter.wake();
    assertEquals(true, woken.end.join());
    Place other = new Place(false);
    Waiting interrupted =
        new Waiting(
            () -> {
              Thread.currentThread().interrupt();
              return Parking.await(other, Scope.NEVER);
            });
    other.asked.join();
    interrupted.mustPark();
    other.installed.join().wake();
    assertEquals(true, interrupted.end.join());
    assertTrue(interrupted.interrupted.join());
  }

  @Test
  @DisplayName("IO-C6 a wait that is taken out ends by what ended it")
  void takenOut() {
    Waiting timedOut = new Waiting(() -> Parking.await(new Place(true), 0));
    assertEquals(false, timedOut.end.join());
    Waiting interrupted =
        new Waiting(
            () -> {
              Thread.currentThread().interrupt();
              Parking.await(new Place(true));
              return "woken";
            });
    assertEquals(InterruptedException.class, interrupted.end.join().getClass());
    assertFalse(interrupted.interrupted.join(), "the flag is cleared");
    TestScope scope = new TestScope();
    scope.cancel();
    Waiting cancelled =
        new Waiting(
            () -> {
              Scope before = scope.enter();
              try {
                return Parking.await(new Place(true), Scope.NEVER);
              } finally {
                scope.exit(before);
              }
            });
    assertEquals(Expired.class, cancelled.end.join().getClass());
  }

  @Test
  @DisplayName("IO-C8 an uninterruptible wait goes on when interrupted, and gives the flag back")
  void uninterruptibly() {
    Place place = new Place(true);
    Waiting waiting =
        new Waiting(
            () -> {
              Thread.currentThread().interrupt();
              Parking.awaitUninterruptibly(place);
              return "woken";
            });
    place.installed.join();
    waiting.mustPark();
    // A park may return for no reason.
    LockSupport.unpark(waiting.thread);
    waiting.mustPark();
    place.installed.join().wake();
    assertEquals("woken", waiting.end.join());
    assertTrue(waiting.interrupted.join());
  }

  @Test
  @DisplayName("a wait ends at the earlier of its own limit and its scope's, in the scope's world")
  void earlierOfBoth() throws Exception {
    assertEquals(false, endAfter(Duration.ofNanos(5), Duration.ofNanos(9)));
    assertEquals(Expired.class, endAfter(Duration.ofNanos(9), Duration.ofNanos(5)).getClass());
    // When both are over, the cancel counts: no later wait may go on either.
    assertEquals(Expired.class, endAfter(Duration.ofNanos(5), Duration.ofNanos(5)).getClass());
  }

  private static Object endAfter(Duration limit, Duration deadline) throws Exception {
    ManualWorld world = new ManualWorld();
    Waiting waiting =
        new Waiting(
            () -> {
              Object[] end = {"none"};
              world.run(
                  () -> {
                    TestScope scope = new TestScope();
                    scope.attach(Scope.current());
                    scope.setDeadline(world.nanoTime() + deadline.toNanos());
                    Scope before = scope.enter();
                    try {
                      end[0] = Parking.await(new Place(true), limit.toNanos());
                    } catch (Expired e) {
                      end[0] = e;
                    } finally {
                      scope.exit(before);
                      scope.detach();
                    }
                  });
              return end[0];
            });
    world.awaitParked(1);
    assertEquals(Math.min(limit.toNanos(), deadline.toNanos()), world.parkedNanos());
    world.advance(Duration.ofNanos(4));
    world.awaitParked(1);
    assertEquals(Math.min(limit.toNanos(), deadline.toNanos()) - 4, world.parkedNanos());
    assertFalse(waiting.end.isDone());
    world.advance(Duration.ofNanos(1));
    return waiting.end.join();
  }

  @Test
  @DisplayName("the attempt of a wait runs once before the thread is woken, whatever it throws")
  void attempts() {
    Place place = new Place(true);
    List<String> runs = new ArrayList<>();
    Waiting waiting =
        new Waiting(
            () -> {
              Parking.await(
                  place,
                  new LoopAttempt() {
                    @Override
                    protected void tryNow() {
                      runs.add("run");
                      throw new AssertionError("of the attempt");
                    }
                  });
              return runs.size();
            });
    Waiter waiter = place.installed.join();
    waiting.mustPark();
    assertThrows(AssertionError.class, waiter::wakeFromLoop);
    assertEquals(1, waiting.end.join());
  }

  /** Sleeps as often as it is told to return for no reason, and tells what it was asked. */
  private static final class TestPoll implements Poll {
    private final List<String> calls = new ArrayList<>();
    private boolean open = true;
    private int spurious;
    private Runnable asleep = () -> {};

    @Override
    public boolean enter() {
      calls.add("enter");
      return open;
    }

    @Override
    public boolean sleep(long nanos) {
      calls.add(nanos == Scope.NEVER ? "sleep" : "sleep limited");
      asleep.run();
      return spurious-- <= 0;
    }

    @Override
    public void leave() {
      calls.add("leave");
    }

    @Override
    public void wake() {
      calls.add("wake");
    }
  }

  private static Place sleeping(TestPoll poll) {
    Place place = new Place(true);
    place.poll = poll;
    return place;
  }

  @Test
  @DisplayName("IO-C8 a thread sleeps in its own poll again after waking for no reason, and leaves")
  void ownPoll() {
    TestPoll poll = new TestPoll();
    poll.spurious = 2;
    Place place = sleeping(poll);
    List<Object> blockers = new ArrayList<>();
    poll.asleep =
        () -> {
          blockers.add(LockSupport.getBlocker(Thread.currentThread()));
          assertTrue(Parking.isWaiting(Thread.currentThread()));
        };
    Waiting waiting =
        new Waiting(
            () -> {
              boolean woken = Parking.await(place, Scope.NEVER);
              assertNull(LockSupport.getBlocker(Thread.currentThread()));
              return woken;
            });
    assertEquals(true, waiting.end.join());
    assertEquals(List.of("enter", "sleep", "sleep", "sleep", "leave"), poll.calls);
    assertEquals(List.of(place, place, place), blockers);
    assertFalse(place.installed.isDone());
  }

  @Test
  @DisplayName("a poll that is closed ends the wait, and nobody leaves it")
  void closedPoll() {
    TestPoll poll = new TestPoll();
    poll.open = false;
    assertEquals(true, new Waiting(() -> Parking.await(sleeping(poll), 0)).end.join());
    assertEquals(List.of("enter"), poll.calls);
  }

  @Test
  @DisplayName("IO-C6 an interrupt, a limit and a cancel end a sleep, and the poll is left")
  void endsOfSleep() {
    TestPoll interrupted = new TestPoll();
    interrupted.spurious = 1;
    interrupted.asleep = () -> Thread.currentThread().interrupt();
    Object end = new Waiting(() -> Parking.await(sleeping(interrupted), Scope.NEVER)).end.join();
    assertEquals(InterruptedException.class, end.getClass());
    assertEquals(List.of("enter", "sleep", "leave"), interrupted.calls);

    TestPoll limited = new TestPoll();
    assertEquals(false, new Waiting(() -> Parking.await(sleeping(limited), 0)).end.join());
    assertEquals(List.of("enter", "leave"), limited.calls);

    TestPoll unlimited = new TestPoll();
    long day = Duration.ofDays(1).toNanos();
    assertEquals(true, new Waiting(() -> Parking.await(sleeping(unlimited), day)).end.join());
    assertEquals(List.of("enter", "sleep limited", "leave"), unlimited.calls);
  }

  @Test
  @DisplayName("IO-C6 a cancel wakes a sleeper in its poll, and no longer when it has left")
  void cancelWakesSleeper() {
    TestPoll poll = new TestPoll();
    poll.spurious = 1;
    TestScope scope = new TestScope();
    poll.asleep = scope::cancel;
    Waiting waiting =
        new Waiting(
            () -> {
              Scope before = scope.enter();
              try {
                return Parking.await(sleeping(poll), Scope.NEVER);
              } finally {
                scope.cancel();
                scope.exit(before);
              }
            });
    assertEquals(Expired.class, waiting.end.join().getClass());
    assertEquals(List.of("enter", "sleep", "wake", "leave"), poll.calls);
  }

  @Test
  @DisplayName(
      "IO-C1 an expired scope shows before any wait, the outermost one; no scope shows nothing")
  void checkpoint() throws Exception {
    assertFalse(Parking.isExpired());
    Parking.checkpoint();
    TestScope scope = new TestScope();
    Scope before = scope.enter();
    try {
      assertFalse(Parking.isExpired());
      Parking.checkpoint();
      scope.cancel();
      assertTrue(Parking.isExpired());
      assertThrows(Expired.class, Parking::checkpoint);
      assertThrows(Expired.class, Parking::throwIfExpired);
    } finally {
      scope.exit(before);
    }
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, Parking::checkpoint);
    assertFalse(Thread.currentThread().isInterrupted());
  }

  private static final class LoopThread extends Thread implements NonBlockingThread {
    LoopThread(Runnable body) {
      super(body, "test-loop");
    }
  }

  @Test
  @DisplayName("IO-K9 every blocking call is refused on the thread of an event loop")
  void refusedOnLoop() throws Exception {
    List<Throwable> refusals = new ArrayList<>();
    List<Wait> calls =
        List.of(
            () -> Parking.await(new Place(true), 0),
            () -> {
              Parking.awaitUninterruptibly(new Place(true));
              return true;
            },
            () -> {
              Parking.checkpoint();
              return true;
            });
    Thread loop =
        new LoopThread(
            () -> {
              for (Wait call : calls) {
                refusals.add(assertThrows(IllegalStateException.class, call::end));
              }
            });
    loop.setDaemon(true);
    loop.start();
    loop.join(10_000);
    assertEquals(calls.size(), refusals.size());
    assertTrue(String.valueOf(refusals.get(0).getMessage()).contains("test-loop"));
  }
}
