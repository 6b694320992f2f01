package dev.tercet.internal.net;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Direct buffers for reads whose result is an array of the right size: taken for the one system
 * call and given back before anything can wait, so that no idle connection holds one.
 */
final class Scratch {
  static final int BYTES = 65_536;

  /** As many as can be in use at once, about; more are left to the collector. */
  private static final int MAX_KEPT = 2 * Runtime.getRuntime().availableProcessors();

  private static final ConcurrentLinkedQueue<ByteBuffer> FREE = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger KEPT = new AtomicInteger();

  private Scratch() {}

  static ByteBuffer take() {
    ByteBuffer buffer = FREE.poll();
    if (buffer == null) {
      return ByteBuffer.allocateDirect(BYTES);
    }
    KEPT.decrementAndGet();
    return buffer.clear();
  }

  static void giveBack(ByteBuffer buffer) {
    if (KEPT.incrementAndGet() <= MAX_KEPT) {
      FREE.add(buffer);
    } else {
      KEPT.decrementAndGet();
    }
  }
}
