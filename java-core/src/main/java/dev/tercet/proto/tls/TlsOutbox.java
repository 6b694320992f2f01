package dev.tercet.proto.tls;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Ciphertext on its way out, in the order in which it was encrypted. That is the only order in
 * which the peer can decrypt it, so there is one queue, whoever fills it, and what is taken out is
 * always all of it.
 *
 * <p>Positions count the bytes since the beginning of the session: {@code sent <= taken <=
 * produced}. A sender remembers what {@code produced} was when its own bytes were in, its
 * <em>mark</em>, and is done when {@code sent} has come so far, even if somebody else carried them.
 *
 * <p>Up to {@code urgent} the peer is waiting for the bytes: the handshake, an alert. Beyond it
 * they are lazy: session tickets and answers to key updates wait for the next bytes that are sent
 * for their own sake, so that receiving does not have to send, and a peer that never reads them
 * blocks nobody.
 *
 * <p>Data is not put behind urgent bytes, but into the next batch (spec TLS-B12): whoever carries
 * them is done when the peer has them, and need not wait for it to take data too. Over a transport
 * that stores nothing two sides would wait for each other so: each for the other to take its data.
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class TlsOutbox {
  /** More than this is sent in the middle of a long send: four records of the JDK's engine. */
  static final int BATCH_BYTES = 68 * 1024;

  /** So many lazy bytes, and they are no longer lazy: a peer can ask for answers without end. */
  static final int MAX_LAZY_BYTES = 64 * 1024;

  /**
   * So many lazy records, and they are no longer lazy: a peer that has a limit for records without
   * data in a row, as this side has, must not find it exceeded by answers to its own key updates.
   */
  static final int MAX_LAZY_RECORDS = 16;

  /** So many lazy bytes are laid by at most; a peer who asks for more answers is not idle. */
  private static final int MAX_LAID_BY_BYTES = 16 * 1024;

  private static final byte[] NOTHING = {};

  private TlsBuffers buffers;
  private @Nullable ByteBuffer filling;

  /** What comes before it: lazy bytes that have waited since the last {@link #trim}. */
  private byte[] laidBy = NOTHING;

  private long produced;
  private long taken;
  private long sent;
  private long urgent;
  private int lazyBytes;
  private int lazyRecords;

  /** A send has failed: nothing gets out any more. */
  private boolean lost;

  TlsOutbox(TlsBuffers buffers) {
    this.buffers = buffers;
  }

  /** From now on; before the first record. */
  void use(TlsBuffers buffers) {
    this.buffers = buffers;
  }

  /** Where memory comes from, also for what is received. */
  TlsBuffers buffers() {
    return buffers;
  }

  /** Whether a record fits without making the batch larger than it should be. */
  boolean hasRoom(int bytes) {
    return isEmpty()
        || (filling == null ? BATCH_BYTES - laidBy.length : filling.remaining()) >= bytes;
  }

  /** Where to put the next record; then call {@link #filled}. */
  ByteBuffer space(int bytes) {
    ByteBuffer now = filling;
    if (now == null) {
      now = buffers.take(Math.max(laidBy.length + bytes, BATCH_BYTES)).put(laidBy);
      laidBy = NOTHING;
    } else if (now.remaining() < bytes) {
      ByteBuffer larger = buffers.take(now.position() + Math.max(bytes, now.capacity()));
      larger.put(now.flip());
      buffers.giveBack(now);
      now = larger;
    }
    filling = now;
    return now;
  }

  /** Counts what was put in that the peer waits for, or that somebody will flush by its mark. */
  void filled(int bytes) {
    produced += bytes;
    if (lost) {
      discard();
    }
  }

  /** Counts what was put in that can wait. */
  void filledLazily(int bytes) {
    produced += bytes;
    lazyBytes += bytes;
    lazyRecords++;
    if (lost) {
      discard();
    } else if (lazyBytes > MAX_LAZY_BYTES || lazyRecords > MAX_LAZY_RECORDS) {
      makeUrgent();
    }
  }

  /** Takes the last bytes back, which were put in since the last {@link #take}. */
  void unfill(int bytes) {
    if (filling != null && !lost) {
      filling.position(filling.position() - bytes);
      produced -= bytes;
    }
  }

  void makeUrgent() {
    urgent = produced;
  }

  long mark() {
    return produced;
  }

  long urgentMark() {
    return urgent;
  }

  boolean hasUrgent() {
    return urgent > sent;
  }

  boolean isEmpty() {
    return produced == taken;
  }

  /** Whether the last of what is in it is something that the peer is waiting for. */
  boolean endsUrgently() {
    return urgent == produced && !isEmpty();
  }

  /**
   * Takes everything out.
   *
   * @return to be handed back to {@link #sent}; null when there is nothing
   */
  @Nullable ByteBuffer take() {
    ByteBuffer full = laidBy.length > 0 ? space(0) : filling;
    if (full == null) {
      return null;
    }
    filling = null;
    if (full.position() == 0) {
      buffers.giveBack(full);
      return null;
    }
    taken = produced;
    lazyBytes = 0;
    lazyRecords = 0;
    return full.flip();
  }

  /** What was taken has been sent: all of it, since one batch is out at a time. */
  void sent(ByteBuffer batch) {
    sent = taken;
    buffers.giveBack(batch);
  }

  boolean isSent(long mark) {
    return sent >= mark;
  }

  /**
   * Gives the memory back, unless there is something in it that is about to be sent: tickets may
   * lie here for as long as the connection is idle (spec TLS-R3).
   */
  void trim() {
    if (filling != null && filling.position() == lazyBytes && lazyBytes <= MAX_LAID_BY_BYTES) {
      laidBy = new byte[lazyBytes];
      buffers.giveBack(filling.flip().get(laidBy).clear());
      filling = null;
    }
  }

  /**
   * Forgets everything, now and from now on: a send has failed, and the peer could not decrypt what
   * comes after the gap. Nothing is urgent any more, so that receiving goes on without sending.
   */
  void lose() {
    lost = true;
    discard();
  }

  boolean isLost() {
    return lost;
  }

  /** Forgets everything, since it will not be sent any more. */
  void discard() {
    if (filling != null) {
      buffers.giveBack(filling.clear());
      filling = null;
    }
    laidBy = NOTHING;
    lazyBytes = 0;
    lazyRecords = 0;
    taken = produced;
    sent = produced;
    urgent = produced;
  }
}
