package dev.tercet.internal.loop;

import dev.tercet.internal.task.Latch;
import dev.tercet.proto.TimerTable;
import dev.tercet.proto.TimerTable.Timer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread around one {@link Selector}: the only place that blocks in the kernel, for both front
 * ends. See {@code docs/loop.md}.
 *
 * <p><b>A turn.</b> Local tasks, at most 256; remote tasks, at most 256; due timers; select,
 * without waiting when there is work; finish the reaps that the selection has carried out; ready
 * channels.
 *
 * <p><b>Sleeping.</b> The loop says {@code sleeping}, looks at the remote queue once more, and
 * selects. Whoever posts adds first and looks at {@code sleeping} second. So either the loop sees
 * the task or the poster sees the sleeper, and one wake-up is enough per sleep. None is sent to a
 * loop that is awake: a wake-up costs microseconds.
 *
 * <p><b>What NIO does.</b> {@code select(Consumer)} saves the selected-key set and its garbage, but
 * a close that selects again from inside it throws, so user code must not run there: we only
 * collect the ready channels and walk them afterwards. {@code readyOps()} of a key that another
 * thread has just cancelled throws; uncaught, that kills the loop. {@code select} returns at once
 * for ever while the interrupt flag is set, so a stray one is cleared each turn.
 *
 * <p><b>Closing.</b> All channels are closed first, so that whoever waits for them ends with
 * "closed"; then their coroutines run, for a bounded number of turns; then the thread ends. Timers
 * that are still pending move to a shared loop: their tasks run at their time.
 *
 * <p>The thread starts with the first task and is a daemon.
 */
public final class SelectorLoop {
  private static final Logger LOGGER = System.getLogger("dev.tercet.loop");

  /** So that neither queue starves the other, the timers or the channels. */
  private static final int TASKS_PER_TURN = 256;

  /** How long closing waits for the coroutines of closed channels to end: counted, not timed. */
  private static final int CLOSING_TURNS = 1024;

  private final String name;
  private final Supplier<SelectorLoop> heir;

  /** Set by the group before anybody else can see this loop. */
  private @Nullable LoopGroup group;

  private final SelectorSource selectors;
  private final Queue<Runnable> remote = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean sleeping = new AtomicBoolean();
  private final CountDownLatch terminated = new CountDownLatch(1);

  /** Opens when the selector is closed: nothing of this loop holds a descriptor any more. */
  private final Latch released = new Latch();

  /** Guarded by this; read without by the loop's own thread, which was started after it was set. */
  private @Nullable LoopThread thread;

  /** Set with {@link #thread}. */
  private volatile @Nullable Selector selector;

  private final AtomicBoolean saidChannelsClosed = new AtomicBoolean();
  private volatile boolean closing;
  private volatile boolean closed;

  /** What a front end keeps with the loop: its dispatcher. Guarded by this. */
  private @Nullable Object attachment;

  // Loop thread only.
  private final ArrayDeque<Runnable> local = new ArrayDeque<>();
  private final TimerTable<LoopTimer<?>> timers = new TimerTable<>();
  private final List<Latch> reaping = new ArrayList<>();
  private Readiness[] ready = new Readiness[64];
  private int[] readyOps = new int[64];
  private int readyCount;

  /** Closing, with nothing left to do of its own: it may sleep. */
  private boolean waitingForGroup;

  // Written by the loop's thread only, read by anybody.
  private final AtomicLong turns = new AtomicLong();
  private final AtomicLong tasks = new AtomicLong();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong wakeUps = new AtomicLong();
  private volatile long busySinceNanos;
  private volatile boolean busy;

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
    this.heir = heir;
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
    if (isCurrent()) {
      if (closed) {
        return false;
      }
      local.add(task);
      return true;
    }
    if (closed) {
      return false;
    }
    Selector selector = started();
    if (selector == null) {
      return false;
    }
    remote.add(task);
    // The loop sets closed before it empties the queue for the last time: a task that it has not
    // taken by then it never will.
    if (closed && remote.remove(task)) {
      return false;
    }
    if (sleeping.get() && sleeping.compareAndSet(true, false)) {
      selector.wakeup();
    }
    return true;
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
    } else if (!runOrPost(() -> reaping.add(reaped))) {
      released.install(reaped::open);
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
    } else if (!closed && selector != null && timer.isScheduled()) {
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
      closing = true;
      if (thread == null) {
        if (!closed) {
          closed = true;
          sayChannelsClosed();
        }
        released.open();
        terminated.countDown();
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
    return closing;
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

  /** Loop thread only. */
  Selector selector() {
    Selector selector = this.selector;
    if (selector == null) {
      throw new IllegalStateException("loop " + name + " is not started");
    }
    return selector;
  }

  // ---------------------------------------------------------------- statistics, for any thread

  /** Turns taken. */
  public long turns() {
    return turns.get();
  }

  /** Tasks and timers run. */
  public long tasks() {
    return tasks.get();
  }

  /** Readiness events handled. */
  public long events() {
    return events.get();
  }

  /** Selections that another thread's wake-up ended. */
  public long wakeUps() {
    return wakeUps.get();
  }

  /** Tasks that other threads have posted and that have not been run; counts by walking. */
  public int queued() {
    return remote.size();
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
  private Set<SelectionKey> keys() {
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

  /** How long the present turn has been running, 0 while the loop sleeps. */
  long busyNanos(long nowNanos) {
    long since = busySinceNanos;
    return busy ? nowNanos - since : 0;
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

  private synchronized @Nullable Selector start() {
    if (selector != null || closed) {
      return selector;
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
    LoopThread thread = new LoopThread(this, this::runUntilClosed);
    this.selector = selector;
    this.thread = thread;
    try {
      thread.start();
    } catch (Throwable e) {
      // No memory for a thread. The next one who comes tries again.
      this.selector = null;
      this.thread = null;
      closeQuietly(selector);
      throw e;
    }
    LoopWatchdog.watch(this);
    return selector;
  }

  private void runUntilClosed() {
    try {
      while (!closing) {
        turn();
      }
      takeClosingTurns();
      sayChannelsClosed();
      // Others of the group may still have to wake coroutines that run here.
      waitingForGroup = true;
      while (mustWaitForGroup()) {
        closeChannelsAndTurn();
      }
      waitingForGroup = false;
      takeClosingTurns();
    } catch (Throwable e) {
      LOGGER.log(Level.ERROR, "event loop " + name + " failed; closing it", e);
    } finally {
      terminate();
    }
  }

  private void takeClosingTurns() throws IOException {
    for (int i = 0; i < CLOSING_TURNS && closeChannelsAndTurn(); i++) {}
  }

  /**
   * Asked again right before the loop sleeps: the task by which the last one of the group wakes the
   * others may have been taken out of the queue by this very turn, and there is no second one.
   */
  private boolean mustWaitForGroup() {
    LoopGroup group = this.group;
    return waitingForGroup && group != null && !group.areChannelsClosed();
  }

  private void sayChannelsClosed() {
    LoopGroup group = this.group;
    if (group != null && saidChannelsClosed.compareAndSet(false, true)) {
      group.channelsClosed();
    }
  }

  /** Makes the loop look at its group again. */
  void wakeIfStarted() {
    if (selector != null) {
      post(() -> {});
    }
  }

  private void turn() throws IOException {
    // A stray interrupt would make every select return at once.
    Thread.interrupted();
    if (LoopWatchdog.isOn()) {
      busySinceNanos = System.nanoTime();
      busy = true;
    }
    runTasks(local);
    runTasks(remote);
    runDueTimers();
    int reaps = reaping.size();
    select(reaps > 0 || (closing && !mustWaitForGroup()) || !local.isEmpty());
    count(turns, 1);
    for (int i = 0; i < reaps; i++) {
      reaping.get(i).open();
    }
    reaping.subList(0, reaps).clear();
    handleReady();
  }

  private void runTasks(Queue<Runnable> queue) {
    int done = 0;
    while (done < TASKS_PER_TURN) {
      Runnable task = queue.poll();
      if (task == null) {
        break;
      }
      runGuarded(task);
      done++;
    }
    if (done > 0) {
      count(tasks, done);
    }
  }

  private void runDueTimers() {
    if (timers.size() == 0) {
      return;
    }
    long now = System.nanoTime();
    for (int i = 0; i < TASKS_PER_TURN; i++) {
      Timer<LoopTimer<?>> due = timers.pollDue(now);
      if (due == null) {
        return;
      }
      runGuarded(due.value());
      count(tasks, 1);
    }
  }

  private void select(boolean hasWork) throws IOException {
    Selector selector = selector();
    Timer<LoopTimer<?>> first = timers.first();
    long waitNanos = first == null ? Long.MAX_VALUE : first.deadlineNanos() - System.nanoTime();
    if (!hasWork && waitNanos > 0) {
      sleeping.set(true);
      if (remote.isEmpty()) {
        busy = false;
        if (first == null) {
          selector.select(this::collect);
        } else {
          // Rounded up: a timer must not be early.
          long millis = TimeUnit.NANOSECONDS.toMillis(waitNanos - 1) + 1;
          selector.select(this::collect, millis);
        }
        if (!sleeping.compareAndSet(true, false)) {
          count(wakeUps, 1);
        }
        if (LoopWatchdog.isOn()) {
          busySinceNanos = System.nanoTime();
          busy = true;
        }
        return;
      }
      sleeping.set(false);
    }
    selector.selectNow(this::collect);
  }

  /** Runs inside the selection: collects, and runs nothing of anybody's. */
  private void collect(SelectionKey key) {
    int ops;
    try {
      ops = key.readyOps();
    } catch (CancelledKeyException e) {
      return;
    }
    if (readyCount == ready.length) {
      ready = Arrays.copyOf(ready, readyCount * 2);
      readyOps = Arrays.copyOf(readyOps, readyCount * 2);
    }
    ready[readyCount] = (Readiness) key.attachment();
    readyOps[readyCount] = ops;
    readyCount++;
  }

  @SuppressWarnings(
      "NullAway") // slots below readyCount are filled, and emptied here for the collector
  private void handleReady() {
    int count = readyCount;
    if (count == 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      Readiness readiness = ready[i];
      ready[i] = null;
      try {
        readiness.onEvents(readyOps[i]);
      } catch (Throwable e) {
        LOGGER.log(Level.ERROR, "event loop " + name + ": a waiter failed", e);
      }
    }
    readyCount = 0;
    count(events, count);
  }

  /** One writer: no atomic instruction is needed, and no fence. */
  private static void count(AtomicLong counter, long more) {
    counter.lazySet(counter.getPlain() + more);
  }

  private void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      LOGGER.log(Level.ERROR, "event loop " + name + ": a task failed", e);
    }
  }

  /** Returns whether there may be more to do. */
  private boolean closeChannelsAndTurn() throws IOException {
    closeChannels();
    turn();
    return !local.isEmpty()
        || !remote.isEmpty()
        || !reaping.isEmpty()
        || !selector().keys().isEmpty();
  }

  private void closeChannels() {
    for (SelectionKey key : keys()) {
      if (key.attachment() instanceof Readiness readiness) {
        readiness.close();
      }
    }
  }

  /**
   * The end, whatever brought it about. Whoever waits for a channel of this loop must hear of it,
   * also when the loop has failed: nobody else would ever wake him.
   */
  private void terminate() {
    try {
      closing = true;
      closed = true;
      runRest(local);
      runRest(remote);
      closeChannels();
      sayChannelsClosed();
      bequeathTimers();
    } catch (Throwable e) {
      LOGGER.log(Level.ERROR, "event loop " + name + " could not end in good order", e);
    } finally {
      closeQuietly(selector());
      released.open();
      for (Latch reaped : reaping) {
        reaped.open();
      }
      busy = false;
      LoopWatchdog.forget(this);
      terminated.countDown();
    }
  }

  private void bequeathTimers() {
    for (Timer<LoopTimer<?>> timer = timers.first(); timer != null; timer = timers.first()) {
      timers.remove(timer);
      SelectorLoop heir = this.heir.get();
      try {
        // A shared loop that has failed is its own heir.
        if (heir != this && timer.value().moveTo(heir)) {
          continue;
        }
      } catch (RuntimeException e) {
        LOGGER.log(Level.ERROR, "event loop " + heir.name() + " cannot take over timers", e);
      }
      timer.value().cancel(false);
    }
  }

  private static void closeQuietly(Selector selector) {
    try {
      selector.close();
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "closing a selector: {0}", e);
    }
  }

  private void runRest(Queue<Runnable> queue) {
    for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
      runGuarded(task);
    }
  }

  @Override
  public String toString() {
    String state =
        closed ? "closed" : closing ? "closing" : selector == null ? "not started" : "open";
    return "SelectorLoop(" + name + ", " + state + ", " + turns() + " turns)";
  }
}
