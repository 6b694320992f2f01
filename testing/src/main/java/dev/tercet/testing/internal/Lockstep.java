package dev.tercet.testing.internal;

import java.nio.ByteBuffer;

/**
 * A pipe that buffers nothing: the machine of the lockstep streams. A send is over when every byte
 * of it has been returned by a receive.
 *
 * <p>What is being sent stays in the sender's own buffer, behind a view of it, until a receiver
 * takes it. The view must be gone before the send returns, since the buffer is the caller's: {@link
 * #withdraw} takes it back (KIT-L9), and {@link #closeSender} replaces it with a copy, for what a
 * closed sender has left unread is still delivered (KIT-L5).
 *
 * <p>States: sender open or closed, receiver open or closed, each way only. With the sender closed
 * and nothing unread the receiver is at the end, for ever. With the receiver closed every send is
 * broken, for ever.
 *
 * <p>Not thread-safe; the caller holds the lock of its {@link Room}.
 */
final class Lockstep {
  /** What became of a send. */
  enum SendState {
    UNREAD,
    DONE,
    CLOSED,
    BROKEN
  }

  /** The result of {@link #take} at the end. */
  static final int END = -1;

  private ByteBuffer unread = ByteBuffer.allocate(0);
  private boolean senderClosed;
  private boolean receiverClosed;
  private boolean receiverWaiting;

  /** Whether the last send had been read to its end when the sender was closed. */
  private boolean readBeforeClose;

  /** Offers data, which is not copied. Nothing else is unread. */
  void offer(ByteBuffer data) {
    unread = data.duplicate();
  }

  /** The state of a send that has not begun: whether it may. */
  SendState beforeSend() {
    if (senderClosed) {
      return SendState.CLOSED;
    }
    return receiverClosed ? SendState.BROKEN : SendState.DONE;
  }

  /**
   * The state of the send that {@link #offer} began. All bytes consumed is success, come what may.
   */
  SendState sendState() {
    if (senderClosed ? readBeforeClose : !unread.hasRemaining()) {
      return SendState.DONE;
    }
    if (senderClosed) {
      return SendState.CLOSED;
    }
    return receiverClosed ? SendState.BROKEN : SendState.UNREAD;
  }

  /** Takes back what is unread. A closed sender has nothing to take back: it has left a copy. */
  void withdraw() {
    if (!senderClosed) {
      unread = ByteBuffer.allocate(0);
    }
  }

  /** Whether waiting for writability is over: a receiver waits, or somebody has closed. */
  boolean isWritable() {
    return senderClosed || receiverClosed || receiverWaiting;
  }

  boolean isSenderClosed() {
    return senderClosed;
  }

  boolean isReceiverClosed() {
    return receiverClosed;
  }

  void setReceiverWaiting(boolean waiting) {
    receiverWaiting = waiting;
  }

  boolean isReceivable() {
    return receiverClosed || senderClosed || unread.hasRemaining();
  }

  /** Moves bytes into the buffer, which has room: their number, 0 for none yet, {@link #END}. */
  int take(ByteBuffer into) {
    int count = Math.min(into.remaining(), unread.remaining());
    if (count == 0) {
      return senderClosed ? END : 0;
    }
    int limit = unread.limit();
    into.put(unread.limit(unread.position() + count));
    unread.limit(limit);
    return count;
  }

  void closeSender() {
    if (senderClosed) {
      return;
    }
    senderClosed = true;
    readBeforeClose = !unread.hasRemaining();
    unread = ByteBuffer.allocate(unread.remaining()).put(unread).flip();
  }

  void closeReceiver() {
    receiverClosed = true;
    receiverWaiting = false;
  }
}
