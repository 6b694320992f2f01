package dev.tercet.testing.simulation;

import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.CancelledException;
import dev.tercet.blocking.Nursery;
import dev.tercet.internal.text.Durations;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Rethrow;
import dev.tercet.internal.wait.Scope;
import dev.tercet.internal.wait.WaitNanos;
import dev.tercet.testing.internal.SimulationNote;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocking code in virtual time and on a simulated network (KIT-J8).
 *
 * <pre>{@code
 * Simulation.run(42, sim -> {
 *   sim.nursery().startSoon(() -> Net.serveTcp(80, Programs::echo));
 *   sim.sleep(Duration.ofMinutes(1));                              // costs nothing
 *   try (SocketStream stream = Net.openTcpStream("localhost", 80)) {
 *     stream.sendAll(bytes("hello"));
 *   }
 * });
 * }</pre>
 *
 * <p>The body and the tasks of its nurseries run one at a time. When one waits, the seed chooses
 * which thread continues. When all wait, the clock jumps to the earliest deadline. So a run is a
 * function of its seed, and a limit of an hour is tested in no time. Cancel scopes, interrupts and
 * whatever else waits in the library obey that clock. What is opened without naming a network is
 * opened on {@link #network}.
 *
 * <p>Only threads of nurseries take part, and only waits of the library are seen: use {@link
 * #sleep} and not {@code Thread.sleep}, memory channels and not {@code BlockingQueue}. An answer
 * that comes from a thread outside, of a real executor for instance, comes too late: the simulation
 * reports a deadlock.
 *
 * <p>A failure keeps its type. It gets a suppressed exception that names the seed and shows the end
 * of the network's trace (KIT-R1).
 */
public final class Simulation {
  /** What a simulation may cost in real time; it is spent only when something is wrong. */
  private static final Duration REAL_LIMIT = Duration.ofSeconds(60);

  /** How long threads that were told to end are waited for, in real time. */
  private static final long LAST_MILLIS = 2_000;

  /**
   * What runs in a simulation.
   *
   * <p><i>Thread-safety:</i> called once, on a thread of the simulation.
   */
  @FunctionalInterface
  public interface Body {
    /**
     * Does it.
     *
     * <p><i>Errors:</i> end the simulation and are thrown by {@link Simulation#run}.
     *
     * <p><i>Interruption:</i> as the calls inside.
     *
     * @param simulation the one it is in
     * @throws Exception when it failed
     */
    void run(Simulation simulation) throws Exception;
  }

  private final long seed;
  private final SimulatedWorld world;
  private final SimulatedNetwork network;
  private final CancelScope everything = CancelScope.open();
  private volatile @Nullable Nursery nursery;

  /** What the body or a task ended with. Written before the thread ends. */
  private volatile @Nullable Throwable outcome;

  /** What went wrong with the simulation itself. Guarded by this. */
  private @Nullable Throwable trouble;

  private Simulation(long seed) {
    this.seed = seed;
    this.world = new SimulatedWorld(seed, new Verdict());
    this.network = SimulatedNetwork.create(world, seed);
    world.setNetwork(network);
  }

  /**
   * Runs a body in a world of its own, which ends when the body and all tasks of {@link #nursery}
   * have ended.
   *
   * <p><i>Errors:</i> what the body or a task throws; {@link AssertionError} for a deadlock, with
   * what each thread waits for, and when the run takes more than a minute of real time.
   *
   * <p><i>Interruption:</i> cancels everything inside, then throws.
   *
   * <p><i>Thread-safety:</i> any thread; simulations can run side by side.
   *
   * @param seed chooses the order in which the threads run, and the network's jitter
   * @param body runs on a thread of its own, the calling one waits
   * @throws Exception from the body or a task
   */
  public static void run(long seed, Body body) throws Exception {
    run(seed, REAL_LIMIT, body);
  }

  /** With another limit of real time, for our own tests. */
  static void run(long seed, Duration realLimit, Body body) throws Exception {
    new Simulation(seed).runHere(realLimit, body);
  }

  /**
   * A nursery around the body: its tasks are part of the simulation and are waited for.
   *
   * @return the same each time
   */
  public Nursery nursery() {
    Nursery nursery = this.nursery;
    if (nursery == null) {
      throw new IllegalStateException("the simulation has not begun");
    }
    return nursery;
  }

  /**
   * The network of this world.
   *
   * @return the same each time
   */
  public SimulatedNetwork network() {
    return network;
  }

  /**
   * The time since the simulation began.
   *
   * @return virtual time
   */
  public Duration now() {
    return Duration.ofNanos(world.nanoTime());
  }

  /**
   * Waits in virtual time.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} when the time is negative.
   *
   * <p><i>Interruption:</i> throws; so does the expiry of a cancel scope.
   *
   * <p><i>Thread-safety:</i> any thread of the simulation.
   *
   * @param time how long, 0 or more; 0 lets others run that can
   * @throws InterruptedException when the thread was interrupted
   */
  public void sleep(Duration time) throws InterruptedException {
    if (time.isNegative()) {
      throw new IllegalArgumentException(
          "the time must not be negative, but is " + Durations.text(time));
    }
    Parking.checkpoint();
    Latch over = new Latch();
    world.schedule(world.nanoTime() + WaitNanos.of(time), over::open);
    Parking.await(over);
  }

  // ------------------------------------------------------------------------- running it

  private void runHere(Duration realLimit, Body body) throws Exception {
    Thread first = new Thread(() -> world.runAsFirst(() -> runInside(body)), "simulation " + seed);
    first.setDaemon(true);
    first.start();
    try {
      first.join(realLimit.toMillis());
    } catch (InterruptedException e) {
      fail(e);
    }
    if (first.isAlive()) {
      fail(tookTooLong(realLimit));
      end(first);
    }
    Throwable result = result();
    if (result != null) {
      result.addSuppressed(new SimulationNote(seed, network.trace().last(SimulationNote.LINES)));
      throw Rethrow.<RuntimeException>unchecked(result);
    }
  }

  private void runInside(Body body) {
    Root root = new Root();
    Scope previous = root.enter();
    try {
      boolean unused = everything.run(() -> Nursery.run(nursery -> runIn(nursery, body)));
    } catch (Throwable failure) {
      outcome = failure;
    } finally {
      root.exit(previous);
    }
  }

  private void runIn(Nursery nursery, Body body) throws IOException, InterruptedException {
    this.nursery = nursery;
    try {
      body.run(this);
    } catch (Exception e) {
      throw Rethrow.<RuntimeException>unchecked(e);
    }
  }

  private synchronized @Nullable Throwable result() {
    if (trouble == null) {
      return outcome;
    }
    if (outcome != null
        && outcome != trouble
        && !(outcome instanceof SimulatedWorld.GivenUp)
        && !(outcome instanceof CancelledException)) {
      trouble.addSuppressed(outcome);
    }
    return trouble;
  }

  private AssertionError tookTooLong(Duration realLimit) {
    return new AssertionError(
        "the simulation took more than "
            + Durations.text(realLimit)
            + " of real time, and its clock is at "
            + Durations.text(now())
            + "; its threads are here:\n"
            + String.join("\n", world.whereEachIs()));
  }

  /** Asks politely, which lets everything close its sockets, then less so. */
  private void end(Thread first) throws InterruptedException {
    first.join(LAST_MILLIS);
    if (first.isAlive()) {
      world.giveUp();
      world.interruptAll();
      first.join(LAST_MILLIS);
    }
  }

  /** Ends everything because of trouble; the first counts. */
  private void fail(Throwable cause) {
    synchronized (this) {
      if (trouble != null) {
        return;
      }
      trouble = cause;
    }
    everything.cancel();
  }

  private synchronized boolean hasFailed() {
    return trouble != null;
  }

  @Override
  public String toString() {
    return "Simulation(seed " + seed + ", at " + Durations.text(now()) + ")";
  }

  private final class Verdict implements SimulatedWorld.Trouble {
    @Override
    public void deadlock(List<String> waiting) {
      if (hasFailed()) {
        // Everything was cancelled, and somebody waits all the same.
        world.giveUp();
      } else {
        fail(
            new AssertionError(
                "deadlock at "
                    + Durations.text(now())
                    + ": everybody waits, and not for a time\n"
                    + String.join("\n", waiting)));
      }
    }

    @Override
    public void eventFailed(Throwable failure) {
      fail(failure);
    }
  }

  /** The scope that says which world this is. Nobody cancels it. */
  private final class Root extends Scope {
    Root() {
      setWorld(world);
    }

    @Override
    protected RuntimeException cancellation() {
      return new IllegalStateException("the world of a simulation was cancelled");
    }
  }
}
