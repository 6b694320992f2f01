package dev.tercet.internal.loop;

import dev.tercet.internal.log.Log;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The channels that a selection has found ready.
 *
 * <p>A selection with a consumer saves the set of selected keys and its garbage. But a close that
 * selects again from inside it throws, so no user code may run there: channels are only collected,
 * and handled when the selection is over. The ready operations of a key that another thread has
 * just cancelled throw too.
 *
 * <p><i>Thread-safety:</i> the loop's thread.
 */
final class ReadyChannels implements Consumer<SelectionKey> {
  private static final Log LOG = Log.of("dev.tercet.loop");

  private final String loop;
  private Readiness[] channels = new Readiness[64];
  private int[] ops = new int[64];
  private int count;

  ReadyChannels(String loop) {
    this.loop = loop;
  }

  /** Runs inside the selection: collects, and runs nothing of anybody's. */
  @Override
  public void accept(SelectionKey key) {
    int readyOps;
    try {
      readyOps = key.readyOps();
    } catch (CancelledKeyException e) {
      return;
    }
    if (count == channels.length) {
      channels = Arrays.copyOf(channels, count * 2);
      ops = Arrays.copyOf(ops, count * 2);
    }
    channels[count] = (Readiness) key.attachment();
    ops[count] = readyOps;
    count++;
  }

  /** Handles what was collected. Returns how many there were. */
  @SuppressWarnings("NullAway") // slots below count are filled, and emptied here for the collector
  int handle() {
    int handled = count;
    for (int i = 0; i < handled; i++) {
      Readiness readiness = channels[i];
      channels[i] = null;
      try {
        Thread.interrupted();
        readiness.onEvents(ops[i]);
      } catch (Throwable e) {
        LOG.error(e, "event loop ", loop, ": a waiter failed");
      }
    }
    count = 0;
    return handled;
  }

  /** Forgets what was collected: it is found again, since readiness is level-triggered. */
  void clear() {
    Arrays.fill(channels, null);
    count = 0;
  }
}
