package dev.tercet.internal.loop;

import dev.tercet.internal.task.NonBlockingThread;
import org.jspecify.annotations.Nullable;

/** The thread of a {@link SelectorLoop}: how code finds out on which loop it runs. */
public final class LoopThread extends Thread implements NonBlockingThread {
  private final SelectorLoop loop;

  LoopThread(SelectorLoop loop, Runnable body) {
    super(null, body, loop.name(), 0, false);
    this.loop = loop;
    setDaemon(true);
  }

  /**
   * The loop that the calling thread is.
   *
   * @return null on any other thread
   */
  public static @Nullable SelectorLoop currentLoop() {
    return Thread.currentThread() instanceof LoopThread thread ? thread.loop : null;
  }
}
