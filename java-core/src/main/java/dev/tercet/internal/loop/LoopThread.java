package dev.tercet.internal.loop;

import dev.tercet.internal.thread.LibraryThreads;
import dev.tercet.internal.wait.NonBlockingThread;
import org.jspecify.annotations.Nullable;

/** The thread of a {@link SelectorLoop}: how code finds out on which loop it runs. */
public final class LoopThread extends Thread implements NonBlockingThread {
  private final SelectorLoop loop;

  private LoopThread(ThreadGroup group, SelectorLoop loop, Runnable body) {
    super(group, body, loop.name(), 0, false);
    this.loop = loop;
  }

  static LoopThread make(SelectorLoop loop, Runnable body) {
    return LibraryThreads.make(group -> new LoopThread(group, loop, body));
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
