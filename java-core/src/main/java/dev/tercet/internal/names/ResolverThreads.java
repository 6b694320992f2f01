package dev.tercet.internal.names;

import dev.tercet.internal.thread.LibraryThreads;
import dev.tercet.proto.names.LookupQueue;
import dev.tercet.proto.names.LookupQueue.Entry;
import dev.tercet.proto.names.LookupQueue.Refusal;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads that blocking lookups run on: daemons that end when idle. How many there are, who
 * waits and who is refused, says {@link LookupQueue}.
 *
 * <p>Answers are given on these threads, and refusals on a timer's thread. Both do nothing but wake
 * who waits; what else somebody attaches to a stage runs there too.
 *
 * <p><i>Thread-safety:</i> any thread. One lock, under which nothing waits and nobody's code runs.
 */
final class ResolverThreads {
  /** A second burst of lookups finds the threads of the first. */
  private static final long KEEP_ALIVE_SECONDS = 10;

  private final Object lock = new Object();

  /** Guarded by lock. */
  private final LookupQueue<Callable<?>, Answer<?, ?>> queue = new LookupQueue<>();

  /** When the timer is set to ring; guarded by lock. */
  private long alarmNanos = LookupQueue.NEVER;

  private final Executor threads;
  private final LongSupplier clock;
  private final Alarm alarm;

  /** Somebody who can call later. */
  @FunctionalInterface
  interface Alarm {
    /** Calls once, from any thread. */
    void callAfter(long nanos, Runnable call);
  }

  /** On threads of its own and in real time. */
  ResolverThreads() {
    this(threads(), System::nanoTime, alarm());
  }

  ResolverThreads(Executor threads, LongSupplier clock, Alarm alarm) {
    this.threads = threads;
    this.clock = clock;
    this.alarm = alarm;
  }

  private static Executor threads() {
    // Without a bound of its own: between a lookup's end and its thread's being free again the next
    // one is started already.
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        KEEP_ALIVE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> LibraryThreads.make("tercet-resolver", task));
  }

  /** Not the JDK's timer, whose thread keeps the class loader of whoever used it first. */
  private static Alarm alarm() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, task -> LibraryThreads.make("tercet-resolver-timer", task));
    timer.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    return (nanos, call) -> {
      Future<?> unused = timer.schedule(call, nanos, TimeUnit.NANOSECONDS);
    };
  }

  /**
   * Runs a blocking lookup, or joins one with an equal key that is under way.
   *
   * @param key what is asked; equal keys mean equal functions
   * @param name the domain name that is asked about
   * @param function blocks
   * @param answer makes this caller's answer of the result
   * @return fails as the function does, or with an {@link IOException} when there is no thread to
   *     be had for this name
   */
  <R, A> CompletionStage<A> run(
      Object key, String name, Callable<R> function, Function<? super R, ? extends A> answer) {
    Answer<R, A> ticket = new Answer<>(this, key, name, answer);
    synchronized (lock) {
      queue.ask(key, name, function, ticket, clock.getAsLong());
    }
    goOn();
    return ticket;
  }

  private void goOn() {
    List<Entry<Callable<?>, Answer<?, ?>>> starts;
    List<Refusal<Answer<?, ?>>> refusals;
    long untilAlarm = LookupQueue.NEVER;
    synchronized (lock) {
      starts = queue.takeStarts();
      refusals = queue.takeRefusals();
      long deadline = queue.deadlineNanos();
      if (deadline != LookupQueue.NEVER && alarmNanos == LookupQueue.NEVER) {
        alarmNanos = deadline;
        untilAlarm = Math.max(0, deadline - clock.getAsLong());
      }
    }
    if (untilAlarm != LookupQueue.NEVER) {
      alarm.callAfter(untilAlarm, this::ring);
    }
    for (Refusal<Answer<?, ?>> refusal : refusals) {
      refusal.tickets().forEach(ticket -> ticket.refuse(refusal));
    }
    starts.forEach(this::start);
  }

  /** The deadline may have moved on meanwhile: then there is nothing to do, and a later one. */
  private void ring() {
    synchronized (lock) {
      alarmNanos = LookupQueue.NEVER;
      queue.tick(clock.getAsLong());
    }
    goOn();
  }

  private void start(Entry<Callable<?>, Answer<?, ?>> lookup) {
    try {
      threads.execute(() -> look(lookup));
    } catch (RuntimeException | Error noThread) {
      // An OutOfMemoryError, when the system has no thread left.
      finish(lookup, null, noThread);
    }
  }

  private void look(Entry<Callable<?>, Answer<?, ?>> lookup) {
    Object result = null;
    Throwable failure = null;
    try {
      result = lookup.work().call();
    } catch (Throwable e) {
      failure = e;
    }
    finish(lookup, result, failure);
  }

  private void finish(
      Entry<Callable<?>, Answer<?, ?>> lookup,
      @Nullable Object result,
      @Nullable Throwable failure) {
    List<Answer<?, ?>> waiting;
    synchronized (lock) {
      waiting = queue.returned(lookup, clock.getAsLong());
    }
    // First the others: theirs may be a long list of dependents.
    goOn();
    for (Answer<?, ?> answer : waiting) {
      answer.give(result, failure);
    }
  }

  private void leave(Object key, Answer<?, ?> ticket) {
    synchronized (lock) {
      queue.leave(key, ticket);
    }
  }

  /** Whether nobody waits and nothing runs. */
  boolean isIdle() {
    synchronized (lock) {
      return queue.isIdle();
    }
  }

  /** One caller's answer. */
  private static final class Answer<R, A> extends CompletableFuture<A> implements Abandonable {
    private final ResolverThreads owner;
    private final Object key;
    private final String name;
    private final Function<? super R, ? extends A> mapping;

    Answer(
        ResolverThreads owner, Object key, String name, Function<? super R, ? extends A> mapping) {
      this.owner = owner;
      this.key = key;
      this.name = name;
      this.mapping = mapping;
    }

    @SuppressWarnings("unchecked") // equal keys have results of one type
    void give(@Nullable Object result, @Nullable Throwable failure) {
      if (failure != null) {
        completeExceptionally(own(failure));
        return;
      }
      try {
        complete(mapping.apply((R) result));
      } catch (RuntimeException e) {
        completeExceptionally(e);
      }
    }

    /** Callers add to their exceptions, so those who share a lookup do not share its exception. */
    private static Throwable own(Throwable failure) {
      return failure instanceof UnknownHostException
          ? new UnknownHostException(failure.getMessage()).initCause(failure)
          : failure;
    }

    void refuse(Refusal<?> refusal) {
      completeExceptionally(
          new IOException(
              "cannot look up "
                  + name
                  + ": "
                  + refusal.threads()
                  + " lookups "
                  + (refusal.domain().isEmpty() ? "" : "under " + refusal.domain() + " ")
                  + "are under way, none has returned for "
                  + TimeUnit.NANOSECONDS.toSeconds(refusal.nanos())
                  + " s, and the system's resolver cannot be interrupted"));
    }

    /** A caller of the public API who cancels his future gives up too. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      abandon();
      return cancelled;
    }

    @Override
    public void abandon() {
      owner.leave(key, this);
    }
  }
}
