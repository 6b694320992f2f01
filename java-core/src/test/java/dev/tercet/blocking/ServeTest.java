package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.OnHandlerError;
import dev.tercet.Resource;
import dev.tercet.ServeReport;
import dev.tercet.StopSignal;
import dev.tercet.TooLongException;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.ManualWorld;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The blocking server with listeners that are not sockets, and with a clock that the test moves.
 */
@Timeout(60)
class ServeTest {
  private static final class FakeStream implements Resource {
    final int number;
    final CountDownLatch closed = new CountDownLatch(1);

    FakeStream(int number) {
      this.number = number;
    }

    @Override
    public void close() {
      closeForcefully();
    }

    @Override
    public void closeForcefully() {
      closed.countDown();
    }
  }

  private static final class FakeListener implements Listener<FakeStream> {
    final Queue<Object> queue = new ConcurrentLinkedQueue<>();
    final AtomicInteger tries = new AtomicInteger();
    final AtomicInteger taken = new AtomicInteger();
    final CountDownLatch closed = new CountDownLatch(1);
    @Nullable IOException always;
    @Nullable IOException closeFailure;
    volatile Consumer<FakeStream> onTaken = stream -> {};
    volatile Latch offered = new Latch();

    FakeListener offer(Object next) {
      queue.add(next);
      offered.open();
      return this;
    }

    @Override
    public FakeStream accept() throws IOException, InterruptedException {
      tries.incrementAndGet();
      if (always != null) {
        throw always;
      }
      CancelScope.checkpoint();
      while (true) {
        Latch latch = offered;
        Object next = queue.poll();
        if (next instanceof IOException e) {
          throw e;
        }
        if (next instanceof RuntimeException e) {
          throw e;
        }
        if (next instanceof FakeStream stream) {
          taken.incrementAndGet();
          onTaken.accept(stream);
          return stream;
        }
        if (latch.isOpen()) {
          offered = new Latch();
          continue;
        }
        Parking.await(latch);
      }
    }

    @Override
    public void close() throws IOException {
      closed.countDown();
      if (closeFailure != null) {
        throw closeFailure;
      }
    }

    @Override
    public void closeForcefully() {
      closed.countDown();
    }

    boolean isClosed() {
      return closed.getCount() == 0;
    }
  }

  private static void forever() throws InterruptedException {
    Parking.await(new Latch());
  }

  private static ServeReport serve(
      StreamHandler<FakeStream> handler, List<FakeListener> listeners, ServeOptions options)
      throws IOException, InterruptedException {
    return Net.<FakeStream, FakeListener>serveListeners(handler, listeners, options);
  }

  private static final ServeOptions DEFAULT = ServeOptions.DEFAULT;

  @Test
  @DisplayName(
      "IO-SV1 IO-SV3 IO-SV5 IO-SV8 six connections of two listeners; the same list; all closed")
  void basics() throws Exception {
    List<FakeListener> listeners = List.of(new FakeListener(), new FakeListener());
    List<FakeStream> streams = new ArrayList<>();
    CountDownLatch running = new CountDownLatch(6);
    Nursery.run(
        nursery -> {
          List<FakeListener> started =
              nursery.start(
                  status ->
                      Net.<FakeStream, FakeListener>serveListeners(
                          stream -> {
                            running.countDown();
                            forever();
                          },
                          listeners,
                          DEFAULT,
                          status));
          assertSame(listeners, started);
          for (int i = 0; i < 6; i++) {
            FakeStream stream = new FakeStream(i);
            streams.add(stream);
            listeners.get(i % 2).offer(stream);
          }
          running.await();
          assertTrue(listeners.stream().noneMatch(FakeListener::isClosed));
          nursery.cancelChildren();
        });
    for (FakeStream stream : streams) {
      assertEquals(0, stream.closed.getCount());
    }
    assertTrue(listeners.stream().allMatch(FakeListener::isClosed));
  }

  @Test
  @DisplayName("IO-SV2 IO-SV9 bad calls are refused at once, and the listeners are closed")
  void refused() throws Exception {
    assertThrows(IllegalArgumentException.class, () -> serve(s -> {}, List.of(), DEFAULT));
    FakeListener one = new FakeListener();
    assertThrows(
        IllegalArgumentException.class,
        () -> serve(s -> {}, List.of(one, new FakeListener(), one), DEFAULT));
    assertTrue(one.isClosed());
    FakeListener idle = new FakeListener();
    ServeOptions options = DEFAULT.withIdleTimeout(Duration.ofSeconds(1));
    assertThrows(IllegalArgumentException.class, () -> serve(s -> {}, List.of(idle), options));
    assertTrue(idle.isClosed());
    assertThrows(IllegalArgumentException.class, () -> DEFAULT.withMaxConnections(0));
    assertThrows(IllegalArgumentException.class, () -> DEFAULT.withIdleTimeout(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class,
        () -> DEFAULT.withStop(new StopSignal(), Duration.ofMillis(-1)));
    AtomicReference<@Nullable Nursery> closed = new AtomicReference<>();
    Nursery.run(closed::set);
    FakeListener listener = new FakeListener();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> serve(s -> {}, List.of(listener), DEFAULT.withHandlerNursery(closed.get())));
    assertTrue(String.valueOf(e.getMessage()).startsWith("the handler nursery is closed"));
    assertTrue(listener.isClosed());
  }

  @Test
  @DisplayName(
      "IO-SV4 IO-SV11 a handler's exception comes out as it is, whatever it is; others are cancelled")
  void propagate() throws Exception {
    for (Throwable failure :
        List.of(new IOException("x"), new IllegalStateException("x"), new AssertionError("x"))) {
      AtomicReference<@Nullable Throwable> cut = new AtomicReference<>();
      CountDownLatch waits = new CountDownLatch(1);
      FakeListener listener = new FakeListener();
      listener.offer(new FakeStream(0)).offer(new FakeStream(1));
      Throwable thrown =
          assertThrows(
              Throwable.class,
              () ->
                  serve(
                      stream -> {
                        if (stream.number == 1) {
                          waits.await();
                          throwAny(failure);
                        }
                        waits.countDown();
                        try {
                          forever();
                        } catch (CancelledException | InterruptedException e) {
                          cut.set(e);
                          throw e;
                        }
                      },
                      List.of(listener),
                      DEFAULT));
      assertSame(failure, thrown);
      assertNotNull(cut.get());
      assertTrue(listener.isClosed());
    }
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void throwAny(Throwable e) throws X {
    throw (X) e;
  }

  /** Notes what is logged about handlers, at any level. */
  private static final class Log extends Handler implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger("dev.tercet.serve");
    final List<String> lines = new CopyOnWriteArrayList<>();

    Log() {
      LOGGER.setLevel(Level.ALL);
      LOGGER.addHandler(this);
    }

    @Override
    public void publish(LogRecord line) {
      lines.add(line.getLevel() + " " + line.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      LOGGER.removeHandler(this);
      LOGGER.setLevel(null);
    }
  }

  @Test
  @DisplayName(
      "IO-SV4 what a peer broke is logged at DEBUG, counted as failed, and the server goes on; nothing else is")
  void peersFault() throws Exception {
    StopSignal stop = new StopSignal();
    FakeListener listener = new FakeListener();
    for (int i = 0; i < 3; i++) {
      listener.offer(new FakeStream(i));
    }
    try (Log log = new Log()) {
      ServeReport report =
          serve(
              stream -> {
                if (stream.number == 2) {
                  stop.stop();
                  return;
                }
                BrokenResourceException broken = new BrokenResourceException("reset", null);
                broken.addSuppressed(new BrokenResourceException("reset again", null));
                broken.addSuppressed(new CancellationException("another one was cancelled"));
                broken.addSuppressed(new CancelledException(CancelScope.open()));
                throw broken;
              },
              List.of(listener),
              DEFAULT.withMaxConnections(1).withStop(stop, Duration.ofSeconds(60)));
      assertEquals(new ServeReport(3, 1, 2, 0), report);
      String line = "FINE a connection ended: dev.tercet.BrokenResourceException: reset";
      assertEquals(List.of(line, line), log.lines);
    }
    BrokenResourceException hiding = new BrokenResourceException("reset", null);
    BrokenResourceException between = new BrokenResourceException("reset", hiding);
    between.addSuppressed(new IllegalStateException("a bug"));
    hiding.addSuppressed(between);
    for (IOException own :
        List.of(new IOException("disk"), new TooLongException("line", 1), hiding)) {
      assertSame(own, stoppedBy(own, DEFAULT));
    }
    BrokenResourceException reset = new BrokenResourceException("reset", null);
    assertSame(reset, stoppedBy(reset, DEFAULT.withOnHandlerError(OnHandlerError.PROPAGATE)));
  }

  private static Throwable stoppedBy(IOException failure, ServeOptions options) {
    return assertThrows(
        IOException.class,
        () ->
            serve(
                stream -> {
                  throw failure;
                },
                List.of(new FakeListener().offer(new FakeStream(0))),
                options));
  }

  @Test
  @DisplayName(
      "IO-SV3 IO-SV4 onHandlerError decides, after the stream was closed, and never sees a cancel")
  void onHandlerError() throws Exception {
    List<String> seen = new ArrayList<>();
    IllegalStateException enough = new IllegalStateException("enough");
    FakeListener listener = new FakeListener();
    List<FakeStream> streams = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      FakeStream stream = new FakeStream(i);
      streams.add(stream);
      listener.offer(stream);
    }
    OnHandlerError decide =
        (failure, peer) -> {
          int number = Integer.parseInt(String.valueOf(failure.getMessage()));
          assertEquals(0, streams.get(number).closed.getCount());
          synchronized (seen) {
            seen.add("" + number);
            if (seen.size() == 3) {
              throw enough;
            }
          }
        };
    assertSame(
        enough,
        assertThrows(
            IllegalStateException.class,
            () ->
                serve(
                    stream -> {
                      if (stream.number == 0) {
                        forever();
                      }
                      throw new IOException("" + stream.number);
                    },
                    List.of(listener),
                    DEFAULT.withOnHandlerError(decide))));
    assertEquals(List.of("1", "2", "3"), seen.stream().sorted().toList());
    assertEquals(0, streams.get(0).closed.getCount());
  }

  @Test
  @DisplayName(
      "IO-SV5 IO-SV7 an unknown failure of accept comes out as it is; all are closed even if closing fails")
  void acceptFails() throws Exception {
    for (Exception failure :
        List.of(
            new ProtocolException("boom"),
            new ClosedResourceException("this listener was closed"),
            new IllegalStateException("key"))) {
      FakeListener bad = new FakeListener().offer(failure);
      bad.closeFailure = new IOException("close");
      FakeListener good = new FakeListener();
      good.closeFailure = new IOException("close too");
      FakeListener third = new FakeListener();
      assertSame(
          failure,
          assertThrows(
              Exception.class,
              () -> serve(stream -> forever(), List.of(good, bad, third), DEFAULT)));
      assertTrue(bad.isClosed() && good.isClosed() && third.isClosed());
      assertTrue(List.of(failure.getSuppressed()).contains(bad.closeFailure));
      assertTrue(List.of(failure.getSuppressed()).contains(good.closeFailure));
    }
    IOException same = new ProtocolException("same");
    FakeListener both = new FakeListener().offer(same);
    both.closeFailure = same;
    FakeListener other = new FakeListener();
    assertSame(
        same, assertThrows(IOException.class, () -> serve(s -> {}, List.of(both, other), DEFAULT)));
    assertTrue(other.isClosed());
  }

  @Test
  @DisplayName("IO-SV5 the listeners are closed at once, not when the last handler has cleaned up")
  void closedAtOnce() throws Exception {
    FakeListener listener = new FakeListener().offer(new FakeStream(0));
    FakeStream failing = new FakeStream(1);
    assertThrows(
        IOException.class,
        () ->
            serve(
                stream -> {
                  if (stream == failing) {
                    throw new IOException("end");
                  }
                  try {
                    listener.offer(failing);
                    forever();
                  } finally {
                    // It cleans up until it sees that the listener is closed.
                    while (!listener.isClosed()) {
                      Thread.interrupted();
                      Thread.onSpinWait();
                    }
                  }
                },
                List.of(listener),
                DEFAULT));
  }

  @Test
  @DisplayName(
      "IO-SV6 out of descriptors for ever: 10 tries in 950 ms of the world's time; it can be cancelled")
  void capacity() throws Exception {
    ManualWorld world = new ManualWorld();
    world.run(
        () -> {
          FakeListener full = new FakeListener();
          full.always = new IOException("Too many open files");
          FakeListener good = new FakeListener();
          AtomicInteger handled = new AtomicInteger();
          Nursery.run(
              nursery -> {
                nursery.startSoon(
                    () -> serve(s -> handled.incrementAndGet(), List.of(full, good), DEFAULT));
                for (int i = 0; i < 9; i++) {
                  world.awaitParked(1);
                  assertEquals(i + 1, full.tries.get());
                  world.advance(Duration.ofMillis(99));
                  world.awaitParked(1);
                  assertEquals(i + 1, full.tries.get());
                  world.advance(Duration.ofMillis(1));
                  while (full.tries.get() == i + 1) {
                    Thread.onSpinWait();
                  }
                }
                assertEquals(10, full.tries.get());
                FakeStream stream = new FakeStream(0);
                good.offer(stream);
                stream.closed.await();
                nursery.cancelChildren();
              });
          assertEquals(1, handled.get());
          assertTrue(full.isClosed());
        });
  }

  @Test
  @DisplayName("IO-SV3 IO-SV4 onHandlerError is called when the handler's stream is closed")
  void closedBeforeOnError() throws Exception {
    FakeListener listener = new FakeListener();
    FakeStream stream = new FakeStream(0);
    listener.offer(stream);
    IllegalStateException stop = new IllegalStateException("stop");
    List<Long> open = new ArrayList<>();
    assertSame(
        stop,
        assertThrows(
            IllegalStateException.class,
            () ->
                serve(
                    s -> {
                      throw new IOException("bad peer");
                    },
                    List.of(listener),
                    DEFAULT.withOnHandlerError(
                        (failure, peer) -> {
                          open.add(stream.closed.getCount());
                          throw stop;
                        }))));
    assertEquals(List.of(0L), open);
  }

  @Test
  @DisplayName(
      "IO-SV12 no thread for a handler: the connection waits for one, as for want of descriptors")
  void noThread() throws Exception {
    ManualWorld world = new ManualWorld();
    world.run(
        () -> {
          AtomicInteger tries = new AtomicInteger();
          CountDownLatch handled = new CountDownLatch(2);
          FakeListener listener = new FakeListener();
          FakeStream first = new FakeStream(0);
          FakeStream second = new FakeStream(1);
          Nursery.run(
              body -> {
                if (tries.incrementAndGet() <= 3) {
                  throw new OutOfMemoryError("unable to create native thread");
                }
                return new Thread(body, "handler");
              },
              handlers -> {
                Nursery.run(
                    nursery -> {
                      nursery.startSoon(
                          () ->
                              serve(
                                  s -> handled.countDown(),
                                  List.of(listener),
                                  DEFAULT.withHandlerNursery(handlers)));
                      listener.offer(first);
                      for (int i = 1; i <= 3; i++) {
                        world.awaitParked(1);
                        assertEquals(i, tries.get());
                        assertEquals(1, first.closed.getCount());
                        world.advance(Duration.ofMillis(100));
                        while (tries.get() == i) {
                          Thread.onSpinWait();
                        }
                      }
                      listener.offer(second);
                      handled.await();
                      nursery.cancelChildren();
                    });
              });
          first.closed.await();
          second.closed.await();
        });
  }

  @Test
  @DisplayName("IO-SV12 a connection that waits for a thread when the server ends is closed")
  void noThreadAtTheEnd() throws Exception {
    FakeListener listener = new FakeListener();
    FakeStream stream = new FakeStream(0);
    CountDownLatch tried = new CountDownLatch(1);
    Nursery.run(
        body -> {
          tried.countDown();
          throw new OutOfMemoryError("unable to create native thread");
        },
        handlers -> {
          Nursery.run(
              nursery -> {
                nursery.startSoon(
                    () -> serve(s -> {}, List.of(listener), DEFAULT.withHandlerNursery(handlers)));
                listener.offer(stream);
                tried.await();
                nursery.cancelChildren();
              });
        });
    assertEquals(0, stream.closed.getCount());
  }

  @Test
  @DisplayName(
      "IO-SV9 a handler nursery that closes later: the connection is closed, the server ends")
  void nurseryClosesLater() throws Exception {
    AtomicReference<@Nullable Nursery> handlers = new AtomicReference<>();
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch there = new CountDownLatch(1);
    Thread owner =
        new Thread(
            () -> {
              try {
                Nursery.run(
                    nursery -> {
                      handlers.set(nursery);
                      there.countDown();
                      end.await();
                    });
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    owner.start();
    there.await();
    FakeListener listener = new FakeListener();
    FakeStream stream = new FakeStream(0);
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                Net.<FakeStream, FakeListener>serveListeners(
                    s -> {},
                    List.of(listener),
                    DEFAULT.withHandlerNursery(handlers.get()),
                    started -> {
                      end.countDown();
                      try {
                        owner.join();
                      } catch (InterruptedException interrupted) {
                        throw new AssertionError(interrupted);
                      }
                      listener.offer(stream);
                    }));
    assertTrue(String.valueOf(e.getMessage()).contains("the nursery is closed"));
    assertEquals(0, stream.closed.getCount());
    assertTrue(listener.isClosed());
  }

  @Test
  @DisplayName(
      "IO-SV9 IO-C4 a cancel at any moment between accept and the handler loses no connection")
  void cancelAnywhere() throws Exception {
    for (int round = 0; round < 300; round++) {
      FakeListener listener = new FakeListener();
      List<FakeStream> streams = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        FakeStream stream = new FakeStream(i);
        streams.add(stream);
        listener.offer(stream);
      }
      int spins = round * 50;
      Nursery.run(
          nursery -> {
            nursery.startSoon(
                () -> serve(s -> {}, List.of(listener), DEFAULT.withMaxConnections(2)));
            for (int i = 0; i < spins; i++) {
              Thread.onSpinWait();
            }
            nursery.cancelChildren();
          });
      long closed = streams.stream().filter(s -> s.closed.getCount() == 0).count();
      assertEquals(listener.taken.get(), closed);
    }
  }

  @Test
  @DisplayName("IO-SV10 maxConnections is never exceeded, with three listeners")
  void maxConnections() throws Exception {
    List<FakeListener> listeners =
        List.of(new FakeListener(), new FakeListener(), new FakeListener());
    for (int i = 0; i < 60; i++) {
      listeners.get(i % 3).offer(new FakeStream(i));
    }
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    StopSignal stop = new StopSignal();
    ServeReport report =
        serve(
            stream -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              Parking.await(new Latch(), 100_000);
              running.decrementAndGet();
              if (served.incrementAndGet() == 60) {
                stop.stop();
              }
            },
            listeners,
            DEFAULT.withMaxConnections(2).withStop(stop, Duration.ofSeconds(30)));
    assertEquals(new ServeReport(60, 60, 0, 0), report);
    assertTrue(most.get() <= 2, "" + most);
  }

  @Test
  @DisplayName("IO-SV2 IO-SV10 a stop drains, cancels those that are left, and returns the counts")
  void stop() throws Exception {
    ManualWorld world = new ManualWorld();
    world.run(
        () -> {
          FakeListener listener = new FakeListener();
          StopSignal stop = new StopSignal();
          CountDownLatch begun = new CountDownLatch(4);
          Latch finish = new Latch();
          List<FakeStream> streams = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            FakeStream stream = new FakeStream(i);
            streams.add(stream);
            listener.offer(stream);
          }
          AtomicReference<@Nullable ServeReport> report = new AtomicReference<>();
          Nursery.run(
              nursery -> {
                nursery.startSoon(
                    () ->
                        report.set(
                            serve(
                                stream -> {
                                  begun.countDown();
                                  if (stream.number == 1) {
                                    throw new IOException("failed");
                                  }
                                  if (stream.number == 2) {
                                    Parking.await(finish);
                                  }
                                  if (stream.number == 3) {
                                    forever();
                                  }
                                },
                                List.of(listener),
                                DEFAULT
                                    .withOnHandlerError((failure, peer) -> {})
                                    .withStop(stop, Duration.ofSeconds(10)))));
                begun.await();
                stop.stop();
                listener.closed.await();
                listener.offer(new FakeStream(9));
                world.awaitParked(1);
                world.advance(Duration.ofSeconds(9));
                finish.open();
                streams.get(2).closed.await();
                world.awaitParked(1);
                world.advance(Duration.ofSeconds(1));
              });
          assertEquals(new ServeReport(4, 2, 1, 1), report.get());
          assertEquals(4, listener.taken.get());
        });
    StopSignal given = new StopSignal();
    given.stop();
    assertEquals(
        new ServeReport(0, 0, 0, 0),
        serve(
            s -> {}, List.of(new FakeListener()), DEFAULT.withStop(given, Duration.ofSeconds(1))));
  }

  @Test
  @DisplayName(
      "IO-SV10 a connection that accept returns when the stop was given is closed, not served and not counted")
  void acceptedAfterStop() throws Exception {
    StopSignal stop = new StopSignal();
    FakeListener listener = new FakeListener();
    List<FakeStream> streams = List.of(new FakeStream(0), new FakeStream(1), new FakeStream(2));
    streams.forEach(listener::offer);
    listener.onTaken =
        stream -> {
          if (stream.number == 1) {
            stop.stop();
          }
        };
    List<Integer> served = new CopyOnWriteArrayList<>();
    ServeReport report =
        serve(
            stream -> {
              served.add(stream.number);
              listener.closed.await();
            },
            List.of(listener),
            DEFAULT.withStop(stop, Duration.ofSeconds(60)));
    assertEquals(new ServeReport(1, 1, 0, 0), report);
    assertEquals(List.of(0), served);
    assertEquals(2, listener.taken.get());
    assertEquals(List.of(0L, 0L, 1L), streams.stream().map(s -> s.closed.getCount()).toList());
  }

  @Test
  @DisplayName("IO-SV10 a connection that is held when the stop is given is closed, not served")
  void heldAtStop() throws Exception {
    StopSignal stop = new StopSignal();
    CountDownLatch bothTaken = new CountDownLatch(2);
    List<FakeListener> listeners = List.of(new FakeListener(), new FakeListener());
    List<FakeStream> streams = List.of(new FakeStream(0), new FakeStream(1));
    for (int i = 0; i < 2; i++) {
      // Neither begins before both were taken.
      listeners.get(i).onTaken =
          stream -> {
            bothTaken.countDown();
            // No wait that an interrupt ends: the other one may have begun, and given the stop.
            while (bothTaken.getCount() > 0) {
              Thread.onSpinWait();
            }
          };
      listeners.get(i).offer(streams.get(i));
    }
    ServeReport report =
        serve(
            stream -> stop.stop(),
            listeners,
            DEFAULT.withMaxConnections(1).withStop(stop, Duration.ofSeconds(60)));
    assertEquals(new ServeReport(1, 1, 0, 0), report);
    assertTrue(streams.stream().allMatch(s -> s.closed.getCount() == 0));
  }

  @Test
  @DisplayName(
      "IO-SV10 a handler counts by what it did: cancelled and returned is finished, cancelled and threw is failed")
  void countedByWhatItDid() throws Exception {
    StopSignal stop = new StopSignal();
    FakeListener listener = new FakeListener();
    CountDownLatch begun = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      listener.offer(new FakeStream(i));
    }
    List<String> failures = new CopyOnWriteArrayList<>();
    Thread stopper =
        new Thread(
            () -> {
              try {
                begun.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              stop.stop();
            });
    stopper.start();
    ServeReport report =
        serve(
            stream -> {
              begun.countDown();
              try {
                forever();
              } catch (CancelledException | InterruptedException cut) {
                switch (stream.number) {
                  case 0 -> {}
                  case 1 -> throw new IOException("cleanup");
                  default -> throw cut;
                }
              }
            },
            List.of(listener),
            DEFAULT
                .withOnHandlerError((failure, peer) -> failures.add("" + failure.getMessage()))
                .withStop(stop, Duration.ZERO));
    stopper.join();
    assertEquals(new ServeReport(3, 1, 1, 1), report);
    assertEquals(List.of("cleanup"), failures);
  }

  @Test
  @DisplayName("IO-SV5 an interrupt of the server's thread closes the listeners and comes out")
  void interrupted() throws Exception {
    FakeListener listener = new FakeListener();
    Thread.currentThread().interrupt();
    assertInstanceOf(
        InterruptedException.class,
        assertThrows(InterruptedException.class, () -> serve(s -> {}, List.of(listener), DEFAULT)));
    assertTrue(listener.isClosed());
  }
}
