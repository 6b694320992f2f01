package dev.tercet.internal.loop;

import dev.tercet.internal.load.ClassFolder;
import dev.tercet.internal.log.Log;
import dev.tercet.internal.wait.Latch;
import dev.tercet.proto.TimerTable;
import dev.tercet.proto.TimerTable.Timer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One thread around one {@link Selector}: the only place that blocks in the kernel, for both front
 * ends. See {@code docs/loop.md}.
 *
 * <p><b>A turn.</b> Some {@linkplain LoopTasks tasks}; due timers; select, without waiting when
 * there is work; finish the reaps that the selection has carried out; the {@linkplain ReadyChannels
 * ready channels}.
 *
 * <p><b>What NIO does.</b> {@code select} returns at once for ever while the interrupt flag is set,
 * so a stray one is cleared each turn.
 *
 * <p><b>States.</b> One of four, and never back:
 *
 * <pre>
 * state    input                    next
 * NEW      first task, channel      RUNNING: the thread has been started
 * NEW      close                    ENDED
 * RUNNING  close                    CLOSING: channels are closed, their tasks have their turns
 * CLOSING  nothing is left to do    ENDED: tasks are refused
 * RUNNING, CLOSING  a loop that cannot go on   ENDED
 * </pre>
 *
 * <p>What it has done is counted by {@link LoopCounters}; how it ends is the {@link ClosingPass}.
 * {@link FailedTurns} goes on after a failure.
 *
 * <p>The thread starts with the first task and is a daemon.
 */
public final class SelectorLoop {
  private static final Log LOG = Log.of("dev.tercet.loop");

  static {
    // What runs when descriptors are short is loaded while they are not.
    ClassFolder.load(
        SelectorLoop.class,
        Stream.of(
                "",
                ".blocking",
                ".loop",
                ".proto",
                ".proto.connect",
                ".proto.serve",
                ".tls",
                ".internal.buffer",
                ".internal.connect",
                ".internal.event",
                ".internal.log",
                ".internal.loop",
                ".internal.net",
                ".internal.nio",
                ".internal.serve",
                ".internal.text",
                ".internal.thread",
                ".internal.wait")
            .map("dev.tercet"::concat)
            .toList());
  }

  private final String name;
  private final LoopCounters counters = new LoopCounters();
  private final ClosingPass ending;

  /** Set by the group before anybody else can see this loop. */
  private @Nullable LoopGroup group;

  private final LoopGroup alone;
  private final SelectorSource selectors;
  private final LoopTasks tasks;
  private final CountDownLatch terminated = new CountDownLatch(1);

  /** Opens when the selector is closed: nothing of this loop holds a descriptor any more. */
  private final Latch released = new Latch();

  /** Guarded by this; read without by the loop's own thread, which was started after it was set. */
  private @Nullable LoopThread thread;

  /** Set with {@link #thread}. */
  private volatile @Nullable Selector selector;

  /** See above. */
  private enum State {
    NEW("not started"),
    RUNNING("open"),
    CLOSING("closing"),
    ENDED("closed");

    final String text;

    State(String text) {
      this.text = text;
    }
  }

  /** Written with the lock of this held, or by the loop's thread at its end. */
  private volatile State state = State.NEW;

  /** What a front end keeps with the loop: its dispatcher. Guarded by this. */
  private @Nullable Object attachment;

  // Loop thread only.
  private final TimerTable<LoopTimer<?>> timers = new TimerTable<>();
  private final ArrayDeque<Latch> reaping = new ArrayDeque<>();
  private final ReadyChannels ready;

  /**
   * Makes a loop whose thread is not started.
   *
   * @param name of the loop and its thread
   * @param heir who takes over the timers when this loop closes
   */
  SelectorLoop(String name, Supplier<SelectorLoop> heir) {
    this(name, heir, Selector::open);
  }

  /**
   * Makes a loop whose thread is not started.
   *
   * @param name of the loop and its thread
   * @param heir who takes over the timers when this loop closes
   * @param selectors where its selector comes from
   */
  SelectorLoop(String name, Supplier<SelectorLoop> heir, SelectorSource selectors) {
    this.name = name;
    this.alone = new LoopGroup(this);
    this.tasks = new LoopTasks(name, counters);
    this.ready = new ReadyChannels(name);
    this.ending = new ClosingPass(this, heir);
    this.selectors = selectors;
  }

  /** Where a selector comes from: the system's provider, or a test's. */
  interface SelectorSource {
    /** Opens one. */
    Selector open() throws IOException;
  }

  /**
   * The name of the loop.
   *
   * @return the name given at construction
   */
  public String name() {
    return name;
  }

  /**
   * The group this loop was made for.
   *
   * @return its group
   */
  public LoopGroup group() {
    LoopGroup group = this.group;
    if (group == null) {
      throw new IllegalStateException("loop " + name + " belongs to no group");
    }
    return group;
  }

  /**
   * This loop alone, which stays a member of its own group: connections are not spread.
   *
   * @return a group that cannot be closed
   */
  public LoopGroup alone() {
    return alone;
  }

  /** The group, null for a loop that was made without one. */
  @Nullable LoopGroup groupOrNull() {
    return group;
  }

  /** Whether something waits to be run, to be reaped, or to be closed. Loop thread only. */
  boolean hasWork() {
    return !tasks.isEmpty() || !reaping.isEmpty() || !selector().keys().isEmpty();
  }

  /** Called once, by the group that made this loop. */
  void setGroup(LoopGroup group) {
    this.group = group;
  }

  /**
   * Whether the calling thread is this loop's.
   *
   * @return true on its thread
   */
  public boolean isCurrent() {
    return LoopThread.currentLoop() == this;
  }

  /**
   * Runs a task on the loop, in the order of posting per thread.
   *
   * @param task what to run; its failure is logged
   * @return false when the loop is closed and the task will not run
   */
  public boolean post(Runnable task) {
    if (isEnded()) {
      return false;
    }
    if (isCurrent()) {
      tasks.addLocal(task);
      return true;
    }
    if (started() == null) {
      return false;
    }
    tasks.addRemote(task);
    // The loop has ended before it empties the queue for the last time: a task that it has not
    // taken by then it never will.
    if (isEnded() && tasks.takeBack(task)) {
      return false;
    }
    if (tasks.takeSleeper()) {
      // Read again: the loop may have got another one since.
      selector().wakeup();
    }
    return true;
  }

  private boolean isEnded() {
    return state == State.ENDED;
  }

  /**
   * Runs a task at once on the loop's own thread, posts it from any other.
   *
   * @param task what to run
   * @return false when the loop is closed and the task will not run
   */
  boolean runOrPost(Runnable task) {
    if (isCurrent()) {
      task.run();
      return true;
    }
    return post(task);
  }

  /**
   * Opens a latch when a selection that began after this call has ended, which is when channels
   * closed before this call have given back their descriptors and ports. On a loop that is ending
   * it opens when the selector is closed, which does the same.
   *
   * @param reaped what to open
   */
  void reapNextSelection(Latch reaped) {
    if (selector == null) {
      // Never started, so nothing was ever registered; and a close must not start it.
      reaped.open();
    } else if (!runOrPost(() -> reap(reaped))) {
      released.install(reaped::open);
    }
  }

  private void reap(Latch reaped) {
    if (released.isOpen()) {
      reaped.open();
    } else {
      reaping.add(reaped);
    }
  }

  /**
   * Puts a timer in. Any thread.
   *
   * @param timer what to run, and when
   * @return false when the loop is closed
   */
  boolean schedule(LoopTimer<?> timer) {
    return runOrPost(
        () -> {
          if (!timer.isDone()) {
            timers.add(timer.ticket(), timer.deadlineNanos());
          }
        });
  }

  /**
   * Takes a timer out. Any thread.
   *
   * @param timer of this loop
   */
  void unschedule(LoopTimer<?> timer) {
    if (isCurrent()) {
      timers.remove(timer.ticket());
    } else if (!isEnded() && selector != null && timer.isScheduled()) {
      post(() -> timers.remove(timer.ticket()));
    }
  }

  /**
   * Closes the loop: its channels first, then itself. Returns at once.
   *
   * @return a latch that opens when the thread has ended
   */
  CountDownLatch close() {
    synchronized (this) {
      if (state == State.NEW) {
        state = State.ENDED;
        ending.sayChannelsClosed();
        released.open();
        terminated.countDown();
      } else if (state == State.RUNNING) {
        state = State.CLOSING;
      }
    }
    post(() -> {});
    return terminated;
  }

  /**
   * Whether {@link #close} was called.
   *
   * @return true from the first call on
   */
  public boolean isClosing() {
    return state == State.CLOSING || isEnded();
  }

  /**
   * Whether the loop has ended or never began and was closed.
   *
   * @return true when no task will run any more
   */
  boolean isTerminated() {
    return terminated.getCount() == 0;
  }

  boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return terminated.await(timeout, unit);
  }

  /** Waits until the thread is gone, which is a moment after it has ended all it had to do. */
  void join() throws InterruptedException {
    terminated.await();
    LoopThread thread = thread();
    if (thread != null) {
      thread.join();
    }
  }

  /**
   * An object that lives as long as the loop, such as a front end's dispatcher.
   *
   * @param factory makes it at the first call
   * @return the one object
   */
  public synchronized Object attachment(Supplier<Object> factory) {
    Object attachment = this.attachment;
    if (attachment == null) {
      this.attachment = attachment = factory.get();
    }
    return attachment;
  }

  /** Only when started. */
  Selector selector() {
    Selector selector = this.selector;
    if (selector == null) {
      throw new IllegalStateException("loop " + name + " is not started");
    }
    return selector;
  }

  // ---------------------------------------------------------------- statistics, for any thread

  /**
   * What the loop has done so far.
   *
   * @return counters that go on counting
   */
  public LoopCounters counters() {
    return counters;
  }

  /** Tasks that other threads have posted and that have not been run; counts by walking. */
  public int queued() {
    return tasks.remoteCount();
  }

  /** Waiters parked or suspended in channels of this loop, and channels registered; walks. */
  public int[] waitersAndChannels() {
    int waiters = 0;
    int channels = 0;
    for (SelectionKey key : keys()) {
      if (key.attachment() instanceof Readiness readiness) {
        channels++;
        waiters += readiness.waiters();
      }
    }
    return new int[] {waiters, channels};
  }

  /** The keys of all registered channels; none before the start and after the end. */
  Set<SelectionKey> keys() {
    Selector selector = this.selector;
    try {
      return selector == null ? Set.of() : selector.keys();
    } catch (ClosedSelectorException e) {
      return Set.of();
    }
  }

  /** Timers that are pending. Loop thread only. */
  int timerCount() {
    return timers.size();
  }

  /** The loop's thread, null before it is started. */
  synchronized @Nullable LoopThread thread() {
    return thread;
  }

  // ---------------------------------------------------------------- the loop's thread

  /** Null when the loop was closed before it began. */
  private @Nullable Selector started() {
    Selector selector = this.selector;
    return selector != null ? selector : start();
  }

  /**
   * The selector is published when the thread has been started: before, others would post tasks
   * that nobody runs if it cannot be.
   */
  private synchronized @Nullable Selector start() {
    if (state != State.NEW) {
      return this.selector;
    }
    Selector selector;
    try {
      // The JDK's first close of a socket ever needs two descriptors. If there are none just then,
      // no socket of this JVM can be closed any more, and the selector fails: so it is done now.
      SocketChannel.open().close();
      selector = selectors.open();
    } catch (IOException e) {
      throw new UncheckedIOException("event loop " + name + " cannot open a selector", e);
    }
    LoopThread thread;
    try {
      thread = LoopThread.make(this, this::runUntilClosed);
      thread.start();
    } catch (Throwable e) {
      // No memory for a thread. The next one who comes tries again.
      closeQuietly(selector);
      throw e;
    }
    this.thread = thread;
    this.selector = selector;
    state = State.RUNNING;
    LoopWatchdog.watch(this);
    return selector;
  }

  /**
   * Whether tasks will run here: starts the thread if that was not done yet.
   *
   * @return false when the loop is closed, or cannot start for want of threads or descriptors
   */
  public boolean canStart() {
    try {
      return started() != null;
    } catch (UncheckedIOException | OutOfMemoryError e) {
      LOG.debug("event loop ", name, " cannot start: ", e);
      return false;
    }
  }

  private void runUntilClosed() {
    synchronized (this) {
      // Whoever has started this thread publishes the selector before it leaves.
    }
    try {
      FailedTurns failed = new FailedTurns(this, ending);
      while (!isClosing()) {
        try {
          turn();
          failed.none();
        } catch (Throwable e) {
          failed.recover(e);
        }
      }
      ending.run();
    } catch (Throwable e) {
      LOG.error(e, "event loop ", name, " failed; closing it");
    } finally {
      terminate();
    }
  }

  /** Drops what a turn has selected and not handled. Loop thread only. */
  void forgetTurn() {
    ready.clear();
    boolean unused = tasks.awake();
  }

  /** Registers all channels with a new selector. Loop thread only. */
  void moveToNewSelector() throws IOException {
    Selector next = selectors.open();
    Selector old = selector();
    List<SelectionKey> keys;
    try {
      keys = new ArrayList<>(old.keys());
    } catch (Throwable e) {
      closeQuietly(next);
      throw e;
    }
    selector = next;
    for (SelectionKey key : keys) {
      if (key.attachment() instanceof Readiness readiness) {
        readiness.register();
      }
    }
    // Gives back what the closed channels among them still hold.
    closeQuietly(old);
    // Those who post may have woken the old one.
    openReaped();
  }

  /** Makes the loop look at its group again. */
  void wakeIfStarted() {
    if (selector != null) {
      post(() -> {});
    }
  }

  /** One turn. Loop thread only. */
  void turn() throws IOException {
    counters.busy();
    tasks.runSome();
    runDueTimers();
    int reaps = reaping.size();
    select(reaps > 0 || (isClosing() && !ending.mustWaitForGroup()) || tasks.hasLocal());
    counters.turned();
    for (int i = 0; i < reaps; i++) {
      reaping.remove().open();
    }
    int handled = ready.handle();
    if (handled > 0) {
      counters.handled(handled);
    }
  }

  private void runDueTimers() {
    if (timers.size() == 0) {
      return;
    }
    long now = System.nanoTime();
    for (int i = 0; i < LoopTasks.PER_TURN; i++) {
      Timer<LoopTimer<?>> due = timers.pollDue(now);
      if (due == null) {
        return;
      }
      tasks.run(due.value());
      counters.ran(1);
    }
  }

  private void select(boolean hasWork) throws IOException {
    // A stray interrupt would make it return at once.
    Thread.interrupted();
    Selector selector = selector();
    Timer<LoopTimer<?>> first = timers.first();
    long waitNanos = first == null ? Long.MAX_VALUE : first.deadlineNanos() - System.nanoTime();
    if (hasWork || waitNanos <= 0 || !tasks.fallAsleep()) {
      selector.selectNow(ready);
      return;
    }
    counters.idle();
    if (first == null) {
      selector.select(ready);
    } else {
      // Rounded up: a timer must not be early.
      selector.select(ready, TimeUnit.NANOSECONDS.toMillis(waitNanos - 1) + 1);
    }
    if (tasks.awake()) {
      counters.wokenUp();
    }
    counters.busy();
  }

  /**
   * The end, whatever brought it about. Whoever waits for a channel of this loop must hear of it,
   * also when the loop has failed: nobody else would ever wake him.
   */
  private void terminate() {
    try {
      synchronized (this) {
        state = State.ENDED;
      }
      tasks.runRest();
      ending.closeChannels();
      ending.sayChannelsClosed();
      ending.bequeath(timers);
    } catch (Throwable e) {
      LOG.error(e, "event loop ", name, " could not end in good order");
    } finally {
      try {
        closeQuietly(selector());
        released.open();
        openReaped();
        counters.idle();
        LoopWatchdog.forget(this);
      } finally {
        terminated.countDown();
      }
    }
  }

  /** Their descriptors are free. Whoever is woken may close more channels in place. */
  private void openReaped() {
    for (Latch reaped = reaping.poll(); reaped != null; reaped = reaping.poll()) {
      reaped.open();
    }
  }

  private static void closeQuietly(Selector selector) {
    try {
      selector.close();
    } catch (IOException | RuntimeException | Error e) {
      LOG.debug("closing a selector: ", e);
    }
  }

  @Override
  public String toString() {
    return "SelectorLoop(" + name + ", " + state.text + ", " + counters.turns() + " turns)";
  }
}
