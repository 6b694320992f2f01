package dev.tercet.internal.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DiskThreadsTest {
  private final DiskThreads threads = new DiskThreads();

  @Test
  @DisplayName("FILE-S4 disk threads: 40 tasks run at a time, the next one when one of them ends")
  void limit() throws Exception {
    Semaphore started = new Semaphore(0);
    Semaphore go = new Semaphore(0);
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 41; i++) {
      threads.execute(
          () -> {
            used.add(Thread.currentThread());
            started.release();
            go.acquireUninterruptibly();
          });
    }
    started.acquire(40);
    assertEquals(40, used.size());
    go.release();
    started.acquire();
    assertEquals(40, used.size());
    go.release(40);
    assertTrue(used.stream().allMatch(Thread::isDaemon));
  }

  @Test
  @DisplayName(
      "FILE-S4 disk threads: tasks one after the other share a thread, also an interrupted one")
  void reuse() throws Exception {
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 100; i++) {
      CountDownLatch ended = new CountDownLatch(1);
      threads.execute(
          () -> {
            used.add(Thread.currentThread());
            Thread.currentThread().interrupt();
            ended.countDown();
          });
      ended.await();
      while (threads.idle() == 0) {
        Thread.onSpinWait();
      }
    }
    assertEquals(1, used.size());
  }
}
