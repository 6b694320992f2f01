package dev.tercet.blocking;

import static dev.tercet.PosixSignal.HUP;
import static dev.tercet.PosixSignal.INT;
import static dev.tercet.PosixSignal.TERM;
import static dev.tercet.PosixSignal.USR1;
import static dev.tercet.PosixSignal.USR2;
import static dev.tercet.PosixSignal.WINCH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.PosixSignal;
import dev.tercet.internal.signal.SignalRegistry;
import dev.tercet.internal.wait.ManualWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Receivers of signals that a fake source raises. */
@Timeout(60)
class SignalReceiverTest {
  private final FakeSignals source = new FakeSignals();
  private final SignalRegistry registry = new SignalRegistry(source);

  private SignalReceiver open(PosixSignal... signals) {
    return SignalReceiver.open(registry, signals);
  }

  @Test
  @DisplayName("SIG-S1 receive takes one signal at a time, receiveBatch all that have come")
  void oneOrAll() throws Exception {
    try (SignalReceiver receiver = open(HUP, INT, TERM)) {
      source.raise(TERM, HUP, INT);
      assertEquals(TERM, receiver.receive());
      assertEquals(List.of(HUP, INT), List.copyOf(receiver.receiveBatch()));
    }
    assertEquals(List.of(), source.redelivered);
  }

  @Test
  @DisplayName("SIG-S2 a signal that comes many times before it is read is reported once")
  void merged() throws Exception {
    try (SignalReceiver receiver = open(HUP, WINCH)) {
      source.raise(HUP, WINCH, HUP, HUP, WINCH);
      assertEquals(HUP, receiver.receive());
      assertEquals(Set.of(WINCH), receiver.receiveBatch());
      source.raise(HUP);
      assertEquals(HUP, receiver.receive());
      assertNothing(receiver);
    }
  }

  @Test
  @DisplayName("SIG-S3 two signals that keep coming take turns")
  void noStarvation() throws Exception {
    try (SignalReceiver receiver = open(HUP, WINCH)) {
      List<PosixSignal> order = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        source.raise(HUP, WINCH);
        order.add(receiver.receive());
      }
      assertEquals(List.of(HUP, WINCH, HUP, WINCH, HUP, WINCH), order);
      receiver.receiveBatch();
    }
  }

  @Test
  @DisplayName("SIG-S4 SIG-S5 without a signal open fails; duplicates are harmless")
  void arguments() throws Exception {
    assertThrows(IllegalArgumentException.class, this::open);
    try (SignalReceiver receiver = open(HUP, HUP)) {
      source.raise(HUP);
      assertEquals(HUP, receiver.receive());
      assertNothing(receiver);
    }
    assertSame(FakeSignals.DEFAULT, source.handler(HUP));
  }

  @Test
  @DisplayName("SIG-S6 the previous handlers are back after close, and when a later one is refused")
  void restored() {
    Runnable previous = () -> {};
    source.handlers.put(HUP, previous);
    open(HUP, TERM).close();
    assertSame(previous, source.handler(HUP));
    assertSame(FakeSignals.DEFAULT, source.handler(TERM));

    source.refused.add(WINCH);
    assertThrows(IllegalArgumentException.class, () -> open(HUP, WINCH));
    assertSame(previous, source.handler(HUP));
    assertThrows(IllegalArgumentException.class, () -> open(HUP, USR2));
    assertSame(previous, source.handler(HUP));
  }

  @Test
  @DisplayName("SIG-S7 a second receiving thread gets Busy")
  void busy() throws Exception {
    ManualWorld world = new ManualWorld();
    world.run(
        () -> {
          try (SignalReceiver receiver = open(HUP)) {
            Nursery.run(
                nursery -> {
                  nursery.startSoon(
                      () ->
                          assertTrue(
                              CancelScope.moveOnAfter(Duration.ofSeconds(1))
                                  .run(receiver::receive)));
                  world.awaitParked(1);
                  assertThrows(BusyResourceException.class, receiver::receive);
                  assertThrows(BusyResourceException.class, receiver::receiveBatch);
                  world.advance(Duration.ofSeconds(1));
                });
          }
        });
  }

  @Test
  @DisplayName("SIG-S8 a closed receiver says Closed, to a thread that waits in it too")
  void closed() throws Exception {
    SignalReceiver receiver = open(HUP);
    receiver.close();
    receiver.close();
    assertThrows(ClosedResourceException.class, receiver::receive);
    assertThrows(ClosedResourceException.class, receiver::receiveBatch);

    ManualWorld world = new ManualWorld();
    world.run(
        () ->
            CancelScope.moveOnAfter(Duration.ofSeconds(1))
                .run(
                    () ->
                        Nursery.run(
                            nursery -> {
                              SignalReceiver other = open(HUP);
                              nursery.startSoon(
                                  () ->
                                      assertThrows(ClosedResourceException.class, other::receive));
                              world.awaitParked(1);
                              other.close();
                            })));
  }

  @Test
  @DisplayName("a signal wakes the thread that waits; a cancelled wait takes nothing")
  void waits() throws Exception {
    ManualWorld world = new ManualWorld();
    List<PosixSignal> got = new ArrayList<>();
    world.run(
        () ->
            CancelScope.moveOnAfter(Duration.ofSeconds(9))
                .run(
                    () ->
                        Nursery.run(
                            nursery -> {
                              try (SignalReceiver receiver = open(HUP)) {
                                got.add(
                                    nursery.start(
                                        status -> {
                                          nursery.startSoon(
                                              () -> {
                                                world.awaitParked(2);
                                                source.raise(HUP);
                                              });
                                          status.started(receiver.receive());
                                        }));
                                CancelScope cancelled = CancelScope.open();
                                cancelled.cancel();
                                source.raise(HUP);
                                assertTrue(cancelled.run(receiver::receive));
                                Thread.currentThread().interrupt();
                                assertThrows(InterruptedException.class, receiver::receiveBatch);
                                got.add(receiver.receive());
                              }
                            })));
    assertEquals(List.of(HUP, HUP), got);
  }

  @Test
  @DisplayName("SIG-S9 what was not read goes to the restored handlers, each once, throwing or not")
  void redelivered() {
    List<PosixSignal> seen = new ArrayList<>();
    for (PosixSignal signal : EnumSet.of(HUP, INT, TERM)) {
      source.handlers.put(
          signal,
          () -> {
            seen.add(signal);
            throw new IllegalStateException("handler of " + signal);
          });
    }
    SignalReceiver receiver = open(HUP, INT, TERM);
    source.raise(TERM, HUP, TERM, INT);
    IllegalStateException e = assertThrows(IllegalStateException.class, receiver::close);
    assertEquals("handler of TERM", e.getMessage());
    assertEquals(2, e.getSuppressed().length);
    assertEquals(List.of(TERM, HUP, INT), seen);
    receiver.close();
    assertEquals(3, seen.size());
  }

  @Test
  @DisplayName("SIG-S9 a delivery that was under way while the last receiver left is passed on")
  void inFlight() {
    Runnable previous = () -> {};
    source.handlers.put(HUP, previous);
    SignalReceiver receiver = open(HUP);
    Runnable ours = source.handler(HUP);
    receiver.close();
    ours.run();
    assertEquals(List.of(HUP), source.redelivered);
    assertSame(previous, source.handler(HUP));
  }

  @Test
  @DisplayName("SIG-S16 receivers that leave in any order leave the right handler behind")
  void anyOrder() throws Exception {
    Runnable previous = () -> {};
    source.handlers.put(HUP, previous);
    SignalReceiver first = open(HUP);
    SignalReceiver second = open(HUP, TERM);
    source.raise(HUP);
    assertEquals(HUP, first.receive());
    first.close();
    source.raise(TERM);
    assertEquals(List.of(HUP, TERM), List.copyOf(second.receiveBatch()));
    second.close();
    assertSame(previous, source.handler(HUP));
    assertSame(FakeSignals.DEFAULT, source.handler(TERM));
    assertEquals(List.of(), source.redelivered);
  }

  @Test
  @DisplayName(
      "SIG-S9 SIG-S16 with several receivers a signal is passed on only when nobody read it")
  void sharedUnread() throws Exception {
    SignalReceiver reader = open(HUP);
    SignalReceiver other = open(HUP);
    source.raise(HUP);
    assertEquals(HUP, reader.receive());
    reader.close();
    other.close();
    assertEquals(List.of(), source.redelivered);

    SignalReceiver first = open(HUP);
    source.raise(HUP);
    SignalReceiver later = open(HUP);
    first.close();
    assertEquals(HUP, later.receive(), "it came before this one, and nobody had read it");
    later.close();
    assertEquals(List.of(), source.redelivered);

    SignalReceiver one = open(HUP);
    SignalReceiver two = open(HUP);
    source.raise(HUP);
    one.close();
    assertEquals(List.of(), source.redelivered, "the other one has it");
    two.close();
    assertEquals(List.of(HUP), source.redelivered);
  }

  @Test
  @DisplayName("SIG-S16 a handler that somebody set behind our back stays, and may call ours")
  void behindOurBack() {
    SignalReceiver receiver = open(HUP);
    Runnable ours = source.handler(HUP);
    List<String> calls = new ArrayList<>();
    Runnable theirs =
        () -> {
          calls.add("theirs");
          ours.run();
        };
    source.handlers.put(HUP, theirs);
    source.raise(HUP);
    receiver.close();
    assertSame(theirs, source.handler(HUP));
    assertEquals(List.of(HUP), source.redelivered);
    assertEquals(List.of("theirs", "theirs"), calls);
    source.raise(HUP);
    assertEquals(List.of(HUP), source.redelivered, "round and round");
  }

  @Test
  @DisplayName("SIG-S13 handlers on many threads at once lose no signal")
  void concurrentDeliveries() throws Exception {
    EnumSet<PosixSignal> left = EnumSet.of(HUP, INT, TERM, USR1, WINCH);
    try (SignalReceiver receiver = open(left.toArray(PosixSignal[]::new))) {
      Nursery.run(
          nursery -> {
            for (PosixSignal signal : EnumSet.copyOf(left)) {
              for (int i = 0; i < 20; i++) {
                nursery.startSoon(() -> source.raise(signal));
              }
            }
            while (!left.isEmpty()) {
              left.remove(receiver.receive());
            }
          });
      // What came after the last receive is merged; nothing of it goes out to the handlers.
      source.raise(HUP);
      receiver.receiveBatch();
    }
    assertEquals(List.of(), source.redelivered);
  }

  private static void assertNothing(SignalReceiver receiver) throws Exception {
    assertTrue(CancelScope.moveOnAfter(Duration.ofNanos(1)).run(receiver::receive));
  }

  @Test
  @DisplayName(
      "SIG-S19 stopOnSignals gives the stop signal once, and then signals do what they did")
  void stopOnSignals() throws Exception {
    String result =
        StopSignals.stopOnSignals(
            registry,
            stop -> {
              source.raise(TERM);
              Net.await(stop);
              Net.await(stop);
              return "stopped " + stop.isStopped();
            });
    assertEquals("stopped true", result);
    assertEquals(List.of(), source.redelivered);
    assertEquals("done", StopSignals.stopOnSignals(registry, stop -> "done", USR1));
  }
}
