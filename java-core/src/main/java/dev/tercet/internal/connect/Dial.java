package dev.tercet.internal.connect;

import dev.tercet.AddressFamily;
import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.internal.names.Lookup;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.nio.ConnectErrors;
import dev.tercet.internal.wait.Bell;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.proto.connect.ConnectRace;
import dev.tercet.proto.connect.RaceAction;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connect under way, everything but waiting. It holds the lookup, the race and the attempts,
 * tells the race what has happened to them, and does what the race says. {@link Connect} says when
 * to wait, and for how long.
 *
 * <p><b>The problem.</b> Several connects are under way at once, one may win, and in the same
 * moment the caller may be cancelled. A task per attempt would hand the winner from one task to
 * another, and what is handed to a task that is being cancelled is lost; in Java it would cost a
 * thread per attempt.
 *
 * <p><b>The strategy.</b> One task, which waits for a {@link Bell} that every attempt and the
 * lookup ring. Woken, it looks at all of them: asking a connect that is not finished costs next to
 * nothing, and so a success counts in the very moment in which a delay ends, whoever rang (spec
 * IO-HE8). Everything that is open is in this object's list all the time, never on its way
 * anywhere. So {@link #close} closes all of it, at any moment.
 *
 * <p><b>Time.</b> The race is told the network's clock, and when a wait for a deadline is over, at
 * least that deadline. A clock that stands still or goes back, or a timer that is a little early,
 * cannot make the driver spin: the deadline is then over for the race, whatever the clock says. Nor
 * does a machine that wakes up after an hour start all attempts at once: then the clock counts.
 *
 * <p><i>Thread-safety:</i> one task.
 */
final class Dial<T> {
  /** No deadline. */
  static final long NEVER = ConnectRace.NEVER;

  private final NetworkProvider network;
  private final DialPlan plan;
  private final Establishing.Opening<T> opening;
  private final Bell bell = new Bell();
  private final ConnectRace race;
  private final Lookup lookup;
  private final @Nullable Lookup localLookup;
  private Bell.@Nullable Rope lookupRope;
  private Bell.@Nullable Rope localLookupRope;

  /** Null as long as the caller's local address is being looked up. */
  private @Nullable Sources sources;

  /** By number. */
  private final List<Attempt<T>> attempts = new ArrayList<>();

  private final List<Latch> closing = new ArrayList<>();

  /** What the race is told at least. */
  private long toldNanos;

  private @Nullable Attempt<T> winner;
  private @Nullable IOException localFailure;
  private @Nullable Throwable bug;
  private @Nullable ConnectReport report;
  private boolean isReportTaken;

  /** One of the race's, with what it has open. */
  private static final class Attempt<T> {
    final InetSocketAddress target;
    final long startedNanos;
    final @Nullable Object event = AttemptEvents.begin();

    /** Null when it could not even be opened. */
    @Nullable Establishing<T> establishing;

    Bell.@Nullable Rope rope;
    boolean isRunning = true;

    Attempt(InetSocketAddress target, long startedNanos) {
      this.target = target;
      this.startedNanos = startedNanos;
    }

    /** Before it is looked at: nobody may wait for it then. */
    void cutRope() {
      Bell.Rope rope = this.rope;
      if (rope != null) {
        rope.cut();
        this.rope = null;
      }
    }
  }

  /** Begins a connect: the lookup has begun. */
  Dial(NetworkProvider network, DialPlan plan, Establishing.Opening<T> opening) {
    this.network = network;
    this.plan = plan;
    this.opening = opening;
    toldNanos = network.nanoTime();
    race = new ConnectRace(plan.settings(), toldNanos);
    lookup = Lookup.start(network.resolver(), plan.host(), AddressFamily.ANY);
    localLookup =
        plan.localHost() == null
            ? null
            : Lookup.start(network.resolver(), plan.localHost(), AddressFamily.ANY);
  }

  // ------------------------------------------------------------------------ for the driver

  /**
   * Looks at everything that may have news, and does what the race says. Never waits.
   *
   * @return whether the race has ended; then wait for all of {@link #takeClosing}, and take the
   *     {@link #result}
   */
  boolean advance() {
    bell.reset();
    toldNanos = later(toldNanos, network.nanoTime());
    lookAtLookups();
    for (int i = 0; i < attempts.size() && !race.state().isEnd(); i++) {
      goOn(i);
    }
    act();
    return race.state().isEnd();
  }

  /** Where to wait. */
  WaitPlace news() {
    return bell;
  }

  /**
   * How long to wait at most.
   *
   * @return 0 or more nanoseconds, {@link #NEVER} for as long as it takes
   */
  long remainingNanos() {
    long deadline = nextDeadline();
    if (deadline == NEVER) {
      return NEVER;
    }
    return Math.max(0, deadline - later(toldNanos, network.nanoTime()));
  }

  /** A wait of {@link #remainingNanos} is over. The race is told its deadline at the next look. */
  void deadlinePassed() {
    long deadline = nextDeadline();
    if (deadline != NEVER) {
      toldNanos = later(toldNanos, deadline);
    }
  }

  /** The race's, or that of an attempt: its handshake may have a limit. */
  private long nextDeadline() {
    long next = race.nextDeadline();
    for (Attempt<T> attempt : attempts) {
      Establishing<T> establishing = attempt.establishing;
      if (attempt.isRunning && establishing != null) {
        long own = establishing.deadlineNanos();
        next = own != NEVER && (next == NEVER || own - next < 0) ? own : next;
      }
    }
    return next;
  }

  /**
   * What was established, when the race has ended. It stays with this object, and is closed by
   * {@link #close}, until its caller returns it.
   *
   * @throws ConnectFailedException when every attempt has failed
   * @throws IOException when the lookup has failed
   */
  T result() throws IOException {
    Throwable bug = this.bug;
    if (bug instanceof RuntimeException e) {
      throw e;
    }
    if (bug instanceof Error e) {
      throw e;
    }
    IOException localFailure = this.localFailure;
    if (localFailure != null) {
      throw localFailure;
    }
    Attempt<T> winner = this.winner;
    if (winner != null && winner.establishing != null) {
      return winner.establishing.result();
    }
    if (race.state() == ConnectRace.State.NO_ADDRESSES) {
      lookup.result();
    }
    throw new ConnectFailedException(report());
  }

  /** Gives everything up, also what was established. Does not wait; any number of times. */
  void close() {
    race.giveUp(later(toldNanos, network.nanoTime()));
    act();
    Attempt<T> winner = this.winner;
    if (winner != null) {
      closeNow(winner);
    }
  }

  /** What was closed since the last call, but may still send (spec IO-HE14). */
  List<Latch> takeClosing() {
    List<Latch> taken = List.copyOf(closing);
    closing.clear();
    return taken;
  }

  /**
   * The report, for whoever is to be told: once, so that it is told once.
   *
   * @return null when it was taken
   */
  @Nullable ConnectReport takeReport() {
    if (isReportTaken) {
      return null;
    }
    isReportTaken = true;
    return report();
  }

  // --------------------------------------------------------------------------------- inside

  private void lookAtLookups() {
    if (race.state().isEnd()) {
      return;
    }
    Sources sources = sources();
    if (sources == null) {
      return;
    }
    for (Lookup.Batch batch = lookup.poll(); batch != null; batch = lookup.poll()) {
      race.answered(
          batch.family(), sources.destinations(batch.family(), batch.addresses()), toldNanos);
    }
    lookupRope = cut(lookupRope);
    if (!lookup.isDone() && !race.state().isEnd()) {
      lookupRope = bell.hang(lookup.news());
    }
  }

  /** The caller's local address is needed before the first attempt, and to rank addresses. */
  private @Nullable Sources sources() {
    if (sources == null) {
      if (localLookup == null || plan.localHost() == null) {
        sources = new Sources(network, null, null);
      } else if (localLookup.answered().isOpen()) {
        try {
          sources = new Sources(network, plan.localHost().text(), localLookup.result());
        } catch (IOException e) {
          localFailure = e;
          race.giveUp(toldNanos);
        }
      } else if (localLookupRope == null) {
        localLookupRope = bell.hang(localLookup.answered());
      }
    }
    return sources;
  }

  private void act() {
    for (RaceAction action = race.poll(toldNanos); action != null; action = race.poll(toldNanos)) {
      if (action instanceof RaceAction.Start start) {
        attempts.add(new Attempt<>(new InetSocketAddress(start.address(), plan.port()), toldNanos));
        open(start.attempt());
      } else {
        closeNow(attempts.get(action.attempt()));
        ended(action.attempt());
      }
    }
    if (race.state().isEnd()) {
      lookup.abandon();
      lookupRope = cut(lookupRope);
      if (localLookup != null) {
        localLookup.abandon();
        localLookupRope = cut(localLookupRope);
      }
    }
  }

  private static Bell.@Nullable Rope cut(Bell.@Nullable Rope rope) {
    if (rope != null) {
      rope.cut();
    }
    return null;
  }

  private void open(int number) {
    Attempt<T> attempt = attempts.get(number);
    InetSocketAddress target = attempt.target;
    try {
      Sources sources = this.sources;
      attempt.establishing = opening.open(target, sources == null ? null : sources.bindTo(target));
    } catch (IOException e) {
      failed(number, e);
      return;
    } catch (RuntimeException | Error e) {
      crashed(number, e);
      return;
    }
    goOn(number);
  }

  private void goOn(int number) {
    Attempt<T> attempt = attempts.get(number);
    Establishing<T> establishing = attempt.establishing;
    if (!attempt.isRunning || establishing == null) {
      return;
    }
    attempt.cutRope();
    try {
      WaitPlace place = establishing.advance(toldNanos);
      if (place != null) {
        attempt.rope = bell.hang(place);
      } else if (race.established(number, toldNanos)) {
        winner = attempt;
        ended(number);
      }
    } catch (IOException e) {
      closeNow(attempt);
      failed(number, e);
    } catch (RuntimeException | Error e) {
      closeNow(attempt);
      crashed(number, e);
    }
  }

  private void failed(int number, IOException e) {
    Attempt<T> attempt = attempts.get(number);
    IOException timed = ConnectErrors.after(e, toldNanos - attempt.startedNanos);
    race.failed(number, timed, ConnectErrors.reason(e, attempt.target), toldNanos);
    ended(number);
  }

  private void crashed(int number, Throwable e) {
    bug = e;
    race.crashed(number, e, toldNanos);
    ended(number);
  }

  private void ended(int number) {
    Attempt<T> attempt = attempts.get(number);
    attempt.isRunning = false;
    if (attempt.event != null) {
      AttemptEvents.end(attempt.event, plan.host().text(), race.report(number, plan.port()));
    }
  }

  private void closeNow(Attempt<T> attempt) {
    attempt.cutRope();
    Establishing<T> establishing = attempt.establishing;
    if (establishing != null) {
      attempt.establishing = null;
      establishing.close();
      closing.add(establishing.released());
    }
  }

  private ConnectReport report() {
    if (report == null || !race.state().isEnd()) {
      report = race.report(plan.host().text(), plan.port());
    }
    return report;
  }

  private static long later(long one, long other) {
    return other - one > 0 ? other : one;
  }
}
