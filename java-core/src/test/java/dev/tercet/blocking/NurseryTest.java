package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.TaskStatus;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.ManualWorld;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Scope;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NurseryTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** What happened, in order. */
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void nothingIsLeftBehind() {
    assertNull(Scope.current(), "a scope was not left");
    assertFalse(Thread.interrupted(), "an interrupt was left");
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("nothing there");
    }
    return value;
  }

  private static void fail(String what) throws IOException {
    throw new IOException(what);
  }

  /** Waits until cancelled, says how, and passes it on. */
  private void logCancel(String who) throws InterruptedException {
    try {
      Blocking.forever();
    } catch (CancelledException | InterruptedException e) {
      log.add(who + " cancelled");
      throw e;
    }
  }

  /** Interrupts the calling thread as soon as the latch is open. */
  private static void interruptMeAfter(Latch latch) {
    Thread me = Thread.currentThread();
    Thread thread =
        new Thread(
            () -> {
              Parking.awaitUninterruptibly(latch);
              me.interrupt();
            });
    thread.start();
  }

  // ------------------------------------------------------------------------- the block

  @Test
  @DisplayName("NUR-X1 the block ends when all tasks have ended, and those that tasks have started")
  void waitsForAll() throws Exception {
    AtomicInteger ended = new AtomicInteger();
    Nursery.run(
        nursery -> {
          for (int i = 0; i < 10; i++) {
            nursery.startSoon(
                () -> {
                  nursery.startSoon(ended::incrementAndGet);
                  ended.incrementAndGet();
                });
          }
        });
    assertEquals(20, ended.get());
  }

  @Test
  @DisplayName("call returns what the body returned, null too")
  @SuppressWarnings("NullAway") // does not know that T is nullable here
  void callReturns() throws Exception {
    assertEquals("value", Nursery.call(nursery -> "value"));
    @Nullable String nothing = Nursery.<@Nullable String>call(nursery -> null);
    assertNull(nothing);
  }

  @Test
  @DisplayName("tasks are threads of their own, virtual where the JVM has them, with telling names")
  void threads() throws Exception {
    AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    Nursery.run(nursery -> nursery.startSoon(() -> thread.set(Thread.currentThread())));
    Thread task = present(thread.get());
    assertTrue(task.getName().matches("tercet-nursery-\\d+-task-1"), task.getName());
    assertTrue(task.isDaemon());
    boolean virtual = Runtime.version().feature() >= 21;
    assertEquals(virtual, task.toString().startsWith("VirtualThread"), task.toString());
  }

  @Test
  @DisplayName("a thread factory makes the threads of the tasks, and of no one else")
  void threadFactory() throws Exception {
    List<Thread> made = Collections.synchronizedList(new ArrayList<>());
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    ThreadFactory factory =
        body -> {
          Thread thread = new Thread(body, "mine");
          made.add(thread);
          return thread;
        };
    String result =
        Nursery.call(
            factory,
            nursery -> {
              nursery.startSoon(() -> used.add(Thread.currentThread()));
              return nursery.start(
                  status -> {
                    used.add(Thread.currentThread());
                    status.started("ready");
                  });
            });
    assertEquals("ready", result);
    assertEquals(Set.copyOf(made), used);
    assertEquals(2, made.size());
    Nursery.run(factory, nursery -> nursery.startSoon(() -> {}));
    assertEquals(3, made.size());
  }

  @Test
  @DisplayName("a factory without threads makes startSoon fail, and nothing else")
  void noThreads() throws Exception {
    OutOfMemoryError none = new OutOfMemoryError("unable to create native thread");
    ThreadFactory empty =
        body -> {
          throw none;
        };
    Nursery.run(
        empty,
        nursery -> {
          assertSame(none, assertThrows(OutOfMemoryError.class, () -> nursery.startSoon(() -> {})));
          assertSame(
              none,
              assertThrows(
                  OutOfMemoryError.class, () -> nursery.<String>start(s -> s.started("x"))));
        });
  }

  @Test
  @DisplayName("NUR-X4 a closed nursery takes no task")
  void closed() throws Exception {
    AtomicReference<@Nullable Nursery> leaked = new AtomicReference<>();
    Nursery.run(leaked::set);
    Nursery nursery = present(leaked.get());
    assertThrows(IllegalStateException.class, () -> nursery.startSoon(() -> log.add("ran")));
    assertThrows(
        IllegalStateException.class, () -> nursery.<String>start(status -> log.add("ran")));
    nursery.cancelChildren();
    assertEquals(List.of(), log);
    assertTrue(nursery.toString().endsWith("(closed)"), nursery.toString());
  }

  @Test
  @DisplayName("on an event loop's thread a nursery is refused")
  void notOnLoop() throws Exception {
    EventLoop loop = EventLoop.open("nursery-test");
    try {
      loop.executor()
          .submit(() -> assertThrows(IllegalStateException.class, () -> Nursery.run(n -> {})))
          .get();
    } finally {
      loop.close();
    }
  }

  // ------------------------------------------------------------------------- failures

  @Test
  @DisplayName("NUR-X2 NUR-X5 the first failure cancels the other tasks and is thrown bare")
  void firstFailure() {
    IOException failure = new IOException("first");
    Latch waiting = new Latch();
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(
                          () -> {
                            waiting.open();
                            logCancel("sibling");
                          });
                      Blocking.await(waiting);
                      nursery.startSoon(
                          () -> {
                            throw failure;
                          });
                    }));
    assertSame(failure, thrown);
    assertArrayEquals(new Throwable[0], failure.getSuppressed());
    assertEquals(List.of("sibling cancelled"), log);
  }

  @Test
  @DisplayName("NUR-X2 a failed task cancels the waits of the body, without an interrupt")
  void bodyIsCancelled() {
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(() -> fail("task"));
                      try {
                        Blocking.forever();
                      } finally {
                        log.add("interrupted " + Thread.currentThread().isInterrupted());
                      }
                    }));
    assertEquals("task", thrown.getMessage());
    assertEquals(List.of("interrupted false"), log);
  }

  @Test
  @DisplayName("NUR-X2 a failed body cancels the tasks, in foreign blocking calls too")
  void bodyFails() {
    Latch waiting = new Latch();
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(
                          () -> {
                            waiting.open();
                            Blocking.foreign();
                          });
                      Blocking.await(waiting);
                      fail("body");
                    }));
    assertEquals("body", thrown.getMessage());
  }

  @Test
  @DisplayName("NUR-X5 later failures are suppressed in the first, of body and tasks alike")
  void laterFailures() {
    Latch waiting = new Latch();
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(
                          () -> {
                            try {
                              Blocking.foreverAfter(waiting);
                            } finally {
                              fail("cleanup");
                            }
                          });
                      Blocking.await(waiting);
                      nursery.startSoon(() -> fail("first"));
                      try {
                        Blocking.forever();
                      } finally {
                        fail("body");
                      }
                    }));
    assertEquals("first", thrown.getMessage());
    assertEquals(
        Set.of("cleanup", "body"),
        Set.of(thrown.getSuppressed()[0].getMessage(), thrown.getSuppressed()[1].getMessage()));
    assertEquals(2, thrown.getSuppressed().length);
  }

  @Test
  @DisplayName("NUR-X5 a failure that cannot tell its cause is thrown all the same")
  void muteFailure() {
    class Mute extends InterruptedIOException {
      private static final long serialVersionUID = 1L;

      @Override
      public synchronized Throwable getCause() {
        throw new IllegalStateException("no cause");
      }
    }

    Mute failure = new Mute();
    IoAction failing =
        () -> {
          throw failure;
        };
    assertSame(
        failure,
        assertThrows(Mute.class, () -> Nursery.run(nursery -> nursery.startSoon(failing))));
    assertSame(failure, assertThrows(Mute.class, () -> Nursery.run(nursery -> failing.run())));
  }

  @Test
  @DisplayName("NUR-X5 the same exception thrown twice is not suppressed in itself")
  void sameFailure() {
    IOException failure = new IOException("shared");
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      for (int i = 0; i < 3; i++) {
                        nursery.startSoon(
                            () -> {
                              throw failure;
                            });
                      }
                    }));
    assertSame(failure, thrown);
    assertEquals(0, failure.getSuppressed().length);
  }

  @Test
  @DisplayName("NUR-X5 errors, unchecked and undeclared checked exceptions are thrown bare too")
  void allKinds() {
    List<Throwable> kinds =
        List.of(new StackOverflowError(), new IllegalStateException(), new Exception("undeclared"));
    for (Throwable kind : kinds) {
      Throwable thrown =
          assertThrows(
              Throwable.class,
              () ->
                  Nursery.run(
                      nursery ->
                          nursery.startSoon(() -> NurseryTest.<RuntimeException>sneak(kind))));
      assertSame(kind, thrown);
    }
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void sneak(Throwable e) throws X {
    throw (X) e;
  }

  @Test
  @DisplayName("an InterruptedException of a task that nobody cancelled is a failure")
  void strayInterrupt() {
    InterruptedException stray = new InterruptedException("stray");
    assertSame(
        stray,
        assertThrows(
            InterruptedException.class,
            () ->
                Nursery.run(
                    nursery ->
                        nursery.startSoon(
                            () -> {
                              throw stray;
                            }))));
  }

  @Test
  @DisplayName("the answers of the JDK to an interrupt are dropped when the task was cancelled")
  void foreignAnswers() throws Exception {
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      assertTrue(sink.isOpen());
      Latch reading = new Latch();
      Latch waiting = new Latch();
      Nursery.run(
          nursery -> {
            nursery.startSoon(
                () -> {
                  reading.open();
                  assertEquals(-1, source.read(ByteBuffer.allocate(1))); // ClosedByInterrupt
                });
            nursery.startSoon(
                () -> {
                  try {
                    Blocking.foreverAfter(waiting);
                  } catch (CancelledException | InterruptedException e) {
                    throw new InterruptedIOException();
                  }
                });
            Blocking.await(reading);
            Blocking.await(waiting);
            nursery.cancelChildren();
          });
      assertFalse(source.isOpen());
    }
    Latch waiting = new Latch();
    assertThrows(
        SocketTimeoutException.class,
        () ->
            Nursery.run(
                nursery -> {
                  nursery.startSoon(
                      () -> {
                        try {
                          Blocking.foreverAfter(waiting);
                        } finally {
                          // Is an InterruptedIOException by inheritance, and no interrupt.
                          throwTimeout();
                        }
                      });
                  Blocking.await(waiting);
                  nursery.cancelChildren();
                }));
  }

  /**
   * Cancels a task in such a way that it has got as far as it can by the time that whoever cancels
   * has unparked it.
   */
  private void endsWithinItsCancel(Nursery.Action cancel) throws Exception {
    ManualWorld world = new ManualWorld();
    Latch waiting = new Latch();
    AtomicReference<@Nullable Thread> task = new AtomicReference<>();
    world.afterUnpark(
        woken -> {
          if (woken == task.get() && woken != Thread.currentThread()) {
            while (woken.isAlive() && woken.getState() != Thread.State.BLOCKED) {
              Thread.onSpinWait();
            }
          }
        });
    world.run(
        () ->
            Nursery.run(
                nursery -> {
                  nursery.startSoon(
                      () -> {
                        task.set(Thread.currentThread());
                        try {
                          Blocking.foreverAfter(waiting);
                        } catch (CancelledException | InterruptedException e) {
                          log.add("cancelled");
                          throw new InterruptedIOException();
                        }
                      });
                  Blocking.await(waiting);
                  cancel.run(nursery);
                }));
  }

  @Test
  @DisplayName("a task that ends as soon as it is woken by cancelChildren was cancelled")
  void endsWithinCancelChildren() throws Exception {
    endsWithinItsCancel(Nursery::cancelChildren);
    assertEquals(List.of("cancelled"), log);
  }

  @Test
  @DisplayName("a task that ends as soon as it is woken by a failure beside it was cancelled")
  void endsWithinAFailure() {
    IOException thrown =
        assertThrows(IOException.class, () -> endsWithinItsCancel(nursery -> fail("beside")));
    assertEquals("beside", thrown.getMessage());
    assertEquals(0, thrown.getSuppressed().length);
    assertEquals(List.of("cancelled"), log);
  }

  private static void throwTimeout() throws IOException {
    throw new SocketTimeoutException();
  }

  @Test
  @DisplayName("a task of a nursery that has just failed runs to its first wait, and can clean up")
  void startedInCancelled() {
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(() -> fail("first"));
                      try {
                        Blocking.forever();
                      } catch (CancelledException e) {
                        nursery.startSoon(
                            () -> {
                              log.add("ran");
                              log.add("interrupted " + Thread.currentThread().isInterrupted());
                              logCancel("late");
                            });
                        throw e;
                      }
                    }));
    assertEquals("first", thrown.getMessage());
    assertEquals(List.of("ran", "interrupted true", "late cancelled"), log);
  }

  // ------------------------------------------------------------------------- cancelChildren

  @Test
  @DisplayName("cancelChildren ends the tasks there are; the body and later tasks go on")
  void cancelChildren() throws Exception {
    Nursery.run(
        nursery -> {
          Latch ours = new Latch();
          Latch foreign = new Latch();
          nursery.startSoon(
              () -> {
                ours.open();
                logCancel("task");
              });
          nursery.startSoon(
              () -> {
                foreign.open();
                Blocking.foreign();
              });
          Blocking.await(ours);
          Blocking.await(foreign);
          nursery.cancelChildren();
          CancelScope.checkpoint();
          log.add(
              nursery.start(
                  status -> {
                    CancelScope.checkpoint();
                    status.started("later");
                  }));
        });
    assertEquals(Set.of("task cancelled", "later"), Set.copyOf(log));
  }

  @Test
  @DisplayName("NUR-X17 a cancelled task that swallows the interrupt is cancelled at its next wait")
  void swallowedInterrupt() throws Exception {
    Nursery.run(
        nursery -> {
          Latch waiting = new Latch();
          nursery.startSoon(
              () -> {
                for (int i = 0; i < 5; i++) {
                  try {
                    Blocking.foreverAfter(waiting);
                  } catch (CancelledException | InterruptedException e) {
                    log.add("again");
                  }
                }
                Blocking.forever();
              });
          Blocking.await(waiting);
          nursery.cancelChildren();
        });
    assertEquals(5, log.size());
  }

  @Test
  @DisplayName("a task can cancel its nursery's tasks, itself among them")
  void cancelFromTask() throws Exception {
    Nursery.run(
        nursery ->
            nursery.startSoon(
                () -> {
                  nursery.cancelChildren();
                  logCancel("self");
                }));
    assertEquals(List.of("self cancelled"), log);
  }

  // ------------------------------------------------------------------------- the caller's cancel

  @Test
  @DisplayName("NUR-X31 an interrupt of the waiting caller cancels the tasks, waits, and is thrown")
  void interruptedWhileWaiting() {
    Latch waiting = new Latch();
    interruptMeAfter(waiting);
    assertThrows(
        InterruptedException.class,
        () ->
            Nursery.run(
                nursery ->
                    nursery.startSoon(
                        () -> {
                          waiting.open();
                          logCancel("task");
                        })));
    assertFalse(Thread.currentThread().isInterrupted());
    assertEquals(List.of("task cancelled"), log);
  }

  @Test
  @DisplayName("NUR-X31 an interrupt of the body cancels the tasks and is thrown as it is")
  void interruptedBody() {
    InterruptedException interrupt = new InterruptedException("mine");
    assertSame(
        interrupt,
        assertThrows(
            InterruptedException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      Latch waiting = new Latch();
                      nursery.startSoon(
                          () -> {
                            waiting.open();
                            logCancel("task");
                          });
                      Blocking.await(waiting);
                      throw interrupt;
                    })));
    assertEquals(List.of("task cancelled"), log);
  }

  @Test
  @DisplayName("a failure outranks an interrupt, which is kept in the flag")
  void failureOutranksInterrupt() {
    Latch waiting = new Latch();
    interruptMeAfter(waiting);
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery ->
                        nursery.startSoon(
                            () -> {
                              try {
                                Blocking.foreverAfter(waiting);
                              } finally {
                                fail("cleanup");
                              }
                            })));
    assertEquals("cleanup", thrown.getMessage());
    assertTrue(Thread.interrupted());
  }

  @Test
  @DisplayName(
      "NUR-X3 NUR-X20 the expiry of a scope around the nursery ends all, and is that scope's")
  void scopeAround() throws Exception {
    ManualWorld world = new ManualWorld();
    world.run(
        () -> {
          CancelScope scope = CancelScope.moveOnAfter(SECOND);
          Thread clock =
              new Thread(
                  () -> {
                    try {
                      world.awaitParked(3);
                      world.advance(SECOND);
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  });
          clock.start();
          assertTrue(
              scope.run(
                  () ->
                      Nursery.run(
                          nursery -> {
                            nursery.startSoon(() -> logCancel("one"));
                            nursery.startSoon(() -> logCancel("two"));
                          })));
          clock.join();
        });
    assertEquals(Set.of("one cancelled", "two cancelled"), Set.copyOf(log));
  }

  @Test
  @DisplayName("a task that the scope around cut short makes the nursery cut short, at any timing")
  void cutShortTask() throws Exception {
    for (int i = 0; i < 200; i++) {
      CancelScope scope = CancelScope.open();
      // The task is the last to end, so the caller may find the nursery over before it looks at
      // its scope.
      assertTrue(
          scope.run(
              () ->
                  Nursery.run(
                      nursery ->
                          nursery.startSoon(
                              () -> {
                                scope.cancel();
                                Blocking.forever();
                              }))));
    }
  }

  @Test
  @DisplayName("a scope around the nursery reaches foreign blocking calls of the tasks")
  void scopeReachesForeign() throws Exception {
    CancelScope scope = CancelScope.open();
    Latch waiting = new Latch();
    assertTrue(
        scope.run(
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(
                          () -> {
                            waiting.open();
                            Blocking.foreign();
                          });
                      nursery.startSoon(
                          () -> {
                            Blocking.await(waiting);
                            scope.cancel();
                          });
                    })));
  }

  @Test
  @DisplayName("NUR-X3 tasks have the scopes of the nursery, not those of who starts them")
  void nurserysScopes() throws Exception {
    Latch go = new Latch();
    Nursery.run(
        nursery -> {
          CancelScope starters = CancelScope.open();
          assertTrue(
              starters.run(
                  () -> {
                    nursery.startSoon(
                        () -> {
                          Blocking.await(go);
                          CancelScope.checkpoint();
                          log.add("alive");
                        });
                    starters.cancel();
                    Blocking.forever();
                  }));
          go.open();
        });
    assertEquals(List.of("alive"), log);
  }

  @Test
  @DisplayName("a nursery in a task of a nursery: a cancel goes all the way down")
  void nested() throws Exception {
    Latch deep = new Latch();
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () ->
                  Nursery.run(
                      inner -> {
                        inner.startSoon(
                            () ->
                                Nursery.run(
                                    innermost -> {
                                      innermost.startSoon(
                                          () -> {
                                            deep.open();
                                            Blocking.foreign();
                                          });
                                      Blocking.forever();
                                    }));
                        inner.startSoon(() -> logCancel("inner"));
                        logCancel("inner body");
                      }));
          Blocking.await(deep);
          nursery.cancelChildren();
        });
    assertTrue(log.contains("inner body cancelled"), log.toString());
  }

  @Test
  @DisplayName("a scope that a task opens is its own business")
  void scopeInTask() throws Exception {
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () -> {
                if (CancelScope.moveOnAfter(Duration.ZERO).run(Blocking::forever)) {
                  log.add("moved on");
                }
              });
        });
    assertEquals(List.of("moved on"), log);
  }

  @Test
  @DisplayName("a cancellation of a scope that is not around the nursery is a failure")
  void foreignScope() {
    CancelledException stale = new CancelledException(CancelScope.open());
    assertSame(
        stale,
        assertThrows(
            CancelledException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(
                          () -> {
                            throw stale;
                          });
                      logCancel("body");
                    })));
    assertEquals(List.of("body cancelled"), log);
  }

  // ------------------------------------------------------------------------- start

  @Test
  @DisplayName(
      "NUR-X6 NUR-X11 IO-TS1 start returns what the task handed over, and the task goes on")
  void start() throws Exception {
    Latch go = new Latch();
    Nursery.run(
        nursery -> {
          String value =
              nursery.start(
                  status -> {
                    status.started("ready");
                    Blocking.await(go);
                    log.add("went on");
                  });
          log.add(value);
          go.open();
        });
    assertEquals(List.of("ready", "went on"), log);
  }

  @Test
  @DisplayName(
      "NUR-X7 IO-TS2 a failure before started goes to the caller, bare; the nursery is untouched")
  void failsBefore() throws Exception {
    IOException failure = new IOException("no port");
    Nursery.run(
        nursery -> {
          Latch go = new Latch();
          nursery.startSoon(
              () -> {
                Blocking.await(go);
                CancelScope.checkpoint();
                log.add("sibling alive");
              });
          assertSame(
              failure,
              assertThrows(
                  IOException.class,
                  () ->
                      nursery.<String>start(
                          status -> {
                            throw failure;
                          })));
          CancelScope.checkpoint();
          go.open();
        });
    assertEquals(0, failure.getSuppressed().length);
    assertEquals(List.of("sibling alive"), log);
  }

  @Test
  @DisplayName("NUR-X11 a failure after started is the nursery's")
  void failsAfter() {
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      log.add(
                          nursery.start(
                              status -> {
                                status.started("ready");
                                fail("later");
                              }));
                      logCancel("body");
                    }));
    assertEquals("later", thrown.getMessage());
    assertEquals(List.of("ready", "body cancelled"), log);
  }

  @Test
  @DisplayName("NUR-X8 IO-TS3 a task that returns without started makes start fail, and only start")
  void neverStarted() throws Exception {
    Nursery.run(
        nursery -> {
          IllegalStateException e =
              assertThrows(
                  IllegalStateException.class,
                  () -> nursery.<String>start(status -> log.add("ran")));
          assertEquals("the task ended without calling started", e.getMessage());
          CancelScope.checkpoint();
        });
    assertEquals(List.of("ran"), log);
  }

  @Test
  @DisplayName("NUR-X9 IO-TS3 started twice, or after the end, is refused")
  void startedTwice() throws Exception {
    AtomicReference<@Nullable TaskStatus<String>> leaked = new AtomicReference<>();
    Nursery.run(
        nursery -> {
          nursery.<String>start(
              status -> {
                status.started("one");
                assertThrows(IllegalStateException.class, () -> status.started("two"));
                log.add("refused");
              });
          assertThrows(IllegalStateException.class, () -> nursery.<String>start(leaked::set));
          TaskStatus<String> late = present(leaked.get());
          assertThrows(IllegalStateException.class, () -> late.started("late"));
        });
    assertEquals(List.of("refused"), log);
  }

  @Test
  @DisplayName("NUR-X15 IO-TS7 a task can be called directly with a status that nobody listens to")
  void ignoredStatus() throws Exception {
    StartedTask<String> task = status -> status.started("value");
    task.run(TaskStatus.ignored());
  }

  @Test
  @DisplayName("a task may hand over null")
  @SuppressWarnings("NullAway") // does not know that T is nullable here
  void startsWithNull() throws Exception {
    Nursery.run(
        nursery -> {
          @Nullable String value = nursery.<@Nullable String>start(status -> status.started(null));
          assertNull(value);
        });
  }

  @Test
  @DisplayName("NUR-X10 IO-TS5 an interrupted start cancels the task, joins it, and throws")
  void interruptedStart() throws Exception {
    Nursery.run(
        nursery -> {
          Latch waiting = new Latch();
          interruptMeAfter(waiting);
          assertThrows(
              InterruptedException.class,
              () ->
                  nursery.<String>start(
                      status -> {
                        waiting.open();
                        logCancel("task");
                      }));
          assertEquals(List.of("task cancelled"), log);
          assertFalse(Thread.currentThread().isInterrupted());
          CancelScope.checkpoint();
        });
  }

  @Test
  @DisplayName(
      "NUR-X10 NUR-X14 an expired start cancels the task; one that swallows it changes nothing")
  void expiredStart() throws Exception {
    Nursery.run(
        nursery -> {
          CancelScope scope = CancelScope.open();
          assertTrue(
              scope.run(
                  () ->
                      nursery.<String>start(
                          status -> {
                            scope.cancel();
                            try {
                              Blocking.forever();
                            } catch (CancelledException | InterruptedException e) {
                              log.add("swallowed");
                            }
                          })));
          CancelScope.checkpoint();
        });
    assertEquals(List.of("swallowed"), log);
  }

  @Test
  @DisplayName(
      "NUR-X12 IO-TS5 started after start was cancelled: the task stays under start and dies")
  void startedTooLate() throws Exception {
    Nursery.run(
        nursery -> {
          CancelScope scope = CancelScope.open();
          assertTrue(
              scope.run(
                  () ->
                      nursery.<String>start(
                          status -> {
                            scope.cancel();
                            try {
                              Blocking.forever();
                            } catch (CancelledException | InterruptedException e) {
                              // start() has given up: the value goes nowhere.
                            }
                            status.started("too late");
                            logCancel("task");
                          })));
        });
    assertEquals(List.of("task cancelled"), log);
  }

  @Test
  @DisplayName("IO-TS5 a failure of a task whose start was cancelled comes out of start")
  void abandonedFails() throws Exception {
    Nursery.run(
        nursery -> {
          Latch waiting = new Latch();
          interruptMeAfter(waiting);
          IOException e =
              assertThrows(
                  IOException.class,
                  () ->
                      nursery.<String>start(
                          status -> {
                            try {
                              Blocking.foreverAfter(waiting);
                            } finally {
                              fail("cleanup");
                            }
                          }));
          assertEquals("cleanup", e.getMessage());
          assertTrue(Thread.interrupted());
        });
  }

  @Test
  @DisplayName(
      "NUR-X16 a nursery that cancels the task before it is ready: start says that it is closed")
  void cancelledBeforeReady() throws Exception {
    Nursery.run(
        nursery -> {
          Latch waiting = new Latch();
          Latch outcome = new Latch();
          AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
          Thread outsider =
              new Thread(
                  () -> {
                    seen.set(
                        assertThrows(
                            Throwable.class,
                            () -> nursery.<String>start(s -> Blocking.foreverAfter(waiting))));
                    outcome.open();
                  });
          outsider.start();
          Blocking.await(waiting);
          nursery.cancelChildren();
          Blocking.await(outcome);
          Throwable e = assertInstanceOf(IllegalStateException.class, seen.get());
          assertTrue(e.toString().contains("the nursery is closed"), e.toString());
        });
  }

  @Test
  @DisplayName(
      "NUR-X16 IO-TS6 a nursery that fails while start waits: the body's start is cancelled")
  void failsWhileStarting() {
    Latch waiting = new Latch();
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(
                          () -> {
                            Blocking.await(waiting);
                            fail("sibling");
                          });
                      try {
                        nursery.<String>start(status -> Blocking.foreverAfter(waiting));
                      } catch (CancelledException e) {
                        log.add("start cancelled");
                        throw e;
                      }
                    }));
    assertEquals("sibling", thrown.getMessage());
    assertEquals(0, thrown.getSuppressed().length);
    assertEquals(List.of("start cancelled"), log);
  }

  @Test
  @DisplayName("IO-TS6 a task is cancelled with its nursery right after started, sub-tasks and all")
  void cancelledAfterStarted() throws Exception {
    Nursery.run(
        nursery -> {
          nursery.<String>start(
              status ->
                  Nursery.run(
                      inner -> {
                        inner.startSoon(() -> logCancel("sub-task"));
                        status.started("ready");
                      }));
          nursery.cancelChildren();
        });
    assertEquals(List.of("sub-task cancelled"), log);
  }

  @Test
  @DisplayName("NUR-X13 IO-TS4 a pending start keeps the nursery open")
  void pendingStart() throws Exception {
    AtomicReference<@Nullable Nursery> leaked = new AtomicReference<>();
    Latch waiting = new Latch();
    Latch go = new Latch();
    Latch opened = new Latch();
    Thread outsider =
        new Thread(
            () -> {
              try {
                Blocking.await(opened);
                log.add(
                    present(leaked.get())
                        .start(
                            status -> {
                              waiting.open();
                              Blocking.await(go);
                              status.started("ready");
                              log.add("task");
                            }));
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    outsider.start();
    Nursery.run(
        nursery -> {
          leaked.set(nursery);
          opened.open();
          Blocking.await(waiting);
          nursery.startSoon(go::open);
        });
    outsider.join();
    assertEquals(Set.of("task", "ready"), Set.copyOf(log));
  }

  @Test
  @DisplayName("start of a cancelled caller starts nothing")
  void startWhenCancelled() throws Exception {
    Nursery.run(
        nursery -> {
          Thread.currentThread().interrupt();
          assertThrows(
              InterruptedException.class, () -> nursery.<String>start(status -> log.add("ran")));
        });
    assertEquals(List.of(), log);
  }

  // ------------------------------------------------------------------------- for servers

  @Test
  @DisplayName("a spawned task's end is noticed once, whether it returned, failed or was cancelled")
  void onEnd() {
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      TaskSpawner spawner = nursery.spawner();
                      // An interrupt that the body leaves behind is not the end's.
                      spawner.spawn(
                          () -> Thread.currentThread().interrupt(),
                          () ->
                              log.add(
                                  "returned, interrupted "
                                      + Thread.currentThread().isInterrupted()));
                      Latch waiting = new Latch();
                      TaskSpawner.Task task =
                          spawner.spawn(
                              () -> Blocking.foreverAfter(waiting),
                              () ->
                                  log.add(
                                      "cancelled, interrupted "
                                          + Thread.currentThread().isInterrupted()));
                      Blocking.await(waiting);
                      task.cancel();
                      CancelScope.checkpoint();
                      spawner.spawn(() -> fail("task"), () -> log.add("failed"));
                    }));
    assertEquals("task", thrown.getMessage());
    assertEquals(
        Set.of("returned, interrupted false", "cancelled, interrupted false", "failed"),
        Set.copyOf(log));
    assertEquals(3, log.size());
  }

  @Test
  @DisplayName("a task that cannot begin runs nothing: no thread, or a closed nursery")
  void neitherRunNorEnd() throws Exception {
    ThreadFactory empty =
        body -> {
          throw new OutOfMemoryError("unable to create native thread");
        };
    AtomicReference<@Nullable Nursery> leaked = new AtomicReference<>();
    Nursery.run(
        empty,
        nursery -> {
          leaked.set(nursery);
          assertThrows(
              OutOfMemoryError.class,
              () -> nursery.spawner().spawn(() -> log.add("ran"), () -> log.add("no thread")));
        });
    assertThrows(
        IllegalStateException.class,
        () -> present(leaked.get()).spawner().spawn(() -> log.add("ran"), () -> log.add("closed")));
    assertEquals(List.of(), log);
  }

  @Test
  @DisplayName("a failing onEnd is a failure of the task")
  void onEndFails() {
    assertEquals(
        "on end",
        assertThrows(
                IllegalStateException.class,
                () ->
                    Nursery.run(
                        nursery -> {
                          nursery
                              .spawner()
                              .spawn(
                                  () -> {},
                                  () -> {
                                    throw new IllegalStateException("on end");
                                  });
                          logCancel("body");
                        }))
            .getMessage());
    assertEquals(List.of("body cancelled"), log);
  }

  @Test
  @DisplayName("NUR-X34 end, from a task or the body, cancels both, and run returns normally")
  void endsFromInside() throws Exception {
    for (boolean fromTask : new boolean[] {false, true}) {
      AtomicInteger cut = new AtomicInteger();
      Nursery.run(
          nursery -> {
            nursery.startSoon(
                () -> {
                  try {
                    if (fromTask) {
                      nursery.end();
                    }
                    Parking.await(new Latch());
                  } catch (CancelledException | InterruptedException e) {
                    cut.incrementAndGet();
                    throw e;
                  }
                });
            try {
              if (!fromTask) {
                nursery.end();
              }
              Parking.await(new Latch());
            } catch (CancelledException e) {
              cut.incrementAndGet();
              throw e;
            }
          });
      assertEquals(2, cut.get());
      CancelScope.checkpoint();
    }
  }

  @Test
  @DisplayName("NUR-X34 a finished body keeps its result, one that is cut short has none")
  void resultOfAnEnded() throws Exception {
    assertEquals(
        "result",
        Nursery.call(
            nursery -> {
              nursery.startSoon(() -> Parking.await(new Latch()));
              nursery.end();
              return "result";
            }));
    assertThrows(
        IllegalStateException.class,
        () ->
            Nursery.<String>call(
                nursery -> {
                  nursery.end();
                  Parking.await(new Latch());
                  return "never";
                }));
    IOException failure = new IOException("a failure is one all the same");
    assertSame(
        failure,
        assertThrows(
            IOException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      nursery.end();
                      throw failure;
                    })));
  }
}
