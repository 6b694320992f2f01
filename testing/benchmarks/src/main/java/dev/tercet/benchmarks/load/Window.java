package dev.tercet.benchmarks.load;

import java.time.Duration;
import java.util.Locale;

/**
 * The time in which operations are counted, with the CPU time that the server and the load
 * generator took in it. The generator reads both clocks itself: it is the only one who knows when
 * the window opens, and another process would be told late.
 *
 * <p>CPU time comes from the process table, in steps of 10 ms on Linux: 1 % of a second.
 */
final class Window {
  private final ProcessHandle server;
  private final long warmNanos;
  private final long measureNanos;
  private final long begun = System.nanoTime();
  private long opened;
  private long closed;
  private long serverCpuNanos;
  private long loadCpuNanos;
  private boolean isOpen;

  private Window(ProcessHandle server, long warmMillis, long measureMillis) {
    this.server = server;
    this.warmNanos = warmMillis * 1_000_000;
    this.measureNanos = measureMillis * 1_000_000;
  }

  /** Takes the three words PID, WARM-MILLIS and MEASURE-MILLIS of a command. */
  static Window of(String pid, String warmMillis, String measureMillis) {
    ProcessHandle server =
        ProcessHandle.of(Long.parseLong(pid))
            .orElseThrow(() -> new IllegalStateException("there is no process " + pid));
    return new Window(server, Long.parseLong(warmMillis), Long.parseLong(measureMillis));
  }

  /** Whether operations count now; to be asked after each look at {@code hasEnded}. */
  boolean isOpen() {
    return isOpen;
  }

  /** Opens the window when it is time to; true when it has closed. */
  boolean hasEnded(long now) {
    if (isOpen) {
      if (now - opened < measureNanos) {
        return false;
      }
      closed = now;
      serverCpuNanos = cpuNanos(server) - serverCpuNanos;
      loadCpuNanos = cpuNanos(ProcessHandle.current()) - loadCpuNanos;
      isOpen = false;
      return true;
    }
    if (now - begun >= warmNanos) {
      serverCpuNanos = cpuNanos(server);
      loadCpuNanos = cpuNanos(ProcessHandle.current());
      opened = System.nanoTime();
      isOpen = true;
    }
    return false;
  }

  /** The answer to the command, when the window has closed. */
  String answer(long operations, LatencyHistogram latencies) {
    return String.format(
        Locale.ROOT,
        "operations=%d nanos=%d cpu=%d load=%d p50=%d p99=%d",
        operations,
        closed - opened,
        serverCpuNanos,
        loadCpuNanos,
        latencies.percentile(0.5),
        latencies.percentile(0.99));
  }

  private static long cpuNanos(ProcessHandle process) {
    return process
        .info()
        .totalCpuDuration()
        .map(Duration::toNanos)
        .orElseThrow(() -> new IllegalStateException("no CPU time of process " + process.pid()));
  }
}
