package dev.tercet.testing.internal;

import dev.tercet.proto.ByteQueue;
import java.nio.ByteBuffer;

/**
 * Bytes that one side puts in and another takes out: the machine of the memory streams. Unbounded:
 * a test that wants back-pressure asks for it with a hook.
 *
 * <p>States: OPEN, bytes go in and out; ENDED, what is left comes out, then the end, again and
 * again; DISCARDED, ended and emptied. Transitions: OPEN to ENDED by {@link #end}, OPEN or ENDED to
 * DISCARDED by {@link #discard}. Absorbing: ENDED with nothing left, and DISCARDED.
 *
 * <p>Not thread-safe; the caller holds the lock of its {@link Room}.
 */
final class Mailbox {
  /** The result of {@link #take(ByteBuffer)} at the end. */
  static final int END = -1;

  private final ByteQueue bytes = new ByteQueue();
  private boolean ended;
  private boolean discarded;

  /** Appends all remaining bytes; false, and nothing appended, when this has ended. */
  boolean put(ByteBuffer data) {
    if (ended) {
      return false;
    }
    bytes.append(data);
    return true;
  }

  /** No more bytes will come. Idempotent. */
  void end() {
    ended = true;
  }

  /** No more bytes will come, and nobody wants those that are here. Idempotent. */
  void discard() {
    ended = true;
    discarded = true;
    bytes.clear();
  }

  boolean hasEnded() {
    return ended;
  }

  boolean isDiscarded() {
    return discarded;
  }

  /** Whether {@link #take(ByteBuffer)} has a result: bytes, or the end. */
  boolean isReady() {
    return ended || !bytes.isEmpty();
  }

  /** Moves bytes into the buffer, which has room: their number, 0 for none yet, {@link #END}. */
  int take(ByteBuffer into) {
    return bytes.isEmpty() && ended ? END : bytes.take(into);
  }

  /** Takes up to {@code maxBytes}; empty when there are none. */
  byte[] take(int maxBytes) {
    return bytes.take(maxBytes);
  }
}
