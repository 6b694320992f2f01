package dev.tercet.proto.connect;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * In which order the addresses of a host are tried, and why.
 *
 * <p><b>The problem.</b> The JDK's resolver puts IPv4 first unless a system property says
 * otherwise, whatever the operating system's own order is (spec IO-HE19); DNS gives no order at
 * all. On a machine without working IPv6, or with nothing but a tunnel, the wrong order makes every
 * connect slow.
 *
 * <p><b>The strategy.</b> RFC 6724 section 6: compare two destinations by the addresses that this
 * machine would use as sources, rule by rule (spec IO-HV4). Then the families are mixed, so that a
 * family that is broken as a whole costs one delay and not one per address: the first address of
 * the other family moves up behind the first ones of the better one, and all else stays (spec
 * IO-HE4, IO-HV5).
 *
 * <pre>
 * rule   prefers                                                here
 * 1      what can be reached                                    there is a source
 * 2      what has the scope of its source                       yes
 * 3      what has no deprecated source                          no: Java cannot see it
 * 4      home addresses (mobile IP)                             no: Java cannot see it
 * 5      what has the label of its source                       yes
 * 6      higher precedence                                      yes
 * 7      native transport                                       no: Java cannot see it
 * 8      smaller scope                                          yes
 * 9      more leading bits in common with the source            IPv6 only, at most 64 bits
 * 10     the resolver's order                                   yes
 * </pre>
 *
 * <p>Rule 9 leaves IPv4 alone. Names with several IPv4 addresses are shuffled by DNS to spread the
 * load, and the rule would undo that for no gain: how many bits two IPv4 addresses share says
 * nothing about how near they are. Go and others have found the same. For IPv6 the bits after the
 * 64th are the interface's and say nothing either.
 *
 * <p><b>Not a comparison sort.</b> Rule 9 speaks only of two addresses of one family, so with some
 * policy tables the rules go in circles, and the JDK's sort would throw. Insertion is stable and
 * ends whatever the comparison says.
 */
public final class DestinationOrder {
  /** Behind these there is the interface identifier (RFC 4291). */
  private static final int MAX_PREFIX_BITS = 64;

  private static final String RESOLVERS_ORDER = "resolver's order";

  private DestinationOrder() {}

  /** What the rules look at. */
  private record Ranked(
      Destination destination,
      boolean reachable,
      int scope,
      boolean scopeMatches,
      boolean labelMatches,
      int precedence,
      int prefixBits) {

    static Ranked of(Destination destination) {
      InetAddress address = destination.address();
      InetAddress source = destination.source();
      AddressPolicy.Entry policy = AddressPolicy.entryOf(address);
      int scope = AddressPolicy.scope(address);
      return new Ranked(
          destination,
          source != null,
          scope,
          source != null && AddressPolicy.scope(source) == scope,
          source != null && AddressPolicy.entryOf(source).label() == policy.label(),
          policy.precedence(),
          source instanceof Inet6Address && address instanceof Inet6Address
              ? Math.min(
                  MAX_PREFIX_BITS,
                  AddressPolicy.commonBits(source.getAddress(), address.getAddress()))
              : 0);
    }

    boolean isIpv6() {
      return destination.address() instanceof Inet6Address;
    }
  }

  /** That one goes before the other, said of each. */
  private record Decision(boolean firstIsBetter, String better, String worse) {}

  /**
   * Ranks destinations.
   *
   * @param destinations in the resolver's order, none twice
   * @param firstFamilyCount as {@link RaceSettings#firstFamilyCount}
   * @return the same addresses in the order in which they are to be tried
   */
  public static List<Candidate> rank(List<Destination> destinations, int firstFamilyCount) {
    List<Ranked> sorted = new ArrayList<>();
    for (Destination destination : destinations) {
      Ranked one = Ranked.of(destination);
      int place = sorted.size();
      while (place > 0 && isBetter(one, sorted.get(place - 1))) {
        place--;
      }
      sorted.add(place, one);
    }
    return mix(explained(sorted), firstFamilyCount);
  }

  private static boolean isBetter(Ranked one, Ranked other) {
    Decision decision = decide(one, other);
    return decision != null && decision.firstIsBetter;
  }

  private static List<Candidate> explained(List<Ranked> sorted) {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      String why =
          sorted.size() == 1 ? "the only address" : i == 0 ? first(sorted) : next(sorted, i);
      candidates.add(new Candidate(sorted.get(i).destination.address(), why));
    }
    return candidates;
  }

  /** What tells the first from the nearest one that it differs from. */
  private static String first(List<Ranked> sorted) {
    for (Ranked other : sorted) {
      Decision decision = decide(sorted.get(0), other);
      if (decision != null) {
        return decision.firstIsBetter ? decision.better : decision.worse;
      }
    }
    return RESOLVERS_ORDER;
  }

  /** What tells one from the one before it. */
  private static String next(List<Ranked> sorted, int place) {
    Decision decision = decide(sorted.get(place - 1), sorted.get(place));
    return decision == null
        ? RESOLVERS_ORDER
        : decision.firstIsBetter ? decision.worse : decision.better;
  }

  /** The first rule that tells the two apart; null when none does (rule 10). */
  private static @Nullable Decision decide(Ranked a, Ranked b) {
    if (a.reachable != b.reachable) {
      return new Decision(
          a.reachable, "rule 1: there is a way to it", "rule 1: there is no way to it from here");
    }
    if (a.scopeMatches != b.scopeMatches) {
      return new Decision(
          a.scopeMatches,
          "rule 2: its source has the same scope",
          "rule 2: its source has another scope");
    }
    if (a.labelMatches != b.labelMatches) {
      return new Decision(
          a.labelMatches,
          "rule 5: its source is of the same kind",
          "rule 5: its source is of another kind");
    }
    if (a.precedence != b.precedence) {
      int high = Math.max(a.precedence, b.precedence);
      int low = Math.min(a.precedence, b.precedence);
      return new Decision(
          a.precedence > b.precedence,
          "rule 6: precedence " + high + " before " + low,
          "rule 6: precedence " + low + " after " + high);
    }
    if (a.scope != b.scope) {
      String small = AddressPolicy.scopeName(Math.min(a.scope, b.scope));
      String large = AddressPolicy.scopeName(Math.max(a.scope, b.scope));
      return new Decision(
          a.scope < b.scope,
          "rule 8: " + small + " before " + large,
          "rule 8: " + large + " after " + small);
    }
    if (a.isIpv6() && b.isIpv6() && a.prefixBits != b.prefixBits) {
      int more = Math.max(a.prefixBits, b.prefixBits);
      int less = Math.min(a.prefixBits, b.prefixBits);
      return new Decision(
          a.prefixBits > b.prefixBits,
          "rule 9: " + more + " bits in common with its source, before " + less,
          "rule 9: " + less + " bits in common with its source, after " + more);
    }
    return null;
  }

  private static List<Candidate> mix(List<Candidate> sorted, int firstFamilyCount) {
    for (int i = 1; i < sorted.size(); i++) {
      InetAddress address = sorted.get(i).address();
      if (isIpv4(address) != isIpv4(sorted.get(0).address())) {
        if (i > firstFamilyCount) {
          sorted.remove(i);
          String family = isIpv4(address) ? "IPv4" : "IPv6";
          String why = "first " + family + " address, moved up from place " + (i + 1);
          sorted.add(firstFamilyCount, new Candidate(address, why));
        }
        break;
      }
    }
    return sorted;
  }

  private static boolean isIpv4(InetAddress address) {
    return address instanceof Inet4Address;
  }
}
