package dev.tercet.proto.connect;

import dev.tercet.AddressFamily;
import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectReport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Drives a race on a manual clock: what the script says happens when it says, in milliseconds since
 * the start. Everything of an instant is told before the race is polled, as drivers do.
 */
final class ManualRace {
  /** What becomes of an attempt, so long after its start. */
  record Fate(long afterMillis, End end) {}

  /** How. */
  enum End {
    SUCCESS,
    FAILURE,
    BUG
  }

  static final String HOST = "test.example";
  static final int PORT = 80;

  private final long origin;
  private final ConnectRace race;
  private final Map<String, Fate> fates = new HashMap<>();

  /** By instant, in the order in which they were put in. */
  private final TreeMap<Long, List<Runnable>> events = new TreeMap<>();

  private final List<String> starts = new ArrayList<>();
  private final List<Integer> abandoned = new ArrayList<>();
  private final List<Integer> successes = new ArrayList<>();
  private long nowMillis;

  ManualRace(RaceSettings settings) {
    this(settings, 0);
  }

  /** The clock begins anywhere, as System.nanoTime does. */
  ManualRace(RaceSettings settings, long origin) {
    this.origin = origin;
    this.race = new ConnectRace(settings, origin);
  }

  static RaceSettings delay(long millis) {
    return new RaceSettings(millis * 1_000_000, RaceSettings.DEFAULT_RESOLUTION_DELAY_NANOS, 1);
  }

  static RaceSettings oneAtATime() {
    return new RaceSettings(ConnectRace.NEVER, RaceSettings.DEFAULT_RESOLUTION_DELAY_NANOS, 1);
  }

  static InetAddress ip(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  static List<Destination> destinations(String... literals) {
    List<Destination> list = new ArrayList<>();
    for (String literal : literals) {
      list.add(new Destination(ip(literal), null));
    }
    return list;
  }

  ConnectRace race() {
    return race;
  }

  long nanos() {
    return origin + nowMillis * 1_000_000;
  }

  ManualRace answer(long atMillis, AddressFamily family, String... literals) {
    return at(atMillis, () -> race.answered(family, destinations(literals), nanos()));
  }

  ManualRace succeeds(String literal, long afterMillis) {
    fates.put(literal, new Fate(afterMillis, End.SUCCESS));
    return this;
  }

  ManualRace fails(String literal, long afterMillis) {
    fates.put(literal, new Fate(afterMillis, End.FAILURE));
    return this;
  }

  ManualRace crashes(String literal, long afterMillis) {
    fates.put(literal, new Fate(afterMillis, End.BUG));
    return this;
  }

  ManualRace giveUp(long atMillis) {
    return at(atMillis, () -> race.giveUp(nanos()));
  }

  ManualRace at(long millis, Runnable event) {
    events.computeIfAbsent(millis, key -> new ArrayList<>()).add(event);
    return this;
  }

  /** Runs until the race has ended, or until nothing is left that could happen. */
  ManualRace run() {
    while (true) {
      List<Runnable> due = events.remove(nowMillis);
      if (due != null) {
        due.forEach(Runnable::run);
      }
      poll();
      if (events.containsKey(nowMillis)) {
        continue;
      }
      Long next = nextMillis();
      if (next == null || race.state().isEnd()) {
        return this;
      }
      nowMillis = next;
    }
  }

  private @Nullable Long nextMillis() {
    Long event = events.isEmpty() ? null : events.firstKey();
    long deadline = race.nextDeadline();
    if (deadline == ConnectRace.NEVER) {
      return event;
    }
    long millis = (deadline - origin) / 1_000_000;
    return event == null || millis < event ? Long.valueOf(millis) : event;
  }

  private void poll() {
    for (RaceAction action = race.poll(nanos()); action != null; action = race.poll(nanos())) {
      if (action instanceof RaceAction.Start start) {
        String literal = start.address().getHostAddress();
        starts.add(literal + "@" + nowMillis);
        Fate fate = fates.get(literal);
        if (fate != null && fate.afterMillis == 0) {
          // As a socket that cannot even be opened.
          tell(start.attempt(), fate.end);
        } else if (fate != null) {
          at(nowMillis + fate.afterMillis, () -> tell(start.attempt(), fate.end));
        }
      } else {
        abandoned.add(action.attempt());
      }
    }
  }

  private void tell(int attempt, End end) {
    switch (end) {
      case SUCCESS -> {
        if (race.established(attempt, nanos())) {
          successes.add(attempt);
        }
      }
      case FAILURE ->
          race.failed(attempt, new ConnectException("refused " + attempt), "refused", nanos());
      case BUG -> race.crashed(attempt, new IllegalStateException("bug " + attempt), nanos());
    }
  }

  /** "address@millis" of every attempt. */
  List<String> starts() {
    return starts;
  }

  /** Which attempts were to be given up. */
  List<Integer> abandoned() {
    return abandoned;
  }

  /** Which attempts were told that they are the winner. */
  List<Integer> successes() {
    return successes;
  }

  long nowMillis() {
    return nowMillis;
  }

  ConnectReport report() {
    return race.report(HOST, PORT);
  }

  /** "WON 192.0.2.1 at 123". */
  String end() {
    ConnectReport report = report();
    String winner =
        report.winner() == null ? "" : " " + report.winner().getAddress().getHostAddress();
    return race.state() + winner + " at " + millis(report.total());
  }

  List<IOException> errors() {
    List<IOException> errors = new ArrayList<>();
    for (ConnectAttempt attempt : report().attempts()) {
      IOException error = attempt.error();
      if (error != null) {
        errors.add(error);
      }
    }
    return errors;
  }

  static long millis(Duration duration) {
    return duration.toMillis();
  }
}
