package dev.tercet.internal.dtls;

import dev.tercet.internal.dtls.bouncycastle.HandshakeThreads;
import dev.tercet.internal.thread.LibraryThreads;
import dev.tercet.internal.thread.VirtualThreads;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for engines, as many as there may be handshakes at a time, virtual where the JVM has
 * them.
 *
 * <p>An engine holds its thread until its handshake ends, also while it waits for the network. So
 * the limit is the limit of half-open handshakes: there is no queue, since a hello that has to wait
 * is better dropped, and repeated by its sender. After a second without work a thread ends.
 */
public final class PooledThreads implements HandshakeThreads, AutoCloseable {
  private static final int LINGER_SECONDS = 1;

  private final ThreadPoolExecutor executor;

  /**
   * Makes a pool without threads.
   *
   * @param most how many engines may run at a time, 1 or more
   */
  public PooledThreads(int most) {
    executor =
        new ThreadPoolExecutor(
            0, most, LINGER_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), threads());
  }

  @Override
  public boolean tryStart(Runnable body, Runnable atEnd) {
    try {
      executor.execute(
          () -> {
            try {
              body.run();
            } finally {
              atEnd.run();
            }
          });
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // The second is how the JVM says that the system has no more threads.
      return false;
    }
  }

  @Override
  public boolean isLockStep() {
    return false;
  }

  /**
   * How many engines have not ended.
   *
   * @return 0 or more
   */
  public int alive() {
    return executor.getActiveCount();
  }

  /** Takes no more engines. Those that run are ended by their sessions. */
  @Override
  public void close() {
    executor.shutdown();
  }

  private static ThreadFactory threads() {
    ThreadFactory virtual = VirtualThreads.factory();
    if (virtual != null) {
      return virtual;
    }
    AtomicInteger count = new AtomicInteger();
    return body -> LibraryThreads.make("tercet-dtls-handshake-" + count.incrementAndGet(), body);
  }
}
