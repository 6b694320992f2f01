package dev.tercet.proto.names;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * Which lookups run, and which wait for a thread.
 *
 * The problem. The system's resolver blocks and cannot be interrupted. A name server that does not answer holds a thread for ten seconds
 * to a minute, a broken plug-in of the C library for ever, whether or not anybody still wants the answer. A pool of sixteen threads with a
 * queue in front of it is dead after sixteen such names, for everybody. A pool without a bound takes the process down with it.
 *
 * The strategy. There is no telling a stuck lookup from a slow one, and nothing that could be done about it. So what is limited is how many
 * threads the names of one domain can hold:
 *
 *   1. Equal questions that are under way are one lookup: a name holds one thread at most, however many ask, come and go.
 *   2. Of the threads, a domain may hold half of what the domain above it may: of 128 in all "com" 64, "example.com" 32, "a.example.com"
 *      16, and so on, two at least. Names without a dot are a domain of their own. So whoever's name server is dead, and whoever makes us
 *      look up his names, others have threads left. And nobody waits for a thread that is there.
 *   3. A lookup that may not start waits at the domain that is full, in order, and starts when one of that domain's returns. Those who give
 *      up while waiting leave nothing behind.
 *   4. A domain that is full and of which none has returned for 20 seconds is stuck: those who wait there fail, and so do new ones, at once,
 *      until one returns. 20 seconds is twice what the C library takes by default to give up on a dead name server (two tries of 5 s).
 *
 * Rejected: giving up after a time on a lookup that runs. Its callers have scopes for that, and 25 seconds is slow, not wrong. Also counting
 * lookups that nobody wants any more separately: they hold threads like the others. And telling domains apart by the public suffix list: it
 * is a large table that ages, and halving at each dot needs none.
 *
 *   state of a lookup   input              next       action
 *   (none)              ask                RUNNING    start        no domain of it is full
 *   (none)              ask                WAITING    -            a domain is full
 *   (none)              ask                (none)     fail         a domain is stuck
 *   RUNNING, WAITING    ask, same key      same       -            one more ticket
 *   WAITING             leave, last ticket (none)     -
 *   RUNNING             leave, last ticket same       -            the thread cannot be had back; who asks again joins
 *   WAITING             returned, of others RUNNING   start        its domains have room
 *   WAITING             tick               (none)     fail         the domain where it waits is stuck
 *   RUNNING             returned           (none)     answer, by the caller, to the tickets that are left
 */

/**
 * The order of lookups (spec IO-K9). Not thread-safe; the caller holds a lock.
 *
 * @param <T> who waits for it: a ticket
 */
public final class LookupQueue<W, T> {
  /** Of all lookups together. Each holds a stack and no processor. */
  public static final int MAX_THREADS = 128;

  /** Of a domain, however deep: one of its names does not hold up the others. */
  private static final int FEWEST = 2;

  /** See the essay, 4. */
  public static final long PATIENCE_NANOS = 20_000_000_000L;

  /** No deadline. */
  public static final long NEVER = Long.MAX_VALUE;

  /** The domain of all names, and that of the names without a dot. */
  private static final String ROOT = "";

  private static final String DOTLESS = "(no dot)";

  private final Map<Object, Entry<W, T>> byKey = new HashMap<>();
  private final Map<String, Domain<W, T>> domains = new HashMap<>();
  private final Set<Domain<W, T>> withWaiting = new LinkedHashSet<>();
  private final List<Entry<W, T>> toStart = new ArrayList<>();
  private final List<Refusal<T>> toFail = new ArrayList<>();

  /** Makes a queue without lookups. */
  public LookupQueue() {}

  /** A lookup. */
  public static final class Entry<W, T> {
    private final Object key;
    private final W work;
    private final List<String> path;
    private final Set<T> tickets = new LinkedHashSet<>();

    /** Where it waits; null while it runs. */
    private @Nullable Domain<W, T> waitsAt;

    private Entry(Object key, List<String> path, W work) {
      this.key = key;
      this.path = path;
      this.work = work;
    }

    /**
     * What it runs.
     *
     * @return as given to {@link LookupQueue#ask}, by the first who asked
     */
    public W work() {
      return work;
    }
  }

  /**
   * Tickets that cannot be served.
   *
   * @param tickets who
   * @param domain which domain is stuck; empty for all names together
   * @param threads how many lookups it has under way
   * @param nanos for how long none has returned
   * @param <T> a ticket
   */
  public record Refusal<T>(List<T> tickets, String domain, int threads, long nanos) {}

  /** Names with a common end. Exists while a lookup of one of them runs or waits here. */
  private static final class Domain<W, T> {
    private final String name;
    private final int limit;
    private int running;
    private long fullSinceNanos;
    private final Set<Entry<W, T>> waiting = new LinkedHashSet<>();

    Domain(String name, int depth) {
      this.name = name;
      this.limit = Math.max(FEWEST, MAX_THREADS >> depth);
    }

    boolean isFull() {
      return running >= limit;
    }

    boolean isStuck(long nowNanos) {
      return isFull() && nowNanos - fullSinceNanos >= PATIENCE_NANOS;
    }
  }

  /**
   * Somebody asks. Then see {@link #takeStarts} and {@link #takeRefusals}.
   *
   * @param key equal for equal questions
   * @param name the domain name that is asked about
   * @param work what to run, unless it runs already
   * @param ticket who asks; given once
   */
  public void ask(Object key, String name, W work, T ticket, long nowNanos) {
    Entry<W, T> entry = byKey.get(key);
    if (entry == null) {
      entry = new Entry<>(key, path(name), work);
      byKey.put(key, entry);
      entry.tickets.add(ticket);
      place(entry, nowNanos);
    } else {
      entry.tickets.add(ticket);
    }
  }

  /** Somebody gives up. Too late is no error. */
  public void leave(Object key, T ticket) {
    Entry<W, T> entry = byKey.get(key);
    if (entry == null || !entry.tickets.remove(ticket) || !entry.tickets.isEmpty()) {
      return;
    }
    Domain<W, T> domain = entry.waitsAt;
    if (domain != null) {
      byKey.remove(key);
      domain.waiting.remove(entry);
      forgetIfIdle(domain);
    }
  }

  /**
   * A lookup has returned, or could not be started. Then see {@link #takeStarts} and {@link
   * #takeRefusals}.
   *
   * @return those who are still there for the answer
   */
  public List<T> returned(Entry<W, T> entry, long nowNanos) {
    byKey.remove(entry.key);
    for (int depth = 0; depth < entry.path.size(); depth++) {
      domain(entry.path.get(depth), depth).running--;
    }
    // From the root down: who has waited for a thread of any domain comes before who waits for one
    // of this.
    for (int depth = 0; depth < entry.path.size(); depth++) {
      Domain<W, T> domain = domain(entry.path.get(depth), depth);
      while (!domain.isFull() && !domain.waiting.isEmpty()) {
        Entry<W, T> next = domain.waiting.iterator().next();
        domain.waiting.remove(next);
        place(next, nowNanos);
      }
      forgetIfIdle(domain);
    }
    return List.copyOf(entry.tickets);
  }

  /** Time has passed; see {@link #deadlineNanos}. Then see {@link #takeRefusals}. */
  public void tick(long nowNanos) {
    for (Domain<W, T> domain : List.copyOf(withWaiting)) {
      if (domain.isStuck(nowNanos)) {
        for (Entry<W, T> entry : List.copyOf(domain.waiting)) {
          domain.waiting.remove(entry);
          refuse(entry, domain, nowNanos);
        }
        forgetIfIdle(domain);
      }
    }
  }

  /**
   * When {@link #tick} has something to do.
   *
   * @return {@link #NEVER} while nobody waits
   */
  public long deadlineNanos() {
    long earliest = NEVER;
    for (Domain<W, T> domain : withWaiting) {
      long deadline = domain.fullSinceNanos + PATIENCE_NANOS;
      earliest = earliest == NEVER || deadline - earliest < 0 ? deadline : earliest;
    }
    return earliest;
  }

  /**
   * The lookups to start now. Each of them is returned some day.
   *
   * @return in order, each once
   */
  public List<Entry<W, T>> takeStarts() {
    List<Entry<W, T>> starts = List.copyOf(toStart);
    toStart.clear();
    return starts;
  }

  /**
   * The tickets to refuse now.
   *
   * @return each once
   */
  public List<Refusal<T>> takeRefusals() {
    List<Refusal<T>> refusals = List.copyOf(toFail);
    toFail.clear();
    return refusals;
  }

  /**
   * Whether nothing is left of all that was asked.
   *
   * @return true when no lookup runs or waits
   */
  public boolean isIdle() {
    return byKey.isEmpty() && domains.isEmpty() && withWaiting.isEmpty();
  }

  private void place(Entry<W, T> entry, long nowNanos) {
    entry.waitsAt = null;
    // From the name up: at a domain wait only those who would start if it had a thread.
    for (int depth = entry.path.size() - 1; depth >= 0; depth--) {
      Domain<W, T> domain = domains.get(entry.path.get(depth));
      if (domain == null || !domain.isFull()) {
        continue;
      }
      if (domain.isStuck(nowNanos)) {
        refuse(entry, domain, nowNanos);
      } else {
        entry.waitsAt = domain;
        domain.waiting.add(entry);
        withWaiting.add(domain);
      }
      return;
    }
    for (int depth = 0; depth < entry.path.size(); depth++) {
      Domain<W, T> domain = domain(entry.path.get(depth), depth);
      domain.running++;
      if (domain.isFull()) {
        domain.fullSinceNanos = nowNanos;
      }
    }
    toStart.add(entry);
  }

  private void refuse(Entry<W, T> entry, Domain<W, T> domain, long nowNanos) {
    byKey.remove(entry.key);
    toFail.add(
        new Refusal<>(
            List.copyOf(entry.tickets),
            domain.name,
            domain.running,
            nowNanos - domain.fullSinceNanos));
  }

  /** From the root down; the name itself is not in it, for it has one lookup anyway. */
  private static List<String> path(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    int end = lower.endsWith(".") ? lower.length() - 1 : lower.length();
    List<String> path = new ArrayList<>();
    path.add(ROOT);
    int dot = lower.lastIndexOf('.', end - 1);
    if (dot < 0) {
      path.add(DOTLESS);
    }
    while (dot >= 0) {
      path.add(lower.substring(dot + 1, end));
      dot = lower.lastIndexOf('.', dot - 1);
    }
    return path;
  }

  private Domain<W, T> domain(String name, int depth) {
    return domains.computeIfAbsent(name, key -> new Domain<>(key, depth));
  }

  private void forgetIfIdle(Domain<W, T> domain) {
    if (domain.waiting.isEmpty()) {
      withWaiting.remove(domain);
      if (domain.running == 0) {
        domains.remove(domain.name);
      }
    }
  }
}
