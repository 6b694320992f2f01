package dev.tercet.testing.internal;

import dev.tercet.ClosedResourceException;
import dev.tercet.WouldBlockException;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A memory send stream without its waiting: what both front ends share. The only thing that they
 * add is how they wait, and how they run a hook.
 */
public final class SendHalf {
  final Room room = new Room();

  /** Guarded by room. */
  final Mailbox outgoing = new Mailbox();

  private final Exclusive sending = new Exclusive("another task is sending or waiting to send");
  private final Exclusive taking = new Exclusive("another task is getting data");

  private final WaitPlace closed = room.until(outgoing::hasEnded);
  private final WaitPlace takeable = room.until(outgoing::isReady);

  /** Makes an open one with nothing in it. */
  public SendHalf() {}

  /** Sending, or waiting to: one at a time (KIT-M2, KIT-M3). */
  public Exclusive sending() {
    return sending;
  }

  /** Getting data: one at a time (KIT-M11). */
  public Exclusive taking() {
    return taking;
  }

  /**
   * Appends to the outgoing bytes.
   *
   * @param data its position ends at its limit; not retained
   * @throws IOException Closed, and nothing is appended, when this is closed; for empty data too
   */
  public void put(ByteBuffer data) throws IOException {
    room.step(
        () -> {
          if (!outgoing.put(data)) {
            throw closedException();
          }
          return true;
        });
  }

  /**
   * Refuses when closed.
   *
   * @throws IOException Closed, when this is closed
   */
  public void checkOpen() throws IOException {
    room.step(
        () -> {
          if (outgoing.hasEnded()) {
            throw closedException();
          }
          return true;
        });
  }

  /** Closes: what is left can still be taken out. Idempotent. */
  public void close() {
    room.change(outgoing::end);
  }

  /**
   * Takes bytes out if there are any.
   *
   * @param maxBytes how many at most, at least 1
   * @return at least one byte; empty when this is closed and drained
   * @throws WouldBlockException when there is neither
   */
  public byte[] takeNow(int maxBytes) {
    checkMaxBytes(maxBytes);
    byte[][] taken = new byte[1][];
    room.change(
        () -> {
          if (!outgoing.isReady()) {
            throw new WouldBlockException("nothing has been sent");
          }
          taken[0] = outgoing.take(maxBytes);
        });
    return taken[0];
  }

  /**
   * Whether {@link #takeNow} would succeed.
   *
   * @return true when there are bytes, or this is closed
   */
  public boolean isTakeable() {
    synchronized (room) {
      return outgoing.isReady();
    }
  }

  /** Where to wait for {@link #isTakeable}. */
  public WaitPlace takeable() {
    return takeable;
  }

  /** Where to wait until this is closed. */
  public WaitPlace closed() {
    return closed;
  }

  /**
   * What everybody gets who uses this after it was closed.
   *
   * @return a fresh exception
   */
  public static ClosedResourceException closedException() {
    return new ClosedResourceException("this memory send stream was closed");
  }

  /**
   * Checks an argument.
   *
   * @throws IllegalArgumentException when it is below 1
   */
  public static void checkMaxBytes(int maxBytes) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, not " + maxBytes);
    }
  }
}
