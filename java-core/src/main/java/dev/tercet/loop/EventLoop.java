package dev.tercet.loop;

import dev.tercet.Network;
import dev.tercet.internal.loop.LoopExecutor;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.loop.LoopThread;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.nio.LoopNetwork;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The event loop that channels wait on: one thread around one selector, or several such threads
 * under one name. Both languages share it: suspended coroutines and parked threads wait in the same
 * place.
 *
 * <p>Most programs need no separate loop: {@link #shared()} starts on demand, with a thread per
 * core, and costs nothing when unused. Open one to run a part of a program on separate threads, or
 * to close all its channels at once.
 *
 * <p>A coroutine on a loop runs on one of its threads and stays there, and so do the coroutines
 * that it starts. Only a program that is given a loop of several threads, as in {@code
 * runOnLoop(EventLoop.open("io", 4))}, has handlers of servers that run in parallel.
 *
 * <p>Blocking calls are refused on a loop's thread with {@link IllegalStateException}; {@code
 * -Ddev.tercet.loop.watchdog=true} logs whatever else blocks a loop for longer than a second, with
 * its stack.
 *
 * <p><i>Thread-safety:</i> every method may be called from any thread.
 */
public final class EventLoop implements AutoCloseable {
  private static final EventLoop SHARED = new EventLoop(LoopGroup.shared());

  private final LoopGroup group;
  private final Network network;

  private EventLoop(LoopGroup group) {
    this.group = group;
    this.network = LoopNetwork.of(group);
  }

  /**
   * The shared loop of the JVM: a daemon thread per core, started on demand. It cannot be closed.
   *
   * @return the one shared loop
   */
  public static EventLoop shared() {
    return SHARED;
  }

  /**
   * Opens a loop of one thread, which starts with the first channel or task.
   *
   * @param name the name of the loop and of its thread
   * @return a loop to be closed by the caller
   */
  public static EventLoop open(String name) {
    return open(name, 1);
  }

  /**
   * Opens a loop of several threads; each channel belongs to one of them for life.
   *
   * @param name the name of the loop; its threads are {@code name-0}, {@code name-1}…
   * @param threads how many, 1 to 1024
   * @return a loop to be closed by the caller
   * @throws IllegalArgumentException when {@code threads} is out of range
   */
  public static EventLoop open(String name, int threads) {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads must be 1 to 1024, not " + threads);
    }
    return new EventLoop(LoopGroup.open(name, threads));
  }

  /**
   * The real network, with its channels on this loop and the system's resolver.
   *
   * @return what to pass as an option, or to put into a coroutine context
   */
  public Network network() {
    return network;
  }

  /**
   * Runs tasks on this loop's thread: on the calling one, if it is one of this loop's; else on the
   * next in turn. Tasks must not block.
   *
   * @return an executor of one thread; it cannot be shut down, and after {@link #close} it throws
   *     {@link java.util.concurrent.RejectedExecutionException}
   */
  public ScheduledExecutorService executor() {
    return new LoopExecutor(group.currentOrNext());
  }

  /**
   * Whether the calling thread is one of this loop's.
   *
   * @return true on its threads
   */
  public boolean isLoopThread() {
    return group.contains(LoopThread.currentLoop());
  }

  /**
   * The counters of this loop.
   *
   * @return a snapshot
   */
  public LoopStatistics statistics() {
    long turns = 0;
    long tasks = 0;
    long events = 0;
    long wakeUps = 0;
    int channels = 0;
    int waiters = 0;
    int queued = 0;
    for (SelectorLoop loop : group.loops()) {
      turns += loop.counters().turns();
      tasks += loop.counters().tasks();
      events += loop.counters().events();
      wakeUps += loop.counters().wakeUps();
      queued += loop.queued();
      int[] counts = loop.waitersAndChannels();
      waiters += counts[0];
      channels += counts[1];
    }
    return new LoopStatistics(turns, tasks, events, wakeUps, channels, waiters, queued);
  }

  /**
   * Closes the loop: its channels first, so that tasks that wait for them get {@link
   * dev.tercet.ClosedResourceException}; then its threads end. Waits for that, except on the thread
   * of an event loop, this or another, which must not wait. Pending timers still run, on the shared
   * loop.
   *
   * <p><i>Errors:</i> {@link IllegalStateException} for the shared loop.
   *
   * <p><i>Interruption:</i> returns early with the flag set; the loop closes nevertheless.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() {
    try {
      group.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    LoopStatistics now = statistics();
    return "EventLoop("
        + group
        + ", "
        + group.loops().size()
        + (group.loops().size() == 1 ? " thread, " : " threads, ")
        + now.channels()
        + " channels, "
        + now.waiters()
        + " waiters)";
  }
}
