package dev.tercet.internal.loop;

import dev.tercet.internal.log.Log;
import dev.tercet.proto.TimerTable;
import dev.tercet.proto.TimerTable.Timer;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * How a loop ends in good order.
 *
 * <p><b>The problem.</b> Whoever waits for a channel of the loop must hear that it is closed, on
 * whatever thread he waits; and coroutines that run on the loop must still have their turns then,
 * for their {@code finally} to run.
 *
 * <p><b>The strategy.</b> All channels are closed first, so that whoever waits for them ends with
 * "closed"; then their coroutines run, for a bounded number of turns, counted and not timed. A loop
 * of a group then waits until the others have closed their channels too: a coroutine of this loop
 * may wait for a channel of another. Then it takes its last turns, and the thread ends. Timers that
 * are still pending move to a shared loop: their tasks run at their time.
 *
 * <p><i>Thread-safety:</i> the loop's thread, but for {@link #sayChannelsClosed}.
 */
final class ClosingPass {
  private static final Log LOG = Log.of("dev.tercet.loop");

  private static final int CLOSING_TURNS = 1024;

  private final SelectorLoop loop;
  private final Supplier<SelectorLoop> heir;
  private final AtomicBoolean saidChannelsClosed = new AtomicBoolean();

  /** Nothing is left to do of its own: it may sleep. */
  private boolean waitingForGroup;

  ClosingPass(SelectorLoop loop, Supplier<SelectorLoop> heir) {
    this.loop = loop;
    this.heir = heir;
  }

  /** The turns of a closing loop, until nobody needs another. */
  void run() throws IOException {
    takeClosingTurns();
    sayChannelsClosed();
    // Others of the group may still have to wake coroutines that run here.
    waitingForGroup = true;
    while (mustWaitForGroup()) {
      closeChannelsAndTurn();
    }
    waitingForGroup = false;
    takeClosingTurns();
  }

  private void takeClosingTurns() throws IOException {
    for (int i = 0; i < CLOSING_TURNS && closeChannelsAndTurn(); i++) {}
  }

  /** Returns whether there may be more to do. */
  private boolean closeChannelsAndTurn() throws IOException {
    closeChannels();
    loop.turn();
    return loop.hasWork();
  }

  /**
   * Asked again right before the loop sleeps: the task by which the last one of the group wakes the
   * others may have been taken out of the queue by this very turn, and there is no second one.
   */
  boolean mustWaitForGroup() {
    LoopGroup group = loop.groupOrNull();
    return waitingForGroup && group != null && !group.areChannelsClosed();
  }

  /** Tells the group, once. Any thread: a loop that never began is closed by its closer. */
  void sayChannelsClosed() {
    LoopGroup group = loop.groupOrNull();
    if (group != null && saidChannelsClosed.compareAndSet(false, true)) {
      group.channelsClosed();
    }
  }

  void closeChannels() {
    for (SelectionKey key : loop.keys()) {
      if (key.attachment() instanceof Readiness readiness) {
        readiness.close();
      }
    }
  }

  /** Hands the timers that are left to the heir. */
  void bequeath(TimerTable<LoopTimer<?>> timers) {
    for (Timer<LoopTimer<?>> timer = timers.first(); timer != null; timer = timers.first()) {
      timers.remove(timer);
      SelectorLoop heir = this.heir.get();
      try {
        // A shared loop that has failed is its own heir.
        if (heir != loop && timer.value().moveTo(heir)) {
          continue;
        }
      } catch (Throwable e) {
        LOG.error(e, "event loop ", heir.name(), " cannot take over timers");
      }
      timer.value().cancel(false);
    }
  }
}
