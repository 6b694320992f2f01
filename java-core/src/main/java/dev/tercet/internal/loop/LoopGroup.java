package dev.tercet.internal.loop;

import dev.tercet.ClosedResourceException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The loops behind one {@code EventLoop}: one, or one per thread it was given; or one loop of
 * another group, for a program of one thread.
 */
public final class LoopGroup {
  private final String name;
  private final List<SelectorLoop> loops;
  private final boolean shared;
  private final AtomicInteger next = new AtomicInteger();

  /** How many loops have not yet, at their close, closed all their channels. */
  private final AtomicInteger withChannels;

  private LoopGroup(String name, int threads, boolean shared) {
    this.name = name;
    this.shared = shared;
    this.withChannels = new AtomicInteger(threads);
    Supplier<SelectorLoop> heir = () -> shared().loops.get(0);
    this.loops =
        IntStream.range(0, threads)
            .mapToObj(i -> new SelectorLoop(threads == 1 ? name : name + "-" + i, heir))
            .toList();
    loops.forEach(loop -> loop.setGroup(this));
    QuickExit.watch(this);
  }

  /**
   * A group of one loop, which stays a member of its own group: its connections are not spread. It
   * cannot be closed.
   */
  LoopGroup(SelectorLoop loop) {
    this.name = loop.name();
    this.shared = true;
    this.withChannels = new AtomicInteger();
    this.loops = List.of(loop);
  }

  /** The group that serves whoever has none of his own: a loop per core, started on demand. */
  public static LoopGroup shared() {
    return Shared.GROUP;
  }

  /**
   * Makes a group.
   *
   * @param threads how many loops, at least 1
   * @return a group whose threads start on demand
   */
  public static LoopGroup open(String name, int threads) {
    return new LoopGroup(name, threads, false);
  }

  /**
   * The loop for a new channel of the calling thread: its own, if it is one of this group's loops;
   * else the next in turn.
   */
  public SelectorLoop currentOrNext() {
    SelectorLoop current = LoopThread.currentLoop();
    return current != null && loops.contains(current) ? current : next();
  }

  /**
   * The loop for a channel that is about to be opened or taken over, as {@link #currentOrNext}.
   *
   * @return a loop of this group that is open
   * @throws ClosedResourceException when the loop was closed
   */
  public SelectorLoop forNewChannel() throws ClosedResourceException {
    SelectorLoop loop = currentOrNext();
    if (loop.isClosing()) {
      throw new ClosedResourceException("event loop " + name + " was closed");
    }
    return loop;
  }

  /** The next loop in turn: for spreading connections. */
  public SelectorLoop next() {
    int size = loops.size();
    return loops.get(size == 1 ? 0 : Math.floorMod(next.getAndIncrement(), size));
  }

  /**
   * Whether a loop is one of these.
   *
   * @return whether it is of this group
   */
  public boolean contains(@Nullable SelectorLoop loop) {
    return loop != null && loops.contains(loop);
  }

  /** A loop has closed its channels and woken those who waited for them. Called once by each. */
  void channelsClosed() {
    if (withChannels.decrementAndGet() == 0) {
      for (SelectorLoop loop : loops) {
        loop.wakeIfStarted();
      }
    }
  }

  /**
   * Whether no loop of this group will wake anybody any more. Before that none may end: a coroutine
   * of one loop may wait for a channel of another, and would find its dispatcher gone.
   */
  boolean areChannelsClosed() {
    return withChannels.get() <= 0;
  }

  /**
   * All loops.
   *
   * @return an immutable list
   */
  public List<SelectorLoop> loops() {
    return loops;
  }

  /**
   * Closes all loops and waits for their threads, except on the thread of any loop: a loop must not
   * wait, and two that closed each other would wait for ever.
   *
   * @throws InterruptedException when interrupted while waiting; the loops close all the same
   */
  public void close() throws InterruptedException {
    if (shared) {
      throw new IllegalStateException("the shared event loop cannot be closed");
    }
    QuickExit.forget(this);
    for (SelectorLoop loop : loops) {
      loop.close();
    }
    if (LoopThread.currentLoop() == null) {
      for (SelectorLoop loop : loops) {
        loop.join();
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }

  private static final class Shared {
    static final LoopGroup GROUP =
        new LoopGroup("tercet-shared", Runtime.getRuntime().availableProcessors(), true);
  }
}
