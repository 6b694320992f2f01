package dev.tercet.proto.connect;

import dev.tercet.AddressFamily;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A second, naive race to compare the first one with: it walks through time millisecond by
 * millisecond and decides everything from the whole history. Names are "6a" or "4a", without
 * sources, so that the order is: IPv6 in the resolver's order, then IPv4, then the first of IPv4
 * moved.
 */
final class RaceModel {
  /** Answers come within 0.6 s, and nine attempts one after the other end within 0.4 s each. */
  private static final long LAST_MILLIS = 5_000;

  /** What is told to a race when. */
  record Script(
      long delayMillis,
      long resolutionMillis,
      int firstFamilyCount,
      Map<Long, List<Answer>> answers,
      Map<String, ManualRace.Fate> fates,
      @Nullable Long giveUpMillis) {}

  record Answer(AddressFamily family, List<String> names) {}

  /** An attempt; the end is null as long as there is none. */
  private static final class Try {
    final String name;
    final long start;
    final ManualRace.@Nullable Fate fate;
    @Nullable Long failedAt;

    Try(String name, long start, ManualRace.@Nullable Fate fate) {
      this.name = name;
      this.start = start;
      this.fate = fate;
    }

    /** How it ends at this moment. */
    ManualRace.@Nullable End endAt(long now) {
      ManualRace.Fate fate = this.fate;
      return failedAt == null && fate != null && start + fate.afterMillis() == now
          ? fate.end()
          : null;
    }
  }

  private final Script script;
  private final List<Try> tries = new ArrayList<>();
  private final Map<AddressFamily, List<String>> known = new TreeMap<>();
  private @Nullable Long ipv4Since;
  private boolean isRacing;

  RaceModel(Script script) {
    this.script = script;
  }

  /** "starts / end", as the real one is described. */
  String run() {
    for (long now = 0; now < LAST_MILLIS; now++) {
      String end = step(now);
      if (end != null) {
        return describe(end + " at " + now);
      }
    }
    return describe("nothing");
  }

  private String describe(String end) {
    List<String> starts = new ArrayList<>();
    for (Try one : tries) {
      starts.add(one.name + "@" + one.start);
    }
    return starts + " / " + end;
  }

  private @Nullable String step(long now) {
    for (Answer answer : script.answers.getOrDefault(now, List.of())) {
      known.put(answer.family, answer.names);
      String end = lost();
      if (end != null) {
        return end;
      }
    }
    // Giving up is told after the answers and before the outcomes of an instant.
    if (script.giveUpMillis != null && script.giveUpMillis == now) {
      return "GIVEN_UP";
    }
    String end = outcomes(now);
    while (end == null && startsOne(now)) {
      end = outcomes(now);
    }
    return end;
  }

  private @Nullable String outcomes(long now) {
    for (Try one : tries) {
      ManualRace.End fate = one.endAt(now);
      if (fate != null) {
        switch (fate) {
          case SUCCESS -> {
            return "WON " + one.name;
          }
          case BUG -> {
            return "CRASHED";
          }
          case FAILURE -> one.failedAt = now;
        }
        String end = lost();
        if (end != null) {
          return end;
        }
      }
    }
    return null;
  }

  private boolean all() {
    return known.containsKey(AddressFamily.ANY)
        || (known.containsKey(AddressFamily.IPV4) && known.containsKey(AddressFamily.IPV6));
  }

  private @Nullable String lost() {
    if (!all() || !untried().isEmpty()) {
      return null;
    }
    boolean isAnyLeft = tries.stream().anyMatch(one -> one.failedAt == null);
    return isAnyLeft ? null : tries.isEmpty() ? "NO_ADDRESSES" : "ALL_FAILED";
  }

  private List<String> untried() {
    Set<String> six = new LinkedHashSet<>();
    Set<String> four = new LinkedHashSet<>();
    known
        .values()
        .forEach(names -> names.forEach(name -> (name.startsWith("6") ? six : four).add(name)));
    List<String> order = new ArrayList<>(six);
    order.addAll(four);
    if (six.size() > script.firstFamilyCount && !four.isEmpty()) {
      String moved = order.remove(six.size());
      order.add(script.firstFamilyCount, moved);
    }
    tries.forEach(one -> order.remove(one.name));
    return order;
  }

  private boolean startsOne(long now) {
    List<String> untried = untried();
    if (untried.isEmpty()) {
      return false;
    }
    if (!isRacing) {
      boolean hasSix = untried.stream().anyMatch(name -> name.startsWith("6"));
      if (!hasSix && !all()) {
        if (ipv4Since == null) {
          ipv4Since = now;
        }
        if (now < ipv4Since + script.resolutionMillis) {
          return false;
        }
      }
      isRacing = true;
    }
    if (!tries.isEmpty()) {
      Try newest = tries.get(tries.size() - 1);
      boolean isOver = newest.failedAt != null;
      boolean hadItsTime = script.delayMillis >= 0 && now >= newest.start + script.delayMillis;
      if (!isOver && !hadItsTime) {
        return false;
      }
    }
    String name = untried.get(0);
    tries.add(new Try(name, now, script.fates.get(name)));
    return true;
  }
}
