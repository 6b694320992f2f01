package dev.tercet.internal.net;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Direct buffers for reads whose result is an array of the right size, or part of a datagram: taken
 * for the one system call and given back before anything can wait, so that no idle socket holds
 * one.
 */
public final class Scratch {
  /** The size of each; longer than any datagram. */
  public static final int BYTES = 65_536;

  /** As many as can be in use at once, about; more are left to the collector. */
  private static final int MAX_KEPT = 2 * Runtime.getRuntime().availableProcessors();

  private static final ConcurrentLinkedQueue<ByteBuffer> FREE = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger KEPT = new AtomicInteger();

  private Scratch() {}

  /**
   * Takes a buffer out.
   *
   * @return empty, with {@link #BYTES} of room
   */
  public static ByteBuffer take() {
    ByteBuffer buffer = FREE.poll();
    if (buffer == null) {
      return ByteBuffer.allocateDirect(BYTES);
    }
    KEPT.decrementAndGet();
    return buffer.clear();
  }

  /**
   * Puts a buffer back.
   *
   * @param buffer one that was taken, and that nobody uses any more
   */
  public static void giveBack(ByteBuffer buffer) {
    if (KEPT.incrementAndGet() <= MAX_KEPT) {
      FREE.add(buffer);
    } else {
      KEPT.decrementAndGet();
    }
  }
}
