package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.TooSlowException;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.ManualWorld;
import dev.tercet.internal.wait.Scope;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CancelScopeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualWorld world = new ManualWorld();

  @AfterEach
  void nothingIsLeftBehind() {
    assertNull(Scope.current(), "a scope was not left");
    assertFalse(Thread.interrupted(), "an interrupt was left");
  }

  /** Moves the clock as soon as so many threads wait for it. */
  private Thread advanceWhenParked(int threads, Duration time) {
    Thread thread =
        new Thread(
            () -> {
              try {
                world.awaitParked(threads);
                world.advance(time);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    thread.start();
    return thread;
  }

  @Test
  @DisplayName("NUR-X20 moveOnAfter returns true when its own limit cut the body short")
  void movesOn() throws Exception {
    world.run(
        () -> {
          advanceWhenParked(1, SECOND);
          assertTrue(CancelScope.moveOnAfter(SECOND).run(Blocking::forever));
        });
  }

  @Test
  @DisplayName("NUR-X20 one nanosecond before its limit a wait goes on")
  void notBeforeTheLimit() throws Exception {
    world.run(
        () -> {
          Latch latch = new Latch();
          Thread clock = advanceWhenParked(1, SECOND.minusNanos(1));
          Thread opener =
              new Thread(
                  () -> {
                    try {
                      clock.join();
                      world.awaitParked(1);
                      latch.open();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  });
          opener.start();
          assertFalse(CancelScope.moveOnAfter(SECOND).run(() -> Blocking.await(latch)));
          opener.join();
        });
  }

  @Test
  @DisplayName("a body that has finished wins over an expiry that came before its end")
  void finishedBodyWins() throws Exception {
    world.run(
        () -> {
          CancelScope scope = CancelScope.moveOnAfter(SECOND);
          assertFalse(scope.run(() -> world.advance(SECOND.multipliedBy(2))));
          assertTrue(scope.isCancelled());
          assertEquals(
              "value",
              CancelScope.failAfter(SECOND)
                  .call(
                      () -> {
                        world.advance(SECOND.multipliedBy(2));
                        return "value";
                      }));
        });
  }

  @Test
  @DisplayName("NUR-X17 cancellation is a level: every wait of a cancelled scope throws again")
  void everyWaitThrows() throws Exception {
    CancelScope scope = CancelScope.open();
    assertTrue(
        scope.run(
            () -> {
              scope.cancel();
              for (int i = 0; i < 3; i++) {
                CancelledException e = assertThrows(CancelledException.class, Blocking::forever);
                assertSame(scope, e.scope());
                assertSame(
                    scope, assertThrows(CancelledException.class, CancelScope::checkpoint).scope());
              }
              Blocking.forever();
            }));
  }

  @Test
  @DisplayName("NUR-X20 of two expired scopes the outermost counts")
  void outermostCounts() throws Exception {
    world.run(
        () -> {
          List<String> seen = new ArrayList<>();
          CancelScope outer = CancelScope.moveOnAfter(SECOND);
          assertTrue(
              outer.run(
                  () -> {
                    boolean inner =
                        CancelScope.moveOnAfter(SECOND)
                            .run(
                                () -> {
                                  world.advance(SECOND);
                                  Blocking.forever();
                                });
                    seen.add("inner moved on " + inner);
                  }));
          assertEquals(List.of(), seen);
        });
  }

  @Test
  @DisplayName(
      "NUR-X20 an inner expiry is swallowed by the inner scope only, and its outer one goes on")
  void innerExpiry() throws Exception {
    world.run(
        () -> {
          CancelScope outer = CancelScope.moveOnAfter(SECOND.multipliedBy(2));
          List<Boolean> inner = new ArrayList<>();
          assertFalse(
              outer.run(
                  () -> {
                    Thread clock = advanceWhenParked(1, SECOND);
                    inner.add(CancelScope.moveOnAfter(SECOND).run(Blocking::forever));
                    assertEquals(SECOND, CancelScope.timeLeft());
                    clock.join(100_000);
                  }));
          assertEquals(List.of(true), inner);
          assertFalse(outer.isCancelled());
        });
  }

  @Test
  @DisplayName("NUR-X21 failAfter throws TooSlowException, an IOException, for its own expiry only")
  void failAfter() throws Exception {
    world.run(
        () -> {
          advanceWhenParked(1, SECOND);
          TooSlowException e =
              assertThrows(
                  TooSlowException.class,
                  () -> CancelScope.failAfter(SECOND).run(Blocking::forever));
          assertEquals(SECOND, e.limit());
          assertInstanceOf(CancelledException.class, e.getCause());

          CancelScope.TimeLimit inner = CancelScope.failAfter(SECOND.multipliedBy(5));
          advanceWhenParked(1, SECOND);
          assertTrue(CancelScope.moveOnAfter(SECOND).run(() -> inner.run(Blocking::forever)));
        });
  }

  @Test
  @DisplayName("NUR-X21 nested time limits are told apart")
  void nestedFailAfter() throws Exception {
    world.run(
        () -> {
          advanceWhenParked(1, SECOND.multipliedBy(2));
          TooSlowException e =
              assertThrows(
                  TooSlowException.class,
                  () ->
                      CancelScope.failAfter(SECOND.multipliedBy(2))
                          .run(() -> CancelScope.failAfter(SECOND).run(Blocking::forever)));
          assertEquals(SECOND.multipliedBy(2), e.limit());
        });
  }

  @Test
  @DisplayName(
      "NUR-X23 zero ends all that waits and every checkpoint, and nothing that does not wait")
  void zero() throws Exception {
    assertTrue(CancelScope.moveOnAfter(Duration.ZERO).run(Blocking::forever));
    assertTrue(CancelScope.moveOnAfter(Duration.ZERO).run(CancelScope::checkpoint));
    assertFalse(CancelScope.moveOnAfter(Duration.ZERO).run(() -> {}));
    assertThrows(
        TooSlowException.class,
        () -> CancelScope.failAfter(Duration.ZERO).run(CancelScope::checkpoint));
  }

  @Test
  @DisplayName("NUR-X23 negative limits are refused, endless ones are not")
  void negative() throws Exception {
    Duration negative = Duration.ofNanos(-1);
    assertThrows(IllegalArgumentException.class, () -> CancelScope.moveOnAfter(negative));
    assertThrows(IllegalArgumentException.class, () -> CancelScope.failAfter(negative));
    CancelScope scope = CancelScope.open();
    assertThrows(IllegalArgumentException.class, () -> scope.setLimit(negative));
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
    assertFalse(CancelScope.moveOnAfter(endless).run(CancelScope::checkpoint));
  }

  @Test
  @DisplayName("NUR-X22 a limit can be moved closer and farther while the body waits")
  void setLimit() throws Exception {
    world.run(
        () -> {
          CancelScope closer = CancelScope.open();
          Latch inside = new Latch();
          Thread mover =
              new Thread(
                  () -> {
                    try {
                      Blocking.await(inside);
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                    closer.setLimit(Duration.ZERO);
                  });
          mover.start();
          assertTrue(closer.run(() -> Blocking.foreverAfter(inside)));

          CancelScope farther = CancelScope.moveOnAfter(SECOND);
          assertTrue(
              farther.run(
                  () -> {
                    farther.setLimit(SECOND.multipliedBy(3));
                    world.advance(SECOND.multipliedBy(2));
                    CancelScope.checkpoint();
                    assertEquals(SECOND, CancelScope.timeLeft());
                    advanceWhenParked(1, SECOND);
                    Blocking.forever();
                  }));
        });
  }

  @Test
  @DisplayName("NUR-X22 a limit set before the run counts from then, and replaces the first one")
  void setLimitBefore() throws Exception {
    world.run(
        () -> {
          CancelScope scope = CancelScope.moveOnAfter(SECOND);
          scope.setLimit(SECOND.multipliedBy(3));
          world.advance(SECOND.multipliedBy(2));
          assertFalse(scope.run(() -> assertEquals(SECOND, CancelScope.timeLeft())));
        });
  }

  @Test
  @DisplayName("a cancel from another thread ends the wait")
  void cancelFromOutside() throws Exception {
    CancelScope scope = CancelScope.open();
    Latch inside = new Latch();
    Thread canceller =
        new Thread(
            () -> {
              try {
                Blocking.await(inside);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              scope.cancel();
            });
    canceller.start();
    assertTrue(scope.run(() -> Blocking.foreverAfter(inside)));
    assertTrue(scope.isCancelled());
  }

  @Test
  @DisplayName("a cancel of an outer scope ends the wait of a scope far inside")
  void cancelReachesInside() throws Exception {
    CancelScope outer = CancelScope.open();
    Latch inside = new Latch();
    Thread canceller =
        new Thread(
            () -> {
              try {
                Blocking.await(inside);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              outer.cancel();
            });
    canceller.start();
    assertTrue(
        outer.run(
            () ->
                CancelScope.open()
                    .run(() -> CancelScope.open().run(() -> Blocking.foreverAfter(inside)))));
  }

  @Test
  @DisplayName("a scope that was cancelled before its run ends its first wait")
  void cancelledBefore() throws Exception {
    CancelScope scope = CancelScope.open();
    scope.cancel();
    assertTrue(scope.run(Blocking::forever));
  }

  @Test
  @DisplayName("a cancel or a deadline after the end means nothing")
  void afterTheEnd() throws Exception {
    world.run(
        () -> {
          CancelScope scope = CancelScope.moveOnAfter(SECOND);
          assertFalse(scope.run(() -> {}));
          world.advance(SECOND);
          scope.cancel();
          assertFalse(scope.isCancelled());
        });
  }

  @Test
  @DisplayName("a scope is run once, a time limit any number of times")
  void once() throws Exception {
    CancelScope scope = CancelScope.open();
    scope.run(() -> assertThrows(IllegalStateException.class, () -> scope.run(() -> {})));
    assertThrows(IllegalStateException.class, () -> scope.run(() -> {}));
    CancelScope.TimeLimit limit = CancelScope.failAfter(Duration.ZERO);
    for (int i = 0; i < 2; i++) {
      assertThrows(TooSlowException.class, () -> limit.run(Blocking::forever));
    }
  }

  @Test
  @DisplayName("errors of the body pass through, in an expired scope too")
  void errorsPass() {
    IOException failure = new IOException("broken");
    CancelScope.TimeLimit limit = CancelScope.failAfter(Duration.ZERO);
    IoAction fails =
        () -> {
          throw failure;
        };
    assertSame(failure, assertThrows(IOException.class, () -> limit.run(fails)));
  }

  @Test
  @DisplayName("NUR-X31 an interrupt ends the wait with InterruptedException, flag cleared")
  void interrupt() {
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> CancelScope.open().run(CancelScope::checkpoint));
    assertFalse(Thread.currentThread().isInterrupted());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> CancelScope.open().run(Blocking::forever));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  @DisplayName("an expiry that came through a JDK-typed adapter is still the scope's own")
  void throughAdapter() throws Exception {
    CancelScope scope = CancelScope.moveOnAfter(Duration.ZERO);
    IoAction adapted =
        () -> {
          try {
            Blocking.forever();
          } catch (CancelledException e) {
            InterruptedIOException wrapped = new InterruptedIOException();
            wrapped.initCause(e);
            throw wrapped;
          }
        };
    assertTrue(scope.run(adapted));
    assertThrows(TooSlowException.class, () -> CancelScope.failAfter(Duration.ZERO).run(adapted));
    assertThrows(
        InterruptedIOException.class,
        () ->
            CancelScope.open()
                .run(
                    () -> {
                      throw new InterruptedIOException("not ours");
                    }));
  }

  @Test
  @DisplayName("timeLeft is the earliest deadline of all scopes, null without one, zero when over")
  void timeLeft() throws Exception {
    assertNull(CancelScope.timeLeft());
    world.run(
        () -> {
          assertNull(CancelScope.timeLeft());
          CancelScope.moveOnAfter(SECOND)
              .run(
                  () -> {
                    CancelScope later = CancelScope.moveOnAfter(SECOND.multipliedBy(9));
                    later.run(() -> assertEquals(SECOND, CancelScope.timeLeft()));
                    world.advance(SECOND.multipliedBy(2));
                    assertEquals(Duration.ZERO, CancelScope.timeLeft());
                  });
          CancelScope open = CancelScope.open();
          open.run(
              () -> {
                assertNull(CancelScope.timeLeft());
                open.cancel();
                assertEquals(Duration.ZERO, CancelScope.timeLeft());
              });
        });
  }

  @Test
  @DisplayName("CancelledException names its scope and is not java.util.concurrent's")
  void exception() throws Exception {
    CancelScope scope = CancelScope.moveOnAfter(Duration.ZERO);
    scope.run(
        () -> {
          CancelledException e = assertThrows(CancelledException.class, CancelScope::checkpoint);
          assertEquals("the time of moveOnAfter(0 s) is over", e.getMessage());
          assertEquals(RuntimeException.class, e.getClass().getSuperclass());
        });
    CancelScope cancelled = CancelScope.open();
    cancelled.cancel();
    cancelled.run(
        () ->
            assertEquals(
                "cancel scope was cancelled",
                assertThrows(CancelledException.class, CancelScope::checkpoint).getMessage()));
  }
}
