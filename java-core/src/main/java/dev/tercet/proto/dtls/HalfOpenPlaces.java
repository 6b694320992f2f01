package dev.tercet.proto.dtls;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The peers that are in their handshake, and which of them gives way when there are too many (spec
 * DTLS-L20).
 *
 * <p><b>The problem.</b> A cookie shows that somebody receives at an address, and no more. Two
 * small datagrams take a place, and silence holds it until the time limit of the handshake. One
 * host has 65,000 ports, and a /64 of IPv6 addresses.
 *
 * <p><b>The strategy.</b> Two limits. One {@link AddressBlock} has at most a share of the places,
 * so it takes many networks to fill them. And when there is no place, the peer that has been silent
 * for the longest time gives way, as in a queue of half-open TCP connections: first those that have
 * not answered the server's first flight, after a second, which is when a peer that is there
 * repeats itself; then those that have answered once, after ten. So whoever fills the places holds
 * them for seconds, and must come again for each.
 *
 * <p>A peer that gives way to nobody keeps its whole time limit: on an endpoint with places to
 * spare slow handshakes cost nothing.
 *
 * <p><b>What we do not do.</b> Who receives at thousands of networks and comes a thousand times a
 * second still gets most places. Clients behind one IPv4 address share its places.
 *
 * <p>Not thread-safe; the endpoint machine owns it.
 */
final class HalfOpenPlaces {
  /** A peer that has said nothing since its ClientHello; RFC 6347 repeats after a second. */
  static final long UNANSWERED_NANOS = 1_000_000_000L;

  /** A peer that has answered, whose datagrams may be lost three times in a row. */
  static final long ANSWERED_NANOS = 10_000_000_000L;

  /** A block has a quarter of the places. */
  private static final int BLOCKS = 4;

  /** But so many at least: those behind one router. */
  private static final int LEAST_SHARE = 16;

  private final int most;
  private final int share;
  private final Queue all = new Queue();
  private final Map<AddressBlock, Queue> byBlock = new HashMap<>();

  /** Makes places that are all free. */
  HalfOpenPlaces(int most) {
    this.most = most;
    this.share = Math.min(most, Math.max(LEAST_SHARE, most / BLOCKS));
  }

  /** How many are taken. */
  int size() {
    return all.size();
  }

  boolean isFull() {
    return all.size() >= most;
  }

  /** Whether a block has its share. */
  boolean isFull(AddressBlock block) {
    Queue there = byBlock.get(block);
    return there != null && there.size() >= share;
  }

  /** Who gives way to anybody; null when all have been heard of lately. */
  @Nullable Association givesWay(long nowNanos) {
    return all.longestSilent(nowNanos);
  }

  /** Who gives way to another one of its block. */
  @Nullable Association givesWay(AddressBlock block, long nowNanos) {
    Queue there = byBlock.get(block);
    return there == null ? null : there.longestSilent(nowNanos);
  }

  /** Gives a place to one that has none. */
  void add(Association association) {
    all.add(association);
    byBlock.computeIfAbsent(association.block, unused -> new Queue()).add(association);
  }

  /** Notes that something new of its handshake has come from one that has a place. */
  void heard(Association association, long nowNanos) {
    Queue there = byBlock.get(association.block);
    if (there == null || !there.remove(association)) {
      return;
    }
    all.remove(association);
    association.hasAnswered = true;
    association.heardNanos = nowNanos;
    all.add(association);
    there.add(association);
  }

  /** Takes a place back. */
  void remove(Association association) {
    all.remove(association);
    Queue there = byBlock.get(association.block);
    if (there != null && there.remove(association) && there.size() == 0) {
      byBlock.remove(association.block);
    }
  }

  /** Those that were heard of least recently come first. */
  private static final class Queue {
    private final Set<Association> unanswered = new LinkedHashSet<>();
    private final Set<Association> answered = new LinkedHashSet<>();

    int size() {
      return unanswered.size() + answered.size();
    }

    void add(Association association) {
      (association.hasAnswered ? answered : unanswered).add(association);
    }

    boolean remove(Association association) {
      return unanswered.remove(association) || answered.remove(association);
    }

    @Nullable Association longestSilent(long nowNanos) {
      Association first = first(unanswered, nowNanos - UNANSWERED_NANOS);
      return first == null ? first(answered, nowNanos - ANSWERED_NANOS) : first;
    }

    private static @Nullable Association first(Set<Association> some, long untilNanos) {
      Iterator<Association> all = some.iterator();
      Association first = all.hasNext() ? all.next() : null;
      return first != null && first.heardNanos - untilNanos <= 0 ? first : null;
    }
  }
}
