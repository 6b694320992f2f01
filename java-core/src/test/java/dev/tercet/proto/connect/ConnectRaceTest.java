package dev.tercet.proto.connect;

import static dev.tercet.AddressFamily.ANY;
import static dev.tercet.AddressFamily.IPV4;
import static dev.tercet.AddressFamily.IPV6;
import static dev.tercet.proto.connect.ManualRace.destinations;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.connect.ConnectRace.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of states and inputs, arm by arm. */
class ConnectRaceTest {
  private static final long MS = 1_000_000;

  private final ConnectRace race = new ConnectRace(RaceSettings.DEFAULT, 0);

  private static List<RaceAction> poll(ConnectRace race, long nowNanos) {
    List<RaceAction> actions = new ArrayList<>();
    for (RaceAction action = race.poll(nowNanos); action != null; action = race.poll(nowNanos)) {
      actions.add(action);
    }
    return actions;
  }

  private static RaceAction.Start start(int attempt, String literal) {
    return new RaceAction.Start(attempt, ManualRace.ip(literal));
  }

  // -------------------------------------------------------------------------- RESOLVING

  @Test
  @DisplayName("RESOLVING: without answers nothing is to be done, and there is no deadline")
  void resolvingIdle() {
    assertEquals(State.RESOLVING, race.state());
    assertEquals(List.of(), poll(race, 0));
    assertEquals(ConnectRace.NEVER, race.nextDeadline());
    assertEquals(List.of(), poll(race, 100_000 * MS));
  }

  @Test
  @DisplayName("RESOLVING: an answer for both families, or with IPv6, begins the race")
  void resolvingAnswer() {
    race.answered(ANY, destinations("192.0.2.1", "192.0.2.2"), 3 * MS);
    assertEquals(State.RACING, race.state());
    assertEquals(List.of(start(0, "192.0.2.1")), poll(race, 3 * MS));
    assertEquals(253 * MS, race.nextDeadline());
    ConnectRace six = new ConnectRace(RaceSettings.DEFAULT, 0);
    six.answered(IPV6, destinations("2001:db8::1"), 3 * MS);
    assertEquals(State.RACING, six.state());
  }

  @Test
  @DisplayName("IO-HV1 RESOLVING: IPv4 alone sets the resolution deadline once")
  void resolvingIpv4() {
    race.answered(IPV4, destinations("192.0.2.1"), 3 * MS);
    assertEquals(State.RESOLVING, race.state());
    assertEquals(53 * MS, race.nextDeadline());
    race.answered(IPV4, destinations("192.0.2.2"), 9 * MS);
    assertEquals(53 * MS, race.nextDeadline());
    assertEquals(List.of(), poll(race, 53 * MS - 1));
    assertEquals(List.of(start(0, "192.0.2.2")), poll(race, 53 * MS));
    assertEquals(State.RACING, race.state());
  }

  @Test
  @DisplayName("RESOLVING: a negative answer with the other missing waits for it, without deadline")
  void resolvingNegative() {
    race.answered(IPV6, List.of(), 3 * MS);
    assertEquals(State.RESOLVING, race.state());
    assertEquals(ConnectRace.NEVER, race.nextDeadline());
    race.answered(IPV4, List.of(), 5 * MS);
    assertEquals(State.NO_ADDRESSES, race.state());
    ConnectRace other = new ConnectRace(RaceSettings.DEFAULT, 0);
    other.answered(IPV4, List.of(), 3 * MS);
    assertEquals(ConnectRace.NEVER, other.nextDeadline());
    other.answered(IPV6, destinations("2001:db8::1"), 5 * MS);
    assertEquals(State.RACING, other.state());
  }

  @Test
  @DisplayName("RESOLVING: given up, with nothing to abandon")
  void resolvingGiveUp() {
    race.answered(IPV4, destinations("192.0.2.1"), 3 * MS);
    race.giveUp(4 * MS);
    assertEquals(State.GIVEN_UP, race.state());
    assertEquals(List.of(), poll(race, 100 * MS));
    assertEquals(ConnectRace.NEVER, race.nextDeadline());
    assertEquals(1, race.report("h", 1).attempts().size());
  }

  // ----------------------------------------------------------------------------- RACING

  @Test
  @DisplayName("IO-HE5 RACING: the next starts at the deadline, and not a nanosecond before")
  void racingDeadline() {
    race.answered(ANY, destinations("192.0.2.1", "192.0.2.2"), 0);
    poll(race, 0);
    assertEquals(List.of(), poll(race, 250 * MS - 1));
    assertEquals(List.of(start(1, "192.0.2.2")), poll(race, 250 * MS));
    assertEquals(ConnectRace.NEVER, race.nextDeadline());
    assertEquals(List.of(), poll(race, 10_000 * MS));
    assertEquals(State.RACING, race.state());
  }

  @Test
  @DisplayName("IO-HE5 RACING: only the failure of the newest starts the next")
  void racingFailed() {
    race.answered(ANY, destinations("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"), 0);
    poll(race, 0);
    poll(race, 250 * MS);
    race.failed(0, new IOException("old"), "why", 300 * MS);
    assertEquals(List.of(), poll(race, 300 * MS));
    assertEquals(500 * MS, race.nextDeadline());
    race.failed(1, new IOException("newest"), "why", 310 * MS);
    assertEquals(List.of(start(2, "192.0.2.3")), poll(race, 310 * MS));
    assertEquals(560 * MS, race.nextDeadline());
  }

  @Test
  @DisplayName("RACING: an attempt ends once; what is told about it afterwards is ignored")
  void racingTwice() {
    race.answered(ANY, destinations("192.0.2.1", "192.0.2.2"), 0);
    poll(race, 0);
    race.failed(0, new IOException("first"), "why", 1 * MS);
    poll(race, 1 * MS);
    race.failed(0, new IOException("second"), "why", 2 * MS);
    race.crashed(0, new IllegalStateException(), 2 * MS);
    assertFalse(race.established(0, 2 * MS));
    assertEquals(State.RACING, race.state());
    IOException error = race.report("h", 1).attempts().get(0).error();
    assertTrue(error != null && "first".equals(error.getMessage()));
    assertThrows(
        IndexOutOfBoundsException.class, () -> race.failed(2, new IOException(), "why", 2 * MS));
  }

  @Test
  @DisplayName("IO-HE12 RACING: the last failure is the end, unless an answer is missing")
  void racingAllFailed() {
    race.answered(IPV6, destinations("2001:db8::1"), 0);
    poll(race, 0);
    race.failed(0, new IOException(), "why", 1 * MS);
    assertEquals(State.RACING, race.state());
    assertEquals(ConnectRace.NEVER, race.nextDeadline());
    race.answered(IPV4, destinations("192.0.2.1"), 2 * MS);
    assertEquals(List.of(start(1, "192.0.2.1")), poll(race, 2 * MS));
    race.failed(1, new IOException(), "why", 3 * MS);
    assertEquals(State.ALL_FAILED, race.state());
    assertEquals(List.of(), poll(race, 4 * MS));
  }

  @Test
  @DisplayName("RACING: duplicates are one address, zones make two")
  void duplicates() {
    race.answered(ANY, destinations("192.0.2.1", "192.0.2.1", "fe80::1%1", "fe80::1%2"), 0);
    assertEquals(3, race.report("h", 1).attempts().size());
    race.answered(IPV4, destinations("192.0.2.1"), 0);
    assertEquals(3, race.report("h", 1).attempts().size());
  }

  @Test
  @DisplayName("IO-HV7 RACING: an answer for both families replaces those for each")
  void answerForBoth() {
    race.answered(IPV6, destinations("2001:db8::1", "2001:db8::2"), 0);
    assertEquals(List.of(start(0, "2001:db8::1")), poll(race, 0));
    race.answered(ANY, destinations("192.0.2.1"), 1 * MS);
    race.failed(0, new IOException(), "why", 2 * MS);
    assertEquals(List.of(start(1, "192.0.2.1")), poll(race, 2 * MS));
    race.failed(1, new IOException(), "why", 3 * MS);
    assertEquals(State.ALL_FAILED, race.state());
  }

  @Test
  @DisplayName("RACING: success, bug and giving up end it, and abandon what is under way, in order")
  void racingEnds() {
    for (State end : List.of(State.WON, State.CRASHED, State.GIVEN_UP)) {
      ConnectRace race = new ConnectRace(ManualRace.delay(0), 0);
      race.answered(ANY, destinations("192.0.2.1", "192.0.2.2", "192.0.2.3"), 0);
      assertEquals(3, poll(race, 0).size());
      race.failed(0, new IOException(), "why", 1 * MS);
      List<RaceAction> abandoned = new ArrayList<>(List.of(new RaceAction.Abandon(1)));
      switch (end) {
        case WON -> assertTrue(race.established(2, 2 * MS));
        case CRASHED -> race.crashed(2, new IllegalStateException("bug"), 2 * MS);
        default -> {
          race.giveUp(2 * MS);
          abandoned.add(new RaceAction.Abandon(2));
        }
      }
      assertEquals(end, race.state());
      assertEquals(abandoned, poll(race, 2 * MS));
      assertNull(race.poll(2 * MS));
    }
  }

  @Test
  @DisplayName("a clock that goes back stands still")
  void clockGoesBack() {
    race.answered(ANY, destinations("192.0.2.1", "192.0.2.2", "192.0.2.3"), 10 * MS);
    poll(race, 10 * MS);
    poll(race, 260 * MS);
    race.failed(0, new IOException(), "why", 5 * MS);
    assertEquals(List.of(), poll(race, 509 * MS));
    assertEquals(1, poll(race, 510 * MS).size());
  }

  @Test
  @DisplayName("IO-HE5 a deadline that is told late: the attempt after it has its whole delay")
  void lateDeadline() {
    race.answered(ANY, destinations("192.0.2.1", "192.0.2.2", "192.0.2.3"), 0);
    poll(race, 0);
    // The machine was asleep for ten seconds: no burst of attempts afterwards.
    assertEquals(1, poll(race, 10_000 * MS).size());
    assertEquals(10_250 * MS, race.nextDeadline());
  }

  // ------------------------------------------------------------------------------ ended

  private static ConnectRace ended(State end) {
    ConnectRace race = new ConnectRace(RaceSettings.DEFAULT, 0);
    if (end == State.NO_ADDRESSES) {
      race.answered(ANY, List.of(), 1 * MS);
      return race;
    }
    race.answered(
        ANY,
        end == State.ALL_FAILED
            ? destinations("192.0.2.1", "192.0.2.2")
            : destinations("192.0.2.1", "192.0.2.2", "192.0.2.3"),
        0);
    poll(race, 0);
    poll(race, 250 * MS);
    switch (end) {
      case WON -> race.established(1, 300 * MS);
      case ALL_FAILED -> {
        race.failed(0, new IOException("zero"), "why", 300 * MS);
        race.failed(1, new IOException("one"), "why", 300 * MS);
      }
      case CRASHED -> race.crashed(1, new IllegalStateException("bug"), 300 * MS);
      default -> race.giveUp(300 * MS);
    }
    poll(race, 300 * MS);
    return race;
  }

  static Stream<State> ends() {
    return Stream.of(State.values()).filter(State::isEnd);
  }

  @ParameterizedTest
  @MethodSource("ends")
  @DisplayName("IO-HE9 every end is for good: late inputs change nothing and start nothing")
  void lateInputs(State end) {
    List<Consumer<ConnectRace>> late =
        List.of(
            race -> race.answered(ANY, destinations("192.0.2.9", "2001:db8::9"), 400 * MS),
            race -> race.answered(IPV6, List.of(), 400 * MS),
            race -> race.poll(1_000_000 * MS),
            race -> race.giveUp(400 * MS));
    for (Consumer<ConnectRace> input : late) {
      ConnectRace race = ended(end);
      assertEquals(end, race.state());
      String before = race.report("h", 1).toString();
      input.accept(race);
      assertUnchanged(race, end, before);
    }
    if (end != State.NO_ADDRESSES) {
      for (int attempt = 0; attempt < 2; attempt++) {
        ConnectRace race = ended(end);
        String before = race.report("h", 1).toString();
        assertEquals(end == State.WON && attempt == 1, race.established(attempt, 400 * MS));
        race.failed(attempt, new IOException("late"), "why", 400 * MS);
        race.crashed(attempt, new IllegalStateException("late"), 400 * MS);
        assertUnchanged(race, end, before);
      }
    }
  }

  private static void assertUnchanged(ConnectRace race, State end, String report) {
    assertEquals(end, race.state());
    assertNull(race.poll(500 * MS));
    assertEquals(ConnectRace.NEVER, race.nextDeadline());
    assertEquals(report, race.report("h", 1).toString());
  }

  @ParameterizedTest
  @CsvSource({"-1,0,1", "0,-1,1", "0,0,0", "0,0,-3"})
  @DisplayName("IO-HE2 settings out of their range are refused")
  void settings(long attemptDelay, long resolutionDelay, int count) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new RaceSettings(attemptDelay, resolutionDelay, count));
  }

  @Test
  @DisplayName("IO-HE13 a bug is in the report as a failure with its cause")
  void crashReport() {
    IOException error = ended(State.CRASHED).report("h", 1).attempts().get(1).error();
    assertTrue(error != null);
    assertInstanceOf(IllegalStateException.class, error.getCause());
  }
}
