package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.StreamPair;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an operation of a socket stream allocates, in bytes counted by the JVM: a count, so that it
 * holds on a loaded machine, too. The twin for coroutines is {@code AllocationRealSocketSpec}.
 *
 * <p>The compiler removes some allocations, and it compiles when it gets to it. So batches are
 * counted until one of a bounded number of them is as it should be.
 */
@Timeout(120)
class AllocationRealSocketTest {
  private static final int OPERATIONS = 1_000;
  private static final int BATCHES = 300;
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private interface Batch {
    void run() throws Exception;
  }

  @Test
  @DisplayName("a send and a receive that need not wait allocate nothing")
  void readyPath() throws Exception {
    StreamPair pair = Net.socketStreamPair();
    try (var left = pair.left();
        var right = pair.right()) {
      ByteBuffer message = ByteBuffer.allocateDirect(64);
      assertAllocatesAtMost(
          0.5,
          "send and receive, ready",
          () -> {
            for (int i = 0; i < OPERATIONS; i++) {
              left.sendAll(message.clear());
              right.receiveSome(message.clear());
            }
          });
    }
  }

  @Test
  @DisplayName("a receive that waits allocates no more than a few small objects")
  void waitingPath() throws Exception {
    StreamPair pair = Net.socketStreamPair();
    try (var left = pair.left();
        var right = pair.right()) {
      InThread echo =
          InThread.start(
              () -> {
                ByteBuffer buffer = ByteBuffer.allocateDirect(64);
                while (right.receiveSome(buffer.clear()) != -1) {
                  right.sendAll(buffer.flip());
                }
              });
      ByteBuffer message = ByteBuffer.allocateDirect(64);
      assertAllocatesAtMost(
          200,
          "send, and receive the echo",
          () -> {
            for (int i = 0; i < OPERATIONS; i++) {
              left.sendAll(message.clear());
              left.receiveSome(message.clear());
            }
          });
      left.sendEof();
      assertNull(echo.outcome());
    }
  }

  private static void assertAllocatesAtMost(double bytes, String what, Batch batch)
      throws Exception {
    double least = Double.MAX_VALUE;
    for (int i = 0; i < BATCHES && least > bytes; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      batch.run();
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      least = Math.min(least, (double) allocated / OPERATIONS);
    }
    assertTrue(least <= bytes, what + ": " + least + " bytes each, not " + bytes + " at most");
  }
}
