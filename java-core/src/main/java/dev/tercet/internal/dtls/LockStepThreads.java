package dev.tercet.internal.dtls;

import dev.tercet.internal.dtls.bouncycastle.HandshakeThreads;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread for each engine, of which at most one runs, and only while its driver waits for it. So a
 * simulated network sees the same order each time, and its clock stands still meanwhile.
 */
public final class LockStepThreads implements HandshakeThreads {
  private final AtomicInteger alive = new AtomicInteger();

  /** Runs an engine, while everything else stands still. */
  static final class EngineThread extends Thread {
    EngineThread(Runnable body) {
      super(body, "tercet-dtls-lock-step");
      setDaemon(true);
    }
  }

  /** Makes threads as they are asked for, without a limit. */
  public LockStepThreads() {}

  @Override
  public boolean tryStart(Runnable body, Runnable atEnd) {
    alive.incrementAndGet();
    Thread thread =
        new EngineThread(
            () -> {
              try {
                body.run();
              } finally {
                alive.decrementAndGet();
                atEnd.run();
              }
            });
    thread.start();
    return true;
  }

  @Override
  public boolean isLockStep() {
    return true;
  }

  /**
   * How many engines have not ended.
   *
   * @return 0 or more
   */
  public int alive() {
    return alive.get();
  }
}
