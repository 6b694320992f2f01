package dev.tercet.testing.internal;

import dev.tercet.BrokenResourceException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Moves what was sent on one memory stream to where another receives it. Never waits.
 *
 * <p>Taking and putting are one step under both locks: a close that pumps while a send is pumping
 * must not put the end before the bytes.
 */
public final class Pump {
  private enum Moved {
    NOTHING,
    BYTES,
    END,
    INTO_THE_VOID
  }

  private Pump() {}

  /**
   * Moves some bytes, or the end.
   *
   * @param maxBytes how many at most, at least 1
   * @return false only when {@code from} is open and empty (KIT-M20, KIT-M21)
   * @throws IOException Broken, when {@code to} is closed; the bytes are gone (KIT-M22)
   */
  public static boolean pump(SendHalf from, ReceiveHalf to, int maxBytes) throws IOException {
    SendHalf.checkMaxBytes(maxBytes);
    Moved moved = move(from, to, maxBytes);
    if (moved == Moved.INTO_THE_VOID) {
      throw new BrokenResourceException("the receiving end of this memory stream was closed", null);
    }
    return moved != Moved.NOTHING;
  }

  /**
   * Moves everything that is left of a closed stream, and then the end (KIT-M23). What a receiver
   * that has closed no longer wants is dropped: closing a stream whose peer is gone is no error.
   *
   * @param from a closed one
   */
  public static void pumpToTheEnd(SendHalf from, ReceiveHalf to) {
    while (move(from, to, Integer.MAX_VALUE) != Moved.END) {
      if (!from.isTakeable()) {
        return; // not closed at all: the hook was called by hand
      }
    }
  }

  private static Moved move(SendHalf from, ReceiveHalf to, int maxBytes) {
    return Room.changeBoth(
        from.room,
        to.room,
        () -> {
          if (!from.outgoing.isReady()) {
            return Moved.NOTHING;
          }
          byte[] bytes = from.outgoing.take(maxBytes);
          if (bytes.length == 0) {
            to.incoming.end();
            return Moved.END;
          }
          return to.incoming.put(ByteBuffer.wrap(bytes)) ? Moved.BYTES : Moved.INTO_THE_VOID;
        });
  }
}
