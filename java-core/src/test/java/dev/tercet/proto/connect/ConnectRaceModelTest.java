package dev.tercet.proto.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressFamily;
import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectAttempt.Outcome;
import dev.tercet.proto.connect.ManualRace.End;
import dev.tercet.proto.connect.ManualRace.Fate;
import dev.tercet.proto.connect.RaceModel.Answer;
import dev.tercet.proto.connect.RaceModel.Script;
import dev.tercet.support.Stress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Random races, compared with a naive model, and checked for what must hold in every race. */
class ConnectRaceModelTest {
  private static final int RACES = Stress.rounds(5_000, 100_000);

  @Test
  @DisplayName(
      "IO-HE5 IO-HE6 IO-HE8 IO-HE9 IO-HE11 IO-HE14 IO-HV1 IO-HV7 random races are as the model says,"
          + " and no rule is broken")
  void randomRaces() {
    long base = Stress.seed(ConnectRaceModelTest.class, 20_261_124L);
    Map<String, Integer> ends = new TreeMap<>();
    for (long seed = base; seed < base + RACES; seed++) {
      Script script = script(new SplittableRandom(seed));
      long number = seed;
      // Only a failure needs it, and it takes longer than the race.
      Supplier<String> where = () -> "seed " + number + ": " + script;
      ManualRace race = run(script);
      String end = race.race().state().isEnd() ? race.end() : "nothing";
      String actual = named(race.starts()) + " / " + named(end);
      assertEquals(new RaceModel(script).run(), actual, where);
      checkRules(script, race, where);
      ends.merge(race.race().state().name(), 1, Integer::sum);
    }
    // Races of every kind were among them.
    for (ConnectRace.State state : ConnectRace.State.values()) {
      if (state.isEnd()) {
        assertTrue(ends.getOrDefault(state.name(), 0) >= RACES / 100, ends.toString());
      }
    }
  }

  private static Script script(SplittableRandom random) {
    List<String> six = names('6', random.nextInt(4));
    List<String> four = names('4', random.nextInt(5));
    Map<Long, List<Answer>> answers = new TreeMap<>();
    if (random.nextInt(3) == 0) {
      List<String> both = new ArrayList<>(six);
      both.addAll(four);
      add(answers, small(random), new Answer(AddressFamily.ANY, both));
    } else {
      add(answers, small(random), new Answer(AddressFamily.IPV6, six));
      add(answers, small(random), new Answer(AddressFamily.IPV4, four));
      if (random.nextInt(8) == 0) {
        // Changed its mind.
        List<String> other = names('4', random.nextInt(5));
        add(answers, small(random) + 100, new Answer(AddressFamily.IPV4, other));
      }
    }
    Map<String, Fate> fates = new HashMap<>();
    List<String> all = new ArrayList<>(names('6', 4));
    all.addAll(names('4', 5));
    int successIn = 1 + random.nextInt(8);
    for (String name : all) {
      int what = random.nextInt(40);
      if (what < 36) {
        End end = random.nextInt(successIn) == 0 ? End.SUCCESS : what == 0 ? End.BUG : End.FAILURE;
        fates.put(name, new Fate(small(random), end));
      }
    }
    long[] delays = {-1, 0, 1, 10, 50, 250};
    Long giveUp = random.nextInt(4) == 0 ? Long.valueOf(small(random) * 2) : null;
    return new Script(
        delays[random.nextInt(delays.length)],
        random.nextInt(3) * 25L,
        1 + random.nextInt(3),
        answers,
        fates,
        giveUp);
  }

  /** Few different times, so that many things happen at one instant. */
  private static long small(SplittableRandom random) {
    return random.nextInt(4) == 0 ? random.nextInt(400) : 25L * random.nextInt(12);
  }

  private static void add(Map<Long, List<Answer>> answers, long at, Answer answer) {
    answers.computeIfAbsent(at, key -> new ArrayList<>()).add(answer);
  }

  private static List<String> names(char family, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add("" + family + (char) ('a' + i));
    }
    return names;
  }

  private static String literal(String name) {
    int number = name.charAt(1) - 'a' + 1;
    return name.charAt(0) == '6' ? "2001:db8:0:0:0:0:0:" + number : "192.0.2." + number;
  }

  private static String named(Object text) {
    String result = text.toString();
    for (String name : names('6', 4)) {
      result = result.replace(literal(name), name);
    }
    for (String name : names('4', 5)) {
      result = result.replace(literal(name), name);
    }
    return result;
  }

  private static ManualRace run(Script script) {
    long delay = script.delayMillis() < 0 ? ConnectRace.NEVER : script.delayMillis() * 1_000_000;
    ManualRace race =
        new ManualRace(
            new RaceSettings(
                delay, script.resolutionMillis() * 1_000_000, script.firstFamilyCount()));
    script
        .answers()
        .forEach(
            (at, list) ->
                list.forEach(
                    answer ->
                        race.answer(
                            at,
                            answer.family(),
                            answer.names().stream()
                                .map(ConnectRaceModelTest::literal)
                                .toArray(String[]::new))));
    script
        .fates()
        .forEach(
            (name, fate) -> {
              switch (fate.end()) {
                case SUCCESS -> race.succeeds(literal(name), fate.afterMillis());
                case FAILURE -> race.fails(literal(name), fate.afterMillis());
                case BUG -> race.crashes(literal(name), fate.afterMillis());
              }
            });
    if (script.giveUpMillis() != null) {
      race.giveUp(script.giveUpMillis());
    }
    return race.run();
  }

  /** What must hold in every race, whatever a model says. */
  private static void checkRules(Script script, ManualRace race, Supplier<String> where) {
    List<ConnectAttempt> attempts = race.report().attempts();
    List<ConnectAttempt> started =
        attempts.stream().filter(a -> a.outcome() != Outcome.NOT_STARTED).toList();
    assertEquals(race.starts().size(), started.size(), where);
    assertTrue(Collections.disjoint(addresses(started), addresses(notStarted(attempts))), where);
    int winners = 0;
    for (int i = 0; i < started.size(); i++) {
      ConnectAttempt attempt = started.get(i);
      Duration ended = attempt.ended();
      assertNotNull(ended, where);
      assertTrue(ended.compareTo(race.report().total()) <= 0, where);
      winners += attempt.outcome() == Outcome.WON ? 1 : 0;
      assertEquals(attempt.outcome() == Outcome.FAILED, attempt.error() != null, where);
      if (race.race().state().isEnd()) {
        // Ended, or told to be abandoned, exactly once.
        assertEquals(
            attempt.outcome() == Outcome.ABANDONED ? 1 : 0,
            Collections.frequency(race.abandoned(), i),
            where);
      }
      if (i > 0) {
        checkPace(script, started.get(i - 1), attempt, where);
      }
    }
    boolean isWon = race.race().state() == ConnectRace.State.WON;
    assertEquals(isWon ? 1 : 0, winners, where);
    assertEquals(winners, race.successes().size(), where);
    if (race.race().state() == ConnectRace.State.ALL_FAILED) {
      assertEquals(attempts.size(), race.errors().size(), where);
    }
  }

  private static void checkPace(
      Script script, ConnectAttempt before, ConnectAttempt next, Supplier<String> where) {
    Duration ended = before.ended();
    boolean hadFailed =
        before.outcome() == Outcome.FAILED && ended != null && ended.compareTo(next.started()) <= 0;
    Duration apart = next.started().minus(before.started());
    boolean hadItsTime = script.delayMillis() >= 0 && apart.toMillis() >= script.delayMillis();
    assertTrue(hadFailed || hadItsTime, where);
    if (apart.isZero()) {
      assertTrue(script.delayMillis() == 0 || hadFailed, where);
    }
  }

  private static List<ConnectAttempt> notStarted(List<ConnectAttempt> attempts) {
    return attempts.stream().filter(a -> a.outcome() == Outcome.NOT_STARTED).toList();
  }

  private static List<Object> addresses(List<ConnectAttempt> attempts) {
    return attempts.stream().<Object>map(ConnectAttempt::address).toList();
  }
}
