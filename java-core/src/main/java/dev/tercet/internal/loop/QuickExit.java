package dev.tercet.internal.loop;

import dev.tercet.internal.thread.LibraryThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Lets the JVM end at once although its loops sleep in the kernel.
 *
 * <p><b>The problem.</b> When it ends, HotSpot waits up to 300 ms for threads that run native code
 * ({@code VM_Exit::wait_for_threads_in_native_to_block}). A loop that has nothing to do is in its
 * selection, which is native code, so every program that has used a loop ended 0.3 s late.
 *
 * <p><b>The strategy.</b> When the JVM begins to shut down, each loop that runs gets a timer of 5
 * ms. Its selections end with the timer, and HotSpot stops the thread on its way back. The loops
 * keep running: other shutdown hooks run at the same time, and may wait for a server's drain.
 *
 * <p>Threads of programs that sleep in a selector of their own ({@link PrivatePoll}) are not ours
 * to wake.
 */
final class QuickExit {
  private static final long LONGEST_SLEEP_MILLIS = 5;

  /** Those that have not been closed. */
  private static final Set<LoopGroup> GROUPS = ConcurrentHashMap.newKeySet();

  static {
    try {
      Runtime.getRuntime()
          .addShutdownHook(LibraryThreads.make("tercet-exit", QuickExit::shortenSleep));
    } catch (IllegalStateException e) {
      // The JVM is shutting down already: it ends late.
    }
  }

  private QuickExit() {}

  static void watch(LoopGroup group) {
    GROUPS.add(group);
  }

  static void forget(LoopGroup group) {
    GROUPS.remove(group);
  }

  private static void shortenSleep() {
    for (LoopGroup group : GROUPS) {
      for (SelectorLoop loop : group.loops()) {
        if (loop.counters().turns() > 0 || loop.counters().tasks() > 0) {
          shortenSleep(loop);
        }
      }
    }
  }

  private static void shortenSleep(SelectorLoop loop) {
    try {
      var unused =
          new LoopExecutor(loop)
              .scheduleWithFixedDelay(
                  () -> {}, LONGEST_SLEEP_MILLIS, LONGEST_SLEEP_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: its thread ends.
    }
  }
}
