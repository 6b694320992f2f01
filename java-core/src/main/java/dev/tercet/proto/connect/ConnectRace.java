package dev.tercet.proto.connect;

import dev.tercet.AddressFamily;
import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectAttempt.Outcome;
import dev.tercet.ConnectReport;
import dev.tercet.proto.AddressKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connect to a host with several addresses, of which some may be dead: which are tried, when, and
 * which attempt is the connection. "Happy eyeballs", RFC 8305, in the form that Trio gave it.
 *
 * <p><b>The problem.</b> Address by address, a dead one costs the kernel's patience, two minutes.
 * All at once, every connect burdens every server. Between the two there is a race: an attempt has
 * a head start, and when it has neither succeeded nor failed by then, the next one starts beside
 * it.
 *
 * <p><b>The strategy.</b> Inputs carry the time, and what is to be done comes out of {@link #poll}.
 * A driver tells all that has happened, polls until null, and waits for more, but not longer than
 * until {@link #nextDeadline}. Time is an input like the others: {@code poll} is told it.
 *
 * <p>One rule paces the race: <em>the next attempt may start when the newest one has failed, or has
 * been under way for the delay</em> (spec IO-HE5). The rule is asked anew at each poll, and nothing
 * is queued. So a failure and the end of a delay in the same moment start one attempt and not two;
 * an older attempt that fails starts none; a success that is told before the poll starts none (spec
 * IO-HE8). Two attempts begin at one instant only if the delay is 0, or if the first of them has
 * failed by then.
 *
 * <p>The lookup may answer per family (spec IO-HV1). IPv6 addresses start the race at once; IPv4
 * addresses alone wait up to the resolution delay for the IPv6 answer, whatever it is. An answer
 * that comes later is ranked with all the others, and the addresses that were not tried yet follow
 * in the new order: IPv4 addresses that come while the first IPv6 attempt hangs are next (spec
 * IO-HV7, IO-HV13). Attempts that were started are never stopped for it. While an answer is
 * missing, the race is not lost.
 *
 * <p>What an attempt establishes is not known here: a TCP connection, or one with a TLS handshake
 * done (spec IO-HV12). An attempt is a number. Failures of the network are told as {@link #failed};
 * anything else is a bug, {@link #crashed}, and ends the race (spec IO-HE13).
 *
 * <p><b>What we do not do.</b> No limit per attempt, no memory of earlier races, no adaptive delay,
 * no choice of source ports (spec IO-HE18).
 *
 * <pre>
 * input                       RESOLVING                       RACING                        ended
 * answer with IPv6, or ANY    RACING                          rank anew                     ignored
 * answer IPv4, IPv6 missing   set resolution deadline, once   rank anew                     ignored
 * answer, the last            RACING; NO_ADDRESSES if none    rank anew; may be ALL_FAILED  ignored
 * poll at a deadline          RACING                          start the next                give ups
 * established(n)              -                               WON                           ignored
 * failed(n)                   -                               n is over; may be ALL_FAILED  ignored
 * crashed(n)                  -                               CRASHED                       ignored
 * giveUp                      GIVEN_UP                        GIVEN_UP                      ignored
 * </pre>
 *
 * Absorbing: WON, ALL_FAILED, NO_ADDRESSES, CRASHED, GIVEN_UP. Late inputs are ignored there on
 * purpose: an answer that comes too late, a second success of the same moment (spec IO-HE9), the
 * failure of an attempt that was abandoned.
 *
 * <p>A clock that goes back is taken to stand still. Not thread-safe; one connect is one task.
 */
public final class ConnectRace {
  /** No deadline; as a delay, one attempt at a time. */
  public static final long NEVER = Long.MAX_VALUE;

  private final RaceSettings settings;
  private final long startNanos;
  private long nowNanos;
  private State state = State.RESOLVING;

  /** By family; ANY stands for both. */
  private final Map<AddressFamily, List<Destination>> answers = new LinkedHashMap<>();

  private boolean isResolutionDelayed;
  private long resolutionDeadlineNanos;

  /** When the first attempt could start, or there was nothing to start. */
  private long resolvedNanos;

  private List<Candidate> untried = List.of();
  private final List<Attempt> attempts = new ArrayList<>();
  private final Queue<RaceAction> giveUps = new ArrayDeque<>();
  private int running;
  private @Nullable Attempt winner;

  /** Where a race is. */
  public enum State {
    /** There is nothing to try yet. */
    RESOLVING,
    /** Attempts are under way, or an answer is still to come. */
    RACING,
    /** There is a connection. */
    WON,
    /** Every address was tried, and none will answer. */
    ALL_FAILED,
    /** The lookup gave no addresses. */
    NO_ADDRESSES,
    /** An attempt ended in a way that no attempt should. */
    CRASHED,
    /** The caller does not want a connection any more. */
    GIVEN_UP;

    /**
     * Whether nothing will change any more.
     *
     * @return true in all states but the first two
     */
    public boolean isEnd() {
      return this != RESOLVING && this != RACING;
    }
  }

  /** One that was started. */
  private static final class Attempt {
    private final Candidate candidate;
    private final long startedNanos;
    private long endedNanos;
    private @Nullable Outcome outcome;
    private @Nullable IOException error;
    private @Nullable String reason;

    Attempt(Candidate candidate, long startedNanos) {
      this.candidate = candidate;
      this.startedNanos = startedNanos;
    }

    boolean isRunning() {
      return outcome == null;
    }
  }

  /** Makes a race whose lookup has just begun. */
  public ConnectRace(RaceSettings settings, long nowNanos) {
    this.settings = settings;
    this.startNanos = nowNanos;
    this.nowNanos = nowNanos;
  }

  // ------------------------------------------------------------------------------ inputs

  /**
   * The lookup has answered. A second answer for a family replaces the first.
   *
   * @param family for which family; ANY for both at once
   * @param destinations the addresses in the resolver's order; none when there are none, or when
   *     the lookup has failed
   */
  public void answered(AddressFamily family, List<Destination> destinations, long nowNanos) {
    if (isLate(nowNanos)) {
      return;
    }
    if (family == AddressFamily.ANY) {
      answers.clear();
    }
    answers.put(family, destinations);
    rank();
    if (state == State.RACING) {
      endIfNothingIsLeft();
    } else if (hasAllAnswers()) {
      beginRacing();
    } else if (!untried.isEmpty()) {
      if (family == AddressFamily.IPV6) {
        beginRacing();
      } else if (!isResolutionDelayed) {
        isResolutionDelayed = true;
        resolutionDeadlineNanos = this.nowNanos + settings.resolutionDelayNanos();
      }
    }
  }

  /**
   * An attempt has established what it was to establish.
   *
   * @return whether it is the winner. If not, its caller closes what it has: the race is over
   */
  public boolean established(int attempt, long nowNanos) {
    Attempt told = attempts.get(attempt);
    if (isLate(nowNanos) || !told.isRunning()) {
      return told == winner;
    }
    ended(told, Outcome.WON);
    winner = told;
    end(State.WON);
    return true;
  }

  /**
   * An attempt has failed as attempts do: refused, unreachable, no socket to be had.
   *
   * @param reason what is wrong, without the address
   */
  public void failed(int attempt, IOException error, String reason, long nowNanos) {
    Attempt told = attempts.get(attempt);
    if (isLate(nowNanos) || !told.isRunning()) {
      return;
    }
    told.error = error;
    told.reason = reason;
    ended(told, Outcome.FAILED);
    endIfNothingIsLeft();
  }

  /** An attempt has ended by a bug. Its caller throws that when the others are closed. */
  public void crashed(int attempt, Throwable bug, long nowNanos) {
    Attempt told = attempts.get(attempt);
    if (isLate(nowNanos) || !told.isRunning()) {
      return;
    }
    told.error = new IOException(bug.toString(), bug);
    told.reason = bug.toString();
    ended(told, Outcome.FAILED);
    end(State.CRASHED);
  }

  /** The caller was cancelled, or cannot go on. */
  public void giveUp(long nowNanos) {
    if (!isLate(nowNanos)) {
      end(State.GIVEN_UP);
    }
  }

  // ----------------------------------------------------------------------------- outputs

  /**
   * What is to be done now. To be called after every input and at every deadline, until it says
   * null; also after the end, for what is to be given up.
   *
   * @param nowNanos the time; when a wait for {@link #nextDeadline} has ended, at least that
   * @return null when there is nothing to do but to wait
   */
  public @Nullable RaceAction poll(long nowNanos) {
    if (isLate(nowNanos)) {
      return giveUps.poll();
    }
    if (state == State.RESOLVING
        && isResolutionDelayed
        && this.nowNanos - resolutionDeadlineNanos >= 0) {
      beginRacing();
    }
    if (state != State.RACING || untried.isEmpty() || !mayStart()) {
      return null;
    }
    Attempt next = new Attempt(untried.get(0), this.nowNanos);
    untried = untried.subList(1, untried.size());
    attempts.add(next);
    running++;
    return new RaceAction.Start(attempts.size() - 1, next.candidate.address());
  }

  /**
   * Until when to wait at most.
   *
   * @return the time at which to poll again, {@link #NEVER} when only an input can change anything
   */
  public long nextDeadline() {
    if (state == State.RESOLVING) {
      return isResolutionDelayed ? resolutionDeadlineNanos : NEVER;
    }
    if (state != State.RACING
        || untried.isEmpty()
        || settings.attemptDelayNanos() == NEVER
        || attempts.isEmpty()) {
      return NEVER;
    }
    return newest().startedNanos + settings.attemptDelayNanos();
  }

  /** Where the race is. */
  public State state() {
    return state;
  }

  /**
   * What has happened so far; after the end, what happened.
   *
   * @param host the name or literal that was asked for
   * @return who was tried, in the order of the attempts, then who was not, in the order in which
   *     they would have been
   */
  public ConnectReport report(String host, int port) {
    List<ConnectAttempt> all = new ArrayList<>();
    for (int i = 0; i < attempts.size(); i++) {
      all.add(report(i, port));
    }
    for (Candidate candidate : untried) {
      all.add(
          new ConnectAttempt(
              new InetSocketAddress(candidate.address(), port),
              candidate.why(),
              Duration.ZERO,
              null,
              Outcome.NOT_STARTED,
              null,
              null));
    }
    boolean isResolved = state == State.RACING || !attempts.isEmpty();
    return new ConnectReport(
        host,
        port,
        sinceStart(isResolved ? resolvedNanos : nowNanos),
        all,
        winner == null ? null : new InetSocketAddress(winner.candidate.address(), port),
        sinceStart(nowNanos));
  }

  /**
   * How one attempt went.
   *
   * @return the attempt; one that is under way is shown as abandoned now
   */
  public ConnectAttempt report(int attempt, int port) {
    Attempt one = attempts.get(attempt);
    return new ConnectAttempt(
        new InetSocketAddress(one.candidate.address(), port),
        one.candidate.why(),
        sinceStart(one.startedNanos),
        sinceStart(one.isRunning() ? nowNanos : one.endedNanos),
        one.outcome == null ? Outcome.ABANDONED : one.outcome,
        one.error,
        one.reason);
  }

  // ------------------------------------------------------------------------------- rules

  /** The rule that paces the race. */
  private boolean mayStart() {
    return attempts.isEmpty()
        || !newest().isRunning()
        || (settings.attemptDelayNanos() != NEVER
            && nowNanos - newest().startedNanos >= settings.attemptDelayNanos());
  }

  private Attempt newest() {
    return attempts.get(attempts.size() - 1);
  }

  private boolean hasAllAnswers() {
    return answers.containsKey(AddressFamily.ANY)
        || (answers.containsKey(AddressFamily.IPV6) && answers.containsKey(AddressFamily.IPV4));
  }

  private void beginRacing() {
    resolvedNanos = nowNanos;
    state = State.RACING;
    endIfNothingIsLeft();
  }

  private void endIfNothingIsLeft() {
    if (untried.isEmpty() && running == 0 && hasAllAnswers()) {
      end(attempts.isEmpty() ? State.NO_ADDRESSES : State.ALL_FAILED);
    }
  }

  private void end(State end) {
    for (int i = 0; i < attempts.size(); i++) {
      if (attempts.get(i).isRunning()) {
        ended(attempts.get(i), Outcome.ABANDONED);
        giveUps.add(new RaceAction.Abandon(i));
      }
    }
    state = end;
  }

  private void ended(Attempt attempt, Outcome outcome) {
    attempt.outcome = outcome;
    attempt.endedNanos = nowNanos;
    running--;
  }

  /** Ranks all addresses, those that were tried too: they decide which family is next. */
  private void rank() {
    Map<AddressKey, Destination> known = new LinkedHashMap<>();
    for (AddressFamily family :
        List.of(AddressFamily.ANY, AddressFamily.IPV6, AddressFamily.IPV4)) {
      for (Destination destination : answers.getOrDefault(family, List.of())) {
        known.putIfAbsent(AddressKey.of(destination.address()), destination);
      }
    }
    Set<AddressKey> tried = new HashSet<>();
    for (Attempt attempt : attempts) {
      tried.add(AddressKey.of(attempt.candidate.address()));
    }
    untried =
        DestinationOrder.rank(List.copyOf(known.values()), settings.firstFamilyCount()).stream()
            .filter(candidate -> !tried.contains(AddressKey.of(candidate.address())))
            .toList();
  }

  /** Moves the time on, never back. */
  private boolean isLate(long told) {
    if (state.isEnd()) {
      return true;
    }
    if (told - nowNanos > 0) {
      nowNanos = told;
    }
    return false;
  }

  private Duration sinceStart(long nanos) {
    return Duration.ofNanos(nanos - startNanos);
  }

  @Override
  public String toString() {
    return "ConnectRace(" + state + ", " + running + " under way, " + untried.size() + " untried)";
  }
}
