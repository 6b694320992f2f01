package dev.tercet.internal.tls;

import dev.tercet.proto.tls.TlsBuffers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import javax.net.ssl.SSLEngine;

/**
 * Memory that TLS sessions use for the time of an operation: on the heap for engines in Java, such
 * as the JDK's, which work on arrays and copy what is not one; direct for native engines, which
 * copy what is one.
 *
 * <p>A buffer does not come back when sending it has failed: the transport may have it still.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class OutputBuffers implements TlsBuffers {
  /** Arrays, of all sessions. */
  public static final OutputBuffers HEAP = new OutputBuffers(ByteBuffer::allocate);

  /** Not arrays, of all sessions. */
  public static final OutputBuffers DIRECT = new OutputBuffers(ByteBuffer::allocateDirect);

  /** Where native engines are from. A mistake costs a copy, nothing else. */
  private static final List<String> NATIVE = List.of("org.conscrypt.", "io.netty.handler.ssl.");

  /** A batch of records; smaller wishes get one too. */
  private static final int BYTES = 68 * 1024;

  /** As many as can be in use at once, about; more are left to the collector. */
  private static final int MAX_KEPT = 4 * Runtime.getRuntime().availableProcessors();

  private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
  private final AtomicInteger kept = new AtomicInteger();
  private final AtomicInteger lent = new AtomicInteger();

  private final IntFunction<ByteBuffer> allocate;

  private OutputBuffers(IntFunction<ByteBuffer> allocate) {
    this.allocate = allocate;
  }

  /**
   * The memory that an engine works on best.
   *
   * @return {@link #HEAP} or {@link #DIRECT}
   */
  static OutputBuffers of(SSLEngine engine) {
    String name = engine.getClass().getName();
    return NATIVE.stream().anyMatch(name::startsWith) ? DIRECT : HEAP;
  }

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
      return allocate.apply(atLeast);
    }
    ByteBuffer buffer = free.poll();
    if (buffer == null) {
      return allocate.apply(BYTES);
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
