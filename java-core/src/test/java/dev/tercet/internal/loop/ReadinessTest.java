package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BusyResourceException;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Poll;
import dev.tercet.internal.wait.Scope;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The table of docs/loop.md, arm by arm. Each arm runs as one task on the loop's own thread, where
 * arm tasks run in place and no selection comes between.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadinessTest {
  private final LoopGroup group = LoopGroup.open("readiness-test", 1);
  private final SelectorLoop loop = group.next();

  @AfterEach
  void close() throws InterruptedException {
    group.close();
  }

  private static final class CountingWaiter implements Waiter {
    private volatile int woken;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one waker at a time, and the tests count them
    public void wake() {
      woken++;
    }
  }

  /** One direction of one channel, brought into a state. */
  private static final class Arm {
    private final Readiness readiness;
    private final SelectableChannel channel;
    private final SelectorLoop loop;
    private final WaitPlace place;
    private final int op;
    private final CountingWaiter old = new CountingWaiter();

    Arm(SelectorLoop loop, SelectableChannel channel, int op) {
      this.loop = loop;
      this.channel = channel;
      this.op = op;
      this.readiness = new Readiness(loop, channel);
      this.readiness.setConnecting(op == SelectionKey.OP_CONNECT);
      this.place = op == SelectionKey.OP_READ ? readiness.readable() : readiness.writable();
    }

    /** IDLE here is the harder one: registered already, interest off. */
    void bringInto(String state) {
      switch (state) {
        case "IDLE" -> {
          place.install(old);
          readiness.onEvents(op);
          readiness.onEvents(op);
        }
        case "ARMED" -> {
          place.install(old);
          assertTrue(place.uninstall(old));
        }
        case "WAIT" -> place.install(old);
        case "POLL" -> {
          bringInto("ARMED");
          assertTrue(poll().enter());
        }
        case "CLOSED" -> readiness.close();
        default -> throw new IllegalArgumentException(state);
      }
      old.woken = 0;
      assertEquals(state, state());
    }

    /** What is there after some waits; but not after a close. */
    Poll poll() {
      Poll poll = place.ownPoll();
      for (int i = 0; poll == null && i < 100; i++) {
        poll = place.ownPoll();
      }
      return Objects.requireNonNull(poll);
    }

    String state() {
      String text = readiness.toString();
      String name = op == SelectionKey.OP_READ ? "read " : "write ";
      String value = text.substring(text.indexOf(name) + name.length()).split("[,)]", 2)[0];
      return value.contains("Waiter") ? "WAIT" : value;
    }

    String interest() {
      SelectionKey key = channel.keyFor(loop.selector());
      if (key == null || !key.isValid()) {
        return "none";
      }
      return (key.interestOps() & op) == 0 ? "off" : "on";
    }
  }

  private <T> T onLoop(Callable<T> body) throws Exception {
    return new LoopExecutor(loop).submit(body).get(30, TimeUnit.SECONDS);
  }

  @ParameterizedTest(name = "loop: {1} on {0} leads to {2}, interest {3}, {4}")
  @CsvSource({
    "IDLE,   install,        WAIT,   on,   nobody woken",
    "ARMED,  install,        WAIT,   on,   nobody woken",
    "WAIT,   install,        WAIT,   on,   busy",
    "CLOSED, install,        CLOSED, none, new one woken",
    "IDLE,   event,          IDLE,   off,  nobody woken",
    "ARMED,  event,          IDLE,   off,  nobody woken",
    "WAIT,   event,          ARMED,  on,   old one woken",
    "CLOSED, event,          CLOSED, none, nobody woken",
    "IDLE,   uninstall,      IDLE,   off,  not in",
    "ARMED,  uninstall,      ARMED,  on,   not in",
    "WAIT,   uninstall,      ARMED,  on,   taken out",
    "WAIT,   uninstall other,WAIT,   on,   not in",
    "CLOSED, uninstall,      CLOSED, none, not in",
    "IDLE,   arm,            IDLE,   off,  nobody woken",
    "ARMED,  arm,            ARMED,  on,   nobody woken",
    "WAIT,   arm,            WAIT,   on,   nobody woken",
    "CLOSED, arm,            CLOSED, none, nobody woken",
    "IDLE,   close,          CLOSED, none, nobody woken",
    "ARMED,  close,          CLOSED, none, nobody woken",
    "WAIT,   close,          CLOSED, none, old one woken",
    "CLOSED, close,          CLOSED, none, nobody woken",
    "IDLE,   enter,          POLL,   off,  entered",
    "ARMED,  enter,          POLL,   on,   entered",
    "WAIT,   enter,          WAIT,   on,   busy",
    "POLL,   enter,          POLL,   on,   busy",
    "POLL,   install,        POLL,   on,   busy",
    "POLL,   event,          POLL,   off,  nobody woken",
    "POLL,   arm,            POLL,   off,  nobody woken",
    "POLL,   uninstall,      POLL,   on,   not in",
    "POLL,   leave,          IDLE,   on,   nobody woken",
    "POLL,   close,          CLOSED, none, sleeper woken",
  })
  void arm(String state, String input, String next, String interest, String effect)
      throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    try {
      onLoop(
          () -> {
            Arm arm = new Arm(loop, pipe.source(), SelectionKey.OP_READ);
            arm.bringInto(state);
            CountingWaiter fresh = new CountingWaiter();
            String seen = apply(arm, input, fresh);
            assertEquals(effect, seen);
            assertEquals(next, arm.state());
            assertEquals(interest, arm.interest());
            return null;
          });
    } finally {
      pipe.sink().close();
      pipe.source().close();
    }
  }

  private static String apply(Arm arm, String input, CountingWaiter fresh) {
    switch (input) {
      case "install" -> {
        try {
          arm.place.install(fresh);
        } catch (BusyResourceException e) {
          return "busy";
        }
      }
      case "event" -> arm.readiness.onEvents(arm.op);
      case "uninstall" -> {
        return arm.place.uninstall(arm.old) ? "taken out" : "not in";
      }
      case "uninstall other" -> {
        return arm.place.uninstall(fresh) ? "taken out" : "not in";
      }
      case "arm" -> {
        SelectionKey key = arm.channel.keyFor(arm.loop.selector());
        if (key != null && key.isValid()) {
          key.interestOps(0);
        }
        arm.readiness.run();
      }
      case "enter" -> {
        try {
          return arm.poll().enter() ? "entered" : "closed";
        } catch (BusyResourceException e) {
          return "busy";
        }
      }
      case "leave" -> arm.poll().leave();
      case "close" -> {
        boolean asleep = arm.state().equals("POLL");
        Poll poll = asleep ? arm.poll() : null;
        arm.readiness.close();
        if (poll != null) {
          // Returns at once, or the test hangs.
          String effect = poll.sleep(Scope.NEVER) ? "sleeper woken" : "asleep";
          assertFalse(arm.readiness.reaped().isOpen(), "the descriptor is still held");
          poll.leave();
          return effect;
        }
      }
      default -> throw new IllegalArgumentException(input);
    }
    if (arm.old.woken + fresh.woken > 1) {
      return "woken twice";
    }
    return arm.old.woken == 1
        ? "old one woken"
        : fresh.woken == 1 ? "new one woken" : "nobody woken";
  }

  @ParameterizedTest(name = "loop: a connect event on {0} leads to IDLE, interest off, {1}")
  @CsvSource({
    "IDLE,  nobody woken",
    "ARMED, nobody woken",
    "WAIT,  old one woken",
  })
  void connectEvent(String state, String effect) throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      onLoop(
          () -> {
            Arm arm = new Arm(loop, channel, SelectionKey.OP_CONNECT);
            arm.bringInto(state);
            assertEquals(effect, apply(arm, "event", new CountingWaiter()));
            assertEquals("IDLE", arm.state());
            assertEquals("off", arm.interest());
            arm.readiness.close();
            return null;
          });
    }
  }

  @Test
  @DisplayName("loop: a waiter that waits again while it is being woken keeps its interest")
  void waitAgainInPlace() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      onLoop(
          () -> {
            Arm arm = new Arm(loop, channel, SelectionKey.OP_CONNECT);
            CountingWaiter again = new CountingWaiter();
            arm.place.install(
                new Waiter() {
                  @Override
                  public void wake() {
                    arm.place.install(again);
                  }
                });
            arm.readiness.onEvents(arm.op);
            assertEquals("WAIT", arm.state());
            assertEquals("on", arm.interest());
            arm.readiness.close();
            assertEquals(1, again.woken);
            return null;
          });
    }
  }

  @Test
  @DisplayName("IO-K16 a reader and a writer wait side by side, and close wakes both once")
  void bothDirections() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      onLoop(
          () -> {
            Readiness readiness = new Readiness(loop, channel);
            CountingWaiter reader = new CountingWaiter();
            CountingWaiter writer = new CountingWaiter();
            readiness.readable().install(reader);
            readiness.writable().install(writer);
            assertEquals(2, readiness.waiters());
            SelectionKey key = channel.keyFor(loop.selector());
            assertNotNull(key);
            assertEquals(SelectionKey.OP_READ | SelectionKey.OP_WRITE, key.interestOps());
            assertTrue(readiness.close());
            assertFalse(readiness.close());
            assertEquals(1, reader.woken);
            assertEquals(1, writer.woken);
            return null;
          });
    }
  }

  @Test
  @DisplayName("FILE-S4 loop: a close while a transfer holds the channel wakes all, closes later")
  void heldChannel() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      Readiness readiness = new Readiness(loop, channel);
      CountingWaiter reader = new CountingWaiter();
      onLoop(
          () -> {
            readiness.readable().install(reader);
            assertTrue(readiness.hold());
            assertTrue(readiness.close());
            assertFalse(readiness.close());
            assertEquals(1, reader.woken);
            assertTrue(readiness.isClosed());
            assertTrue(channel.isOpen());
            SelectionKey key = channel.keyFor(loop.selector());
            assertNotNull(key);
            assertEquals(0, key.interestOps());
            assertFalse(readiness.hold());
            assertFalse(readiness.reaped().isOpen());
            return null;
          });
      readiness.release();
      assertFalse(channel.isOpen());
      Parking.await(readiness.reaped());
      readiness.release();
    }
  }

  @Test
  @DisplayName("FILE-S4 loop: a channel that was held and never waited for does not start the loop")
  void heldUnregisteredChannel() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      Readiness readiness = new Readiness(loop, channel);
      assertTrue(readiness.hold());
      readiness.release();
      assertTrue(channel.isOpen());
      assertTrue(readiness.hold());
      readiness.close();
      assertTrue(channel.isOpen());
      readiness.release();
      assertFalse(channel.isOpen());
      assertTrue(readiness.reaped().isOpen());
    }
  }

  @Test
  @DisplayName("IO-K16 close wakes the writer though the reader's wake-up throws, and is whole")
  void closeWithAFailingWaiter() throws Exception {
    try (LogCapture log = new LogCapture("dev.tercet.loop");
        SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      Readiness readiness = new Readiness(loop, channel);
      CountingWaiter writer = new CountingWaiter();
      readiness
          .readable()
          .install(
              () -> {
                throw new IllegalStateException("wake-up");
              });
      readiness.writable().install(writer);
      assertTrue(readiness.close());
      assertEquals(1, writer.woken);
      assertTrue(readiness.isClosed());
      Parking.awaitUninterruptibly(readiness.reaped());
      assertTrue(log.text().contains("wake-up"), log.text());
    }
  }

  @Test
  @DisplayName("loop: a channel that nobody has waited for is not registered, and closes at once")
  void lazyRegistration() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(loop, pipe.source());
    assertFalse(pipe.source().isRegistered());
    assertFalse(readiness.reaped().isOpen());
    readiness.close();
    assertTrue(readiness.reaped().isOpen());
    pipe.sink().close();
  }

  @Test
  @DisplayName("IO-K16 a channel closed behind our back ends the next wait, and the loop lives")
  void closedBehindOurBack() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    onLoop(
        () -> {
          Readiness registered = new Readiness(loop, pipe.source());
          CountingWaiter before = new CountingWaiter();
          registered.readable().install(before);
          assertTrue(registered.readable().uninstall(before));
          registered.onEvents(SelectionKey.OP_READ);
          pipe.source().close();
          CountingWaiter after = new CountingWaiter();
          registered.readable().install(after);
          assertEquals(1, after.woken);
          assertTrue(registered.isClosed());
          return null;
        });
    pipe.sink().close();
    assertEquals("alive", onLoop(() -> "alive"));
  }

  @Test
  @DisplayName("IO-K16 a channel closed behind our back while its cell is ARMED ends the next wait")
  void closedBehindOurBackWhileArmed() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    onLoop(
        () -> {
          Arm arm = new Arm(loop, pipe.source(), SelectionKey.OP_READ);
          arm.bringInto("ARMED");
          pipe.source().close();
          CountingWaiter after = new CountingWaiter();
          arm.place.install(after);
          assertEquals(1, after.woken, "its key is gone, and no event will come");
          assertTrue(arm.readiness.isClosed());
          return null;
        });
    pipe.sink().close();
  }

  @Test
  @DisplayName("loop: the first 16 waits of a direction are the loop's; then it has its own poll")
  void ownPollAfterSomeWaits() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(loop, pipe.source());
    WaitPlace place = readiness.readable();
    for (int wait = 1; wait <= 16; wait++) {
      assertNull(place.ownPoll(), "wait " + wait);
      assertFalse(place.hasOwnPoll());
    }
    Poll poll = place.ownPoll();
    assertNotNull(poll);
    assertTrue(place.hasOwnPoll());
    assertSame(poll, place.ownPoll());
    readiness.close();
    pipe.sink().close();
  }

  @Test
  @DisplayName(
      "loop: a poll sleeps for bytes, wait after wait, and a wake-up for nothing is no event")
  void ownPollSleeps() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Arm arm = new Arm(loop, pipe.source(), SelectionKey.OP_READ);
    Poll poll = arm.poll();
    for (int wait = 0; wait < 3; wait++) {
      assertTrue(poll.enter());
      poll.wake();
      assertFalse(poll.sleep(Scope.NEVER), "nothing has come");
      assertFalse(poll.sleep(1), "nothing has come");
      assertEquals(1, pipe.sink().write(ByteBuffer.wrap(new byte[] {1})));
      assertTrue(poll.sleep(Scope.NEVER));
      poll.leave();
      assertEquals("IDLE", arm.state());
      assertEquals(1, pipe.source().read(ByteBuffer.allocate(1)));
    }
    arm.readiness.close();
    assertFalse(poll.enter(), "closed");
    pipe.sink().close();
  }

  @Test
  @DisplayName(
      "IO-SL10 loop: reaped opens when the sleeper of a closed channel has left, not before")
  void reapedWhenTheSleeperHasLeft() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    // The loop has never had this channel, so only the sleeper holds its descriptor.
    Arm arm = new Arm(loop, pipe.source(), SelectionKey.OP_READ);
    Poll poll = arm.poll();
    assertTrue(poll.enter());
    arm.readiness.close();
    assertFalse(arm.readiness.reaped().isOpen());
    assertTrue(poll.sleep(Scope.NEVER));
    poll.leave();
    assertTrue(arm.readiness.reaped().isOpen());
    pipe.sink().close();
  }

  @Test
  @DisplayName("IO-SL10 loop: a close frees the selector of a direction in which nobody sleeps")
  void closeFreesAnEmptyPoll() throws Exception {
    int rounds = 100;
    int before = Descriptors.count();
    for (int i = 0; i < rounds; i++) {
      Pipe pipe = Pipe.open();
      pipe.source().configureBlocking(false);
      Arm arm = new Arm(loop, pipe.source(), SelectionKey.OP_READ);
      Poll unused = arm.poll();
      arm.readiness.close();
      assertTrue(arm.readiness.reaped().isOpen());
      pipe.sink().close();
    }
    Descriptors.assertNoneLeft(before, rounds);
  }

  @Test
  @DisplayName("loop: a wait on a channel of a closed loop ends at once, closed")
  void closedLoop() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    onLoop(() -> "started");
    group.close();
    Readiness readiness = new Readiness(loop, pipe.source());
    CountingWaiter waiter = new CountingWaiter();
    readiness.readable().install(waiter);
    assertEquals(1, waiter.woken);
    assertTrue(readiness.isClosed());
    assertTrue(readiness.reaped().isOpen());
    assertThrows(
        java.util.concurrent.RejectedExecutionException.class,
        () -> new LoopExecutor(loop).execute(() -> {}));
    pipe.sink().close();
  }

  @Test
  @DisplayName("loop: a channel that somebody has made blocking is closed by the next wait")
  void blockingChannel() throws Exception {
    Pipe pipe = Pipe.open();
    try (LogCapture log = new LogCapture("dev.tercet.loop")) {
      Readiness readiness = new Readiness(loop, pipe.source());
      CountingWaiter waiter = new CountingWaiter();
      readiness.readable().install(waiter);
      onLoop(
          () -> {
            assertEquals(1, waiter.woken);
            assertTrue(readiness.isClosed());
            return null;
          });
      assertTrue(log.text().contains("cannot wait for"), log.text());
    }
    pipe.sink().close();
  }

  @Test
  @DisplayName("loop: a connect that begins while the cell is ARMED for writing says its interest")
  void armedForWritingThenConnect() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      onLoop(
          () -> {
            Arm arm = new Arm(loop, channel, SelectionKey.OP_WRITE);
            arm.bringInto("ARMED");
            arm.readiness.setConnecting(true);
            arm.place.install(new CountingWaiter());
            SelectionKey key = channel.keyFor(loop.selector());
            assertNotNull(key);
            assertEquals(SelectionKey.OP_CONNECT, key.interestOps());
            arm.readiness.setConnecting(true);
            assertEquals("WAIT", arm.state());
            arm.readiness.close();
            return null;
          });
    }
  }

  @Test
  @DisplayName("loop: an event of the operation before, when nobody waits, turns its interest off")
  void eventOfTheOperationBefore() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      onLoop(
          () -> {
            Arm arm = new Arm(loop, channel, SelectionKey.OP_WRITE);
            arm.bringInto("ARMED");
            arm.readiness.setConnecting(true);
            arm.readiness.onEvents(SelectionKey.OP_WRITE);
            SelectionKey key = channel.keyFor(loop.selector());
            assertNotNull(key);
            assertEquals(0, key.interestOps());
            arm.readiness.close();
            return null;
          });
    }
  }

  @Test
  @DisplayName("loop: a channel closed behind our back is seen by a wait that needs no arm task")
  void closedBehindAnArmedCell() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(loop, pipe.source());
    CountingWaiter first = new CountingWaiter();
    readiness.readable().install(first);
    new LoopExecutor(loop).submit(() -> {}).get();
    assertTrue(readiness.readable().uninstall(first));
    pipe.source().close();
    CountingWaiter second = new CountingWaiter();
    readiness.readable().install(second);
    assertEquals(1, second.woken);
    assertTrue(readiness.isClosed());
    pipe.sink().close();
  }

  @Test
  @DisplayName("loop: a selector of a direction that is closed before it is entered is given back")
  void pollOfAClosedCell() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(loop, pipe.source());
    PrivatePoll poll = PrivatePoll.open((ReadinessCell) readiness.readable(), pipe.source());
    assertNotNull(poll);
    assertTrue(pipe.source().isRegistered());
    readiness.close();
    assertFalse(poll.enter());
    assertFalse(pipe.source().isRegistered());
    pipe.sink().close();
  }

  @Test
  @DisplayName("IO-SL10 loop: a close is over when the thread that slept by itself has left, too")
  void reapedWhenLeft() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(loop, pipe.source());
    CountingWaiter waiter = new CountingWaiter();
    readiness.readable().install(waiter);
    assertTrue(readiness.readable().uninstall(waiter));
    ReadinessCell cell = (ReadinessCell) readiness.readable();
    PrivatePoll poll = cell.ownPoll();
    while (poll == null) {
      poll = cell.ownPoll();
    }
    assertTrue(poll.enter());
    readiness.close();
    for (int i = 0; i < 5; i++) {
      new LoopExecutor(loop).submit(() -> {}).get();
    }
    assertFalse(readiness.reaped().isOpen());
    poll.leave();
    assertTrue(readiness.reaped().isOpen());
    pipe.sink().close();
  }

  @Test
  @DisplayName("loop: when the loop cannot start, the wait fails and leaves nobody in the cell")
  void loopCannotStart() throws Exception {
    AtomicBoolean exhausted = new AtomicBoolean(true);
    SelectorLoop poor =
        new SelectorLoop(
            "poor",
            () -> loop,
            () -> {
              if (exhausted.get()) {
                throw new IOException("Too many open files");
              }
              return Selector.open();
            });
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(poor, pipe.source());
    CountingWaiter waiter = new CountingWaiter();
    UncheckedIOException failure =
        assertThrows(
            UncheckedIOException.class, () -> readiness.readable().install(new CountingWaiter()));
    assertTrue(String.valueOf(failure.getCause()).endsWith("Too many open files"));
    assertThrows(UncheckedIOException.class, () -> readiness.readable().install(waiter));
    assertEquals(0, waiter.woken);
    assertEquals(0, readiness.waiters());
    assertThrows(UncheckedIOException.class, () -> poor.post(() -> {}));
    assertTrue(readiness.close());
    assertTrue(readiness.reaped().isOpen());
    exhausted.set(false);
    assertEquals(
        "started", new LoopExecutor(poor).submit(() -> "started").get(30, TimeUnit.SECONDS));
    poor.close();
    assertTrue(poor.awaitTermination(30, TimeUnit.SECONDS));
    pipe.sink().close();
  }

  @Test
  @DisplayName("loop: a close behind our back while nobody waits leaves no key and no descriptor")
  void closedBehindOurBackBeforeTheFirstWait() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(loop, pipe.source());
    pipe.source().close();
    CountingWaiter waiter = new CountingWaiter();
    readiness.readable().install(waiter);
    onLoop(
        () -> {
          assertEquals(1, waiter.woken);
          return null;
        });
    assertTrue(readiness.isClosed());
    assertEquals(0, onLoop(() -> loop.selector().keys().size()));
    pipe.sink().close();
  }

  @Test
  @DisplayName("loop: toString says which channel, and who waits in which direction")
  void text() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(loop, pipe.source());
    assertTrue(readiness.toString().contains("SourceChannel"), readiness.toString());
    assertTrue(readiness.toString().endsWith("read IDLE, write IDLE)"), readiness.toString());
    readiness.close();
    assertTrue(readiness.toString().endsWith("read CLOSED, write CLOSED)"), readiness.toString());
    pipe.sink().close();
  }

  @Test
  @DisplayName("IO-SL10 loop: reaped opens after the selection that deregisters, not before it")
  void reapedAfterTheSelection() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Readiness readiness = new Readiness(loop, pipe.source());
    CompletableFuture<Boolean> registered = new CompletableFuture<>();
    onLoop(
        () -> {
          readiness.readable().install(new CountingWaiter());
          assertTrue(pipe.source().isRegistered());
          readiness.close();
          assertTrue(pipe.source().isRegistered());
          readiness.reaped().install(() -> registered.complete(pipe.source().isRegistered()));
          return null;
        });
    assertFalse(registered.get(30, TimeUnit.SECONDS));
    pipe.sink().close();
  }
}
