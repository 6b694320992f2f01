package dev.tercet.internal.net;

import dev.tercet.internal.loop.LoopExecutor;
import dev.tercet.internal.loop.SelectorLoop;
import java.security.SecureRandom;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The turns of an event loop.
 *
 * @param loop whose thread they run on
 */
record LoopSerialExecutor(SelectorLoop loop) implements SerialExecutor {
  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public boolean run(Runnable turn) {
    return loop.post(turn);
  }

  @Override
  public Alarm at(long atNanos, Runnable turn) {
    try {
      Future<?> due =
          new LoopExecutor(loop).schedule(turn, atNanos - nanoTime(), TimeUnit.NANOSECONDS);
      return () -> {
        boolean unused = due.cancel(false);
      };
    } catch (RejectedExecutionException closed) {
      // Its sockets are closed too, so there is nothing left that could be due.
      return () -> {};
    }
  }

  @Override
  public boolean isLockStep() {
    return false;
  }

  @Override
  public SecureRandom random() {
    return new SecureRandom();
  }
}
