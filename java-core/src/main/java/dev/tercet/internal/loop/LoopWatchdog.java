package dev.tercet.internal.loop;

import dev.tercet.internal.log.Log;
import dev.tercet.internal.thread.LibraryThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The debug switch {@code -Ddev.tercet.loop.watchdog=true}: logs, with the stack of the loop's
 * thread, whatever holds a loop for longer than a second. A number instead of {@code true} is the
 * limit in milliseconds. Off, it costs nothing.
 *
 * <p>One thread looks at all loops, four times per limit. Each stall is logged once.
 */
final class LoopWatchdog {
  private static final Log LOG = Log.of("dev.tercet.loop");
  private static final long LIMIT_NANOS =
      limitNanos(System.getProperty("dev.tercet.loop.watchdog"));
  private static final Set<SelectorLoop> LOOPS = ConcurrentHashMap.newKeySet();

  private LoopWatchdog() {}

  /** Whether loops have to say since when they have been busy. */
  static boolean isOn() {
    return LIMIT_NANOS > 0;
  }

  static void watch(SelectorLoop loop) {
    if (LIMIT_NANOS > 0) {
      LOOPS.add(loop);
      try {
        Watching.start();
      } catch (Throwable noThread) {
        LOG.error(noThread, "no thread for the watchdog of the event loops");
      }
    }
  }

  static void forget(SelectorLoop loop) {
    if (LIMIT_NANOS > 0) {
      LOOPS.remove(loop);
    }
  }

  static long limitNanos(@Nullable String setting) {
    if (setting == null || setting.equalsIgnoreCase("false")) {
      return 0;
    }
    if (setting.isEmpty() || setting.equalsIgnoreCase("true")) {
      return TimeUnit.SECONDS.toNanos(1);
    }
    try {
      return TimeUnit.MILLISECONDS.toNanos(Math.max(1, Long.parseLong(setting)));
    } catch (NumberFormatException e) {
      LOG.warn(
          "dev.tercet.loop.watchdog=",
          setting,
          " is neither true, false nor a number of milliseconds");
      return 0;
    }
  }

  /** Starts its thread when it is first touched. */
  private static final class Watching {
    static {
      LibraryThreads.make("tercet-loop-watchdog", Watching::run).start();
    }

    static void start() {}

    private static void run() {
      Set<SelectorLoop> reported = ConcurrentHashMap.newKeySet();
      while (true) {
        LockSupport.parkNanos(LIMIT_NANOS / 4);
        long now = System.nanoTime();
        for (SelectorLoop loop : LOOPS) {
          long busyNanos = loop.counters().busyNanos(now);
          if (busyNanos < LIMIT_NANOS) {
            reported.remove(loop);
          } else if (reported.add(loop)) {
            report(loop, busyNanos);
          }
        }
      }
    }

    private static void report(SelectorLoop loop, long busyNanos) {
      LoopThread thread = loop.thread();
      if (thread == null) {
        return;
      }
      StringBuilder text = new StringBuilder();
      text.append("event loop ").append(loop.name()).append(" has been held for ");
      text.append(TimeUnit.NANOSECONDS.toMillis(busyNanos)).append(" ms by");
      for (StackTraceElement frame : thread.getStackTrace()) {
        text.append("\n\tat ").append(frame);
      }
      LOG.warn(text);
    }
  }
}
