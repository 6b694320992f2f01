package dev.tercet.internal.loop;

import dev.tercet.internal.log.Log;
import java.util.concurrent.locks.LockSupport;

/**
 * What a loop does after a turn that has failed: the system's selection did, or memory was short.
 * All channels move to a new selector, so that no connection is lost. When there is none to be had,
 * the turn is tried again with the old one.
 *
 * <p><i>Thread-safety:</i> loop thread only.
 */
final class FailedTurns {
  private static final Log LOG = Log.of("dev.tercet.loop");

  /** So many turns in a row may fail before the channels are closed. */
  private static final int TURNS_BEFORE_CHANNELS_CLOSE = 8;

  /** Between turns that fail one after the other: 10 ms, then twice as long, up to 0.64 s. */
  private static final long FIRST_PAUSE_NANOS = 10_000_000;

  private static final int MAX_PAUSE_DOUBLINGS = 6;

  private final SelectorLoop loop;
  private final ClosingPass ending;
  private int inARow;

  FailedTurns(SelectorLoop loop, ClosingPass ending) {
    this.loop = loop;
    this.ending = ending;
  }

  /** A turn has not failed. */
  void none() {
    inARow = 0;
  }

  /** A turn has failed. */
  void recover(Throwable failure) {
    inARow++;
    LOG.error(failure, "event loop ", loop.name(), ": a turn failed; going on");
    try {
      loop.forgetTurn();
      if (inARow == TURNS_BEFORE_CHANNELS_CLOSE) {
        // One of them may be the reason; and nobody may wait for ever.
        ending.closeChannels();
      }
      if (inARow > 1) {
        long doublings = Math.min(inARow - 2, MAX_PAUSE_DOUBLINGS);
        LockSupport.parkNanos(FIRST_PAUSE_NANOS << doublings);
      }
      loop.moveToNewSelector();
    } catch (Throwable e) {
      LOG.error(e, "event loop ", loop.name(), " cannot open another selector");
    }
  }
}
