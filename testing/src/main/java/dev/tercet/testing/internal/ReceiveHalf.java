package dev.tercet.testing.internal;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A memory receive stream without its waiting: what both front ends share. */
public final class ReceiveHalf {
  final Room room = new Room();

  /** Guarded by room. */
  final Mailbox incoming = new Mailbox();

  private final Exclusive receiving = new Exclusive("another task is receiving");

  private final WaitPlace receivable = room.until(incoming::isReady);
  private final WaitPlace closed = room.until(incoming::isDiscarded);

  /** Makes an open one with nothing in it. */
  public ReceiveHalf() {}

  /** Receiving: one at a time (KIT-M19). */
  public Exclusive receiving() {
    return receiving;
  }

  /**
   * Checks an argument.
   *
   * @param into where bytes are to go
   * @throws IllegalArgumentException when it is full
   */
  public static void checkRoom(ByteBuffer into) {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("the buffer to receive into is full");
    }
  }

  /**
   * Refuses when closed.
   *
   * @throws IOException Closed, when this is closed
   */
  public void checkOpen() throws IOException {
    room.step(
        () -> {
          throwIfClosed();
          return true;
        });
  }

  /**
   * Takes bytes if there are any.
   *
   * @param into has room
   * @return how many; 0 when there are none yet; -1 at the end
   * @throws IOException Closed, when this is closed: never a false end
   */
  public int take(ByteBuffer into) throws IOException {
    return room.step(
        () -> {
          throwIfClosed();
          return incoming.take(into);
        });
  }

  /**
   * Takes all bytes that there are.
   *
   * @return at least one byte; empty at the end; null when there are none yet
   * @throws IOException Closed, when this is closed
   */
  public byte @Nullable [] takeAll() throws IOException {
    // Nobody waits for bytes to go away, so nobody has to be woken.
    synchronized (room) {
      throwIfClosed();
      return incoming.isReady() ? incoming.take(Integer.MAX_VALUE) : null;
    }
  }

  /**
   * Appends to the incoming bytes and wakes the reader.
   *
   * @param data copied
   * @throws IOException Closed, when this was ended or closed (KIT-M16)
   */
  public void put(ByteBuffer data) throws IOException {
    room.step(
        () -> {
          throwIfClosed();
          if (!incoming.put(data)) {
            throw new ClosedResourceException("the end of this memory stream was put before");
          }
          return true;
        });
  }

  /** No more bytes will come. Idempotent, and harmless on a closed stream (KIT-M17). */
  public void putEof() {
    room.change(incoming::end);
  }

  /** Closes: what is left is discarded, a reader gets Closed. Idempotent. */
  public void close() {
    room.change(incoming::discard);
  }

  /** Where to wait until {@link #take} has a result. */
  public WaitPlace receivable() {
    return receivable;
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
    return new ClosedResourceException("this memory receive stream was closed");
  }

  private void throwIfClosed() throws ClosedResourceException {
    if (incoming.isDiscarded()) {
      throw closedException();
    }
  }
}
