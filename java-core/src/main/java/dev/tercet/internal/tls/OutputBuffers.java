package dev.tercet.internal.tls;

import dev.tercet.proto.tls.TlsBuffers;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory that TLS sessions use for the time of an operation. On the heap, since the JDK's engine
 * works on arrays, and copies what is not one.
 *
 * <p>A buffer does not come back when sending it has failed: the transport may have it still.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class OutputBuffers implements TlsBuffers {
  /** Those of all sessions. */
  public static final OutputBuffers SHARED = new OutputBuffers();

  /** A batch of records; smaller wishes get one too. */
  private static final int BYTES = 68 * 1024;

  /** As many as can be in use at once, about; more are left to the collector. */
  private static final int MAX_KEPT = 4 * Runtime.getRuntime().availableProcessors();

  private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
  private final AtomicInteger kept = new AtomicInteger();
  private final AtomicInteger lent = new AtomicInteger();

  private OutputBuffers() {}

  /**
   * How many were taken and have not come back, to look for those that are lost.
   *
   * @return a number that only differences of mean something
   */
  public int lent() {
    return lent.get();
  }

  @Override
  public ByteBuffer take(int atLeast) {
    lent.incrementAndGet();
    if (atLeast > BYTES) {
      return ByteBuffer.allocate(atLeast);
    }
    ByteBuffer buffer = free.poll();
    if (buffer == null) {
      return ByteBuffer.allocate(BYTES);
    }
    kept.decrementAndGet();
    return buffer.clear();
  }

  @Override
  public void giveBack(ByteBuffer buffer) {
    lent.decrementAndGet();
    if (buffer.capacity() != BYTES) {
      return;
    }
    if (kept.incrementAndGet() <= MAX_KEPT) {
      free.add(buffer);
    } else {
      kept.decrementAndGet();
    }
  }
}
