package dev.tercet.testing.simulation;

import dev.tercet.Network;
import dev.tercet.internal.wait.World;
import dev.tercet.testing.internal.SplitMix64;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A world whose threads run one at a time, and whose clock jumps.
 *
 * <p><b>The problem.</b> A test of blocking code that waits for real costs real time, and the
 * operating system decides in which order its threads run: a failure may never come again.
 *
 * <p><b>The strategy.</b> Every wait of the blocking API goes through {@link #park}. So at any
 * moment all threads but one can be held there, and that one has the baton. When it waits it passes
 * the baton to one of those that can go on, chosen by the seed. When nobody can, the clock jumps to
 * the earliest instant that anybody waits for, be it the deadline of a thread or an event of the
 * network. Things that happen at one instant happen in this order: events, as they were scheduled,
 * then threads, as the seed says. What a thread does between two waits is not interleaved with
 * anything; so the order of everything, and every result, is a function of the seed.
 *
 * <p><b>Interrupts</b> may come without our help, by {@link Thread#interrupt}. The flag of a thread
 * that is held here is looked at before each choice. It is cleared only under the lock, together
 * with the note that it was set: a choice sees the one or the other.
 *
 * <p><b>When nobody can go on and there is no instant to jump to</b>, that is a deadlock. It is
 * told to the {@link Simulation}, which cancels everything; the threads end as in any cancelled
 * nursery. If they get stuck again while they clean up, the world is given up: from then on every
 * wait throws {@link GivenUp}, in all threads at once.
 *
 * <p><b>What we do not see</b> are waits that are not the library's: {@code Thread.sleep}, locks,
 * files. The thread that is in one keeps the baton and the clock stands still. If it waits for a
 * thread of this world, nothing moves any more; the limit in real time ends that.
 */
final class SimulatedWorld implements World, VirtualTime {
  private static final long NEVER = Long.MAX_VALUE;

  /** One thread. All fields are guarded by the world's lock. */
  private static final class Member {
    @Nullable Thread thread;
    boolean parked;
    long deadline = NEVER;
    boolean permit;
    boolean interrupted;
  }

  private record Event(long at, long number, Runnable action) {}

  /** Thrown by every wait of a world that was given up. */
  static final class GivenUp extends Error {
    private static final long serialVersionUID = 1L;

    GivenUp() {
      super("the simulation was given up");
    }
  }

  /** What the simulation does about trouble. Called without a lock, by the thread that found it. */
  interface Trouble {
    /**
     * Nobody can go on. Must make somebody able to, or give up.
     *
     * @param waiting what each thread waits for
     */
    void deadlock(List<String> waiting);

    /**
     * An event has thrown.
     *
     * @param failure what it threw
     */
    void eventFailed(Throwable failure);
  }

  private final Object lock = new Object();
  private final SplitMix64 random;
  private final Trouble trouble;

  /** In the order in which they came. Guarded by lock, as is everything below. */
  private final List<Member> members = new ArrayList<>();

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));

  private long now;
  private long scheduled;
  private @Nullable Member running;
  private boolean inEvent;
  private boolean givenUp;

  private volatile @Nullable Network network;

  SimulatedWorld(long seed, Trouble trouble) {
    this.random = new SplitMix64(seed);
    this.trouble = trouble;
  }

  void setNetwork(Network network) {
    this.network = network;
  }

  @Override
  public @Nullable Network network() {
    return network;
  }

  @Override
  public long nanoTime() {
    synchronized (lock) {
      return now;
    }
  }

  @Override
  public void schedule(long atNanos, Runnable event) {
    synchronized (lock) {
      events.add(new Event(Math.max(atNanos, now), scheduled++, event));
    }
  }

  // ------------------------------------------------------------------------- threads come and go

  /** The first thread of this world: it has the baton at once. */
  void runAsFirst(Runnable body) {
    Member first = join();
    synchronized (lock) {
      running = first;
    }
    runAs(first, body);
  }

  @Override
  public Runnable newcomer(Runnable body) {
    Member member = join();
    return () -> runAs(member, body);
  }

  private Member join() {
    Member member = new Member();
    synchronized (lock) {
      members.add(member);
    }
    return member;
  }

  private void runAs(Member member, Runnable body) {
    synchronized (lock) {
      member.thread = Thread.currentThread();
    }
    awaitBaton(member);
    try {
      body.run();
    } finally {
      synchronized (lock) {
        members.remove(member);
      }
      passBaton();
    }
  }

  // ------------------------------------------------------------------------- waiting

  @Override
  public void park(Object blocker) {
    parkUntil(NEVER);
  }

  @Override
  public void parkNanos(Object blocker, long nanos) {
    if (nanos > 0) {
      long from = nanoTime();
      parkUntil(nanos < NEVER - from ? from + nanos : NEVER);
    }
  }

  private void parkUntil(long deadline) {
    Member self;
    synchronized (lock) {
      self = member(Thread.currentThread());
      if (givenUp) {
        throw new GivenUp();
      }
      if (self == null) {
        throw new IllegalStateException("not a thread of this simulation: start it in a nursery");
      }
      if (inEvent) {
        throw new IllegalStateException("an event of a simulated network must not wait");
      }
      if (self.permit) {
        self.permit = false;
        return;
      }
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      self.parked = true;
      self.deadline = deadline;
    }
    passBaton();
    awaitBaton(self);
  }

  @Override
  public void unpark(Thread thread) {
    synchronized (lock) {
      Member member = member(thread);
      if (member != null) {
        if (member.parked) {
          member.parked = false;
        } else {
          member.permit = true;
        }
      }
    }
  }

  @Override
  public void interrupt(Thread thread) {
    thread.interrupt();
  }

  /** By search: there are few threads, and a map could not tell the order in which they came. */
  private @Nullable Member member(Thread thread) {
    for (Member member : members) {
      if (member.thread == thread) {
        return member;
      }
    }
    return null;
  }

  // ------------------------------------------------------------------------- the baton

  private void awaitBaton(Member self) {
    while (true) {
      synchronized (lock) {
        // Together under the lock, or a choice in between would see neither.
        self.interrupted |= Thread.interrupted();
        if (running == self || givenUp) {
          self.parked = false;
          self.deadline = NEVER;
          if (self.interrupted) {
            self.interrupted = false;
            Thread.currentThread().interrupt();
          }
          if (givenUp) {
            throw new GivenUp();
          }
          return;
        }
      }
      LockSupport.park(this);
    }
  }

  /** Lets happen what is due, then hands the baton on. The caller has it, and is parked or gone. */
  private void passBaton() {
    while (true) {
      Event due;
      List<String> waiting;
      synchronized (lock) {
        if (givenUp || members.isEmpty()) {
          return;
        }
        due = dueEvent();
        if (due == null) {
          Member next = choose();
          if (next != null) {
            running = next;
            LockSupport.unpark(next.thread);
            return;
          }
          if (jump()) {
            continue;
          }
        }
        waiting = due == null ? whatEachWaitsFor() : List.of();
        inEvent = due != null;
      }
      if (due == null) {
        trouble.deadlock(waiting);
      } else {
        run(due);
      }
    }
  }

  private void run(Event event) {
    try {
      event.action.run();
    } catch (Throwable failure) {
      trouble.eventFailed(failure);
    } finally {
      synchronized (lock) {
        inEvent = false;
      }
    }
  }

  private @Nullable Event dueEvent() {
    Event first = events.peek();
    return first != null && first.at <= now ? events.poll() : null;
  }

  private @Nullable Member choose() {
    List<Member> able = members.stream().filter(this::canGoOn).toList();
    return able.isEmpty() ? null : able.get(random.nextInt(0, able.size() - 1));
  }

  private boolean canGoOn(Member member) {
    return !member.parked
        || member.deadline <= now
        || member.interrupted
        || (member.thread != null && member.thread.isInterrupted());
  }

  /** Moves the clock to the next instant; false when there is none. */
  private boolean jump() {
    long next = NEVER;
    for (Member member : members) {
      next = Math.min(next, member.deadline);
    }
    Event first = events.peek();
    if (first != null) {
      next = Math.min(next, first.at);
    }
    if (next == NEVER) {
      return false;
    }
    now = next;
    return true;
  }

  // ------------------------------------------------------------------------- the end

  /** Makes every wait throw from now on. */
  void giveUp() {
    synchronized (lock) {
      givenUp = true;
      for (Member member : members) {
        LockSupport.unpark(member.thread);
      }
    }
  }

  /** Interrupts all threads, for those that are in waits which are not the library's. */
  void interruptAll() {
    for (Thread thread : threads()) {
      thread.interrupt();
    }
  }

  /** Where each thread is, in words. */
  List<String> whereEachIs() {
    synchronized (lock) {
      return whatEachWaitsFor();
    }
  }

  private List<Thread> threads() {
    synchronized (lock) {
      List<Thread> threads = new ArrayList<>();
      for (Member member : members) {
        if (member.thread != null) {
          threads.add(member.thread);
        }
      }
      return threads;
    }
  }

  private List<String> whatEachWaitsFor() {
    return threads().stream().map(ThreadPlace::describe).toList();
  }

  @Override
  public String toString() {
    return "World(simulated)";
  }
}
