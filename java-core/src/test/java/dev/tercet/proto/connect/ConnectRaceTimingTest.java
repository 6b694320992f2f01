package dev.tercet.proto.connect;

import static dev.tercet.AddressFamily.ANY;
import static dev.tercet.AddressFamily.IPV4;
import static dev.tercet.AddressFamily.IPV6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectAttempt.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scenarios of Trio's tests and those of RFC 8305, with exact instants on a manual clock. */
class ConnectRaceTimingTest {
  private static final String A = "192.0.2.1";
  private static final String B = "192.0.2.2";
  private static final String C = "192.0.2.3";
  private static final String D = "192.0.2.4";
  private static final String A6 = "2001:db8:0:0:0:0:0:1";
  private static final String B6 = "2001:db8:0:0:0:0:0:2";

  private static ManualRace race(String... literals) {
    return new ManualRace(RaceSettings.DEFAULT).answer(0, ANY, literals);
  }

  private static List<Outcome> outcomes(ManualRace race) {
    return race.report().attempts().stream().map(ConnectAttempt::outcome).toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {123, 100_000})
  @DisplayName("IO-HE5 IO-HE20 one address: the race ends when its attempt does, however long")
  void oneAddress(long millis) {
    ManualRace won = race(A).succeeds(A, millis).run();
    assertEquals("WON " + A + " at " + millis, won.end());
    ManualRace lost = race(A).fails(A, millis).run();
    assertEquals("ALL_FAILED at " + millis, lost.end());
    assertEquals(1, lost.errors().size());
  }

  @Test
  @DisplayName("IO-HE5 IO-HE8 attempts at 0, 250, 500 ms; the third wins at 700 ms; no fourth")
  void basicFallthrough() {
    ManualRace race = race(A, B, C, D).succeeds(C, 200).run();
    assertEquals(List.of(A + "@0", B + "@250", C + "@500"), race.starts());
    assertEquals("WON " + C + " at 700", race.end());
    assertEquals(List.of(0, 1), race.abandoned());
    assertEquals(
        List.of(Outcome.ABANDONED, Outcome.ABANDONED, Outcome.WON, Outcome.NOT_STARTED),
        outcomes(race));
  }

  @Test
  @DisplayName("IO-HE8 the second wins at 350 ms, before the third has started")
  void earlySuccess() {
    ManualRace race = race(A, B, C).succeeds(B, 100).run();
    assertEquals(List.of(A + "@0", B + "@250"), race.starts());
    assertEquals("WON " + B + " at 350", race.end());
  }

  @Test
  @DisplayName("IO-HE6 a delay of 450 ms: the first wins at 1000 ms, beside two others")
  void customDelay() {
    ManualRace race =
        new ManualRace(ManualRace.delay(450)).answer(0, ANY, A, B, C).succeeds(A, 1000).run();
    assertEquals(List.of(A + "@0", B + "@450", C + "@900"), race.starts());
    assertEquals("WON " + A + " at 1000", race.end());
  }

  @Test
  @DisplayName("IO-HE6 no delay means one attempt at a time")
  void oneAtATime() {
    ManualRace race =
        new ManualRace(ManualRace.oneAtATime())
            .answer(0, ANY, A, B, C)
            .fails(A, 9000)
            .fails(B, 1)
            .succeeds(C, 100_000)
            .run();
    assertEquals(List.of(A + "@0", B + "@9000", C + "@9001"), race.starts());
    assertEquals("WON " + C + " at 109001", race.end());
  }

  @Test
  @DisplayName("IO-HE6 a delay of 0 means all at once")
  void allAtOnce() {
    ManualRace race =
        new ManualRace(ManualRace.delay(0)).answer(0, ANY, A, B, C).succeeds(B, 7).run();
    assertEquals(List.of(A + "@0", B + "@0", C + "@0"), race.starts());
    assertEquals("WON " + B + " at 7", race.end());
    assertEquals(List.of(0, 2), race.abandoned());
  }

  @Test
  @DisplayName("IO-HE8 all at once, and the first connects without waiting: the others never start")
  void allAtOnceImmediateSuccess() {
    ManualRace race =
        new ManualRace(ManualRace.delay(0)).answer(0, ANY, A, B, C).succeeds(A, 0).run();
    assertEquals(List.of(A + "@0"), race.starts());
    assertEquals("WON " + A + " at 0", race.end());
    assertEquals(List.of(), race.abandoned());
  }

  @Test
  @DisplayName("IO-HE5 failures of the newest expedite: attempts at 0, 100, 300, 550 ms")
  void errorsExpedite() {
    ManualRace race = race(A, B, C, D).fails(A, 100).fails(B, 200).succeeds(D, 1000).run();
    assertEquals(List.of(A + "@0", B + "@100", C + "@300", D + "@550"), race.starts());
    assertEquals("WON " + D + " at 1550", race.end());
  }

  @Test
  @DisplayName("IO-HE5 the failure of an older attempt starts nothing")
  void olderFailure() {
    ManualRace race = race(A, B, C).fails(A, 300).succeeds(C, 1).run();
    assertEquals(List.of(A + "@0", B + "@250", C + "@500"), race.starts());
  }

  @Test
  @DisplayName("IO-HE11 IO-HE12 all fail: at 10300 ms, with the last, one error per address")
  void allFail() {
    ManualRace race =
        race(A, B, C, D).fails(A, 100).fails(B, 200).fails(C, 10_000).fails(D, 250).run();
    assertEquals(List.of(A + "@0", B + "@100", C + "@300", D + "@550"), race.starts());
    assertEquals("ALL_FAILED at 10300", race.end());
    assertEquals(
        List.of("refused 0", "refused 1", "refused 2", "refused 3"),
        race.errors().stream().map(Throwable::getMessage).toList());
  }

  @Test
  @DisplayName("IO-HE9 three succeed together at 10.5 s: exactly one is the winner")
  void multiSuccess() {
    ManualRace race =
        race(A, B, C, D)
            .fails(A, 10_000)
            .succeeds(B, 10_250)
            .succeeds(C, 10_000)
            .succeeds(D, 9750)
            .run();
    assertEquals(List.of(A + "@0", B + "@250", C + "@500", D + "@750"), race.starts());
    assertEquals("WON " + B + " at 10500", race.end());
    assertEquals(List.of(1), race.successes());
    assertEquals(List.of(2, 3), race.abandoned());
  }

  @Test
  @DisplayName("IO-HE4 IO-HV4 the first address of the other family is second, with its timing")
  void reorder() {
    ManualRace race = race(A, B, C, A6).succeeds(B, 1).run();
    // Without sources RFC 6724 prefers IPv6; then the first of IPv4.
    assertEquals(List.of(A6 + "@0", A + "@250", B + "@500"), race.starts());
    ManualRace six = race(A6, B6, "2001:db8::3", A).succeeds(A, 50).run();
    assertEquals(List.of(A6 + "@0", A + "@250"), six.starts());
  }

  @Test
  @DisplayName("IO-HE7 a socket that cannot be opened costs no time")
  void noSuchFamily() {
    ManualRace race = race(A, A6, B6).fails(A6, 0).fails(B6, 0).succeeds(A, 100).run();
    assertEquals(List.of(A6 + "@0", A + "@0"), race.starts());
    ManualRace last = race(A, A6, B6).fails(A6, 0).fails(A, 0).succeeds(B6, 100).run();
    assertEquals(List.of(A6 + "@0", A + "@0", B6 + "@0"), last.starts());
    assertEquals("WON " + B6 + " at 100", last.end());
  }

  @Test
  @DisplayName("IO-HE3 no addresses")
  void noHosts() {
    assertEquals("NO_ADDRESSES at 0", race().run().end());
    assertEquals(
        "NO_ADDRESSES at 70",
        new ManualRace(RaceSettings.DEFAULT).answer(20, IPV6).answer(70, IPV4).run().end());
  }

  @Test
  @DisplayName("IO-HE14 given up at 5 s: all four are abandoned then")
  void cancel() {
    ManualRace race = race(A, B, C, D).giveUp(5000).run();
    assertEquals("GIVEN_UP at 5000", race.end());
    assertEquals(List.of(0, 1, 2, 3), race.abandoned());
    for (ConnectAttempt attempt : race.report().attempts()) {
      assertEquals(Outcome.ABANDONED, attempt.outcome());
      assertEquals(Duration.ofSeconds(5), attempt.ended());
    }
  }

  @Test
  @DisplayName("IO-HE14 given up in the instant of a success: whoever is told first")
  void cancelAtSuccess() {
    ManualRace first = race(A, B).giveUp(300).succeeds(B, 50).run();
    assertEquals("GIVEN_UP at 300", first.end());
    assertEquals(List.of(), first.successes());
    assertEquals(List.of(0, 1), first.abandoned());
  }

  @Test
  @DisplayName("IO-HE13 a bug in one attempt ends the race and abandons the others")
  void crash() {
    ManualRace race = race(A, B, C).crashes(B, 100).run();
    assertEquals("CRASHED at 350", race.end());
    assertEquals(List.of(0), race.abandoned());
  }

  // ------------------------------------------------------------------------------- ties

  @Test
  @DisplayName("IO-HE5 the newest fails in the tick in which its delay ends: one attempt, not two")
  void failureAtDeadline() {
    ManualRace race = race(A, B, C).fails(A, 250).succeeds(C, 1).run();
    assertEquals(List.of(A + "@0", B + "@250", C + "@500"), race.starts());
  }

  @Test
  @DisplayName("IO-HE8 a success in the tick in which the delay ends: nothing more is started")
  void successAtDeadline() {
    ManualRace race = race(A, B, C).succeeds(A, 250).run();
    assertEquals(List.of(A + "@0"), race.starts());
    assertEquals("WON " + A + " at 250", race.end());
  }

  @Test
  @DisplayName("IO-HE5 the newest and an older one fail in one tick: one attempt, not two")
  void twoFailures() {
    ManualRace race = race(A, B, C, D).fails(A, 300).fails(B, 50).succeeds(D, 1).run();
    assertEquals(List.of(A + "@0", B + "@250", C + "@300", D + "@550"), race.starts());
  }

  @Test
  @DisplayName("the clock may begin anywhere, and wrap around in the middle of a race")
  void wrapAround() {
    ManualRace race = new ManualRace(RaceSettings.DEFAULT, Long.MAX_VALUE - 300_000_000);
    race.answer(0, ANY, A, B, C).succeeds(C, 200).run();
    assertEquals(List.of(A + "@0", B + "@250", C + "@500"), race.starts());
    assertEquals("WON " + C + " at 700", race.end());
  }

  // --------------------------------------------------------------------- answers per family

  @ParameterizedTest
  @CsvSource({"0", "30", "2000"})
  @DisplayName("IO-HV1 the IPv6 answer starts the race at once")
  void ipv6First(long at) {
    ManualRace race =
        new ManualRace(RaceSettings.DEFAULT).answer(at, IPV6, A6, B6).succeeds(A6, 10).run();
    assertEquals(List.of(A6 + "@" + at), race.starts());
    assertEquals(Duration.ofMillis(at), race.report().lookup());
  }

  @Test
  @DisplayName("IO-HV1 IPv4 waits 50 ms for IPv6, and goes alone when it does not come")
  void resolutionDelay() {
    ManualRace race =
        new ManualRace(RaceSettings.DEFAULT).answer(20, IPV4, A, B).succeeds(B, 10).run();
    assertEquals(List.of(A + "@70", B + "@320"), race.starts());
    assertEquals(Duration.ofMillis(70), race.report().lookup());
    RaceSettings patient = new RaceSettings(250_000_000, 400_000_000, 1);
    assertEquals(
        List.of(A + "@420"),
        new ManualRace(patient).answer(20, IPV4, A).succeeds(A, 10).run().starts());
    RaceSettings hasty = new RaceSettings(250_000_000, 0, 1);
    assertEquals(
        List.of(A + "@20"),
        new ManualRace(hasty).answer(20, IPV4, A).succeeds(A, 10).run().starts());
  }

  @Test
  @DisplayName("IO-HV1 IPv6 within the 50 ms is used first")
  void ipv6InTime() {
    ManualRace race =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(20, IPV4, A)
            .answer(69, IPV6, A6)
            .succeeds(A, 10)
            .run();
    assertEquals(List.of(A6 + "@69", A + "@319"), race.starts());
  }

  @Test
  @DisplayName("IO-HV1 IPv6 in the very tick in which the 50 ms end is used first")
  void ipv6JustInTime() {
    ManualRace race =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(20, IPV4, A)
            .answer(70, IPV6, A6)
            .succeeds(A, 10)
            .run();
    assertEquals(List.of(A6 + "@70", A + "@320"), race.starts());
  }

  @Test
  @DisplayName("IO-HV1 IO-HV3 no IPv6 within the 50 ms ends them; no IPv6 before needs none")
  void ipv6Negative() {
    ManualRace race =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(20, IPV4, A)
            .answer(33, IPV6)
            .succeeds(A, 10)
            .run();
    assertEquals(List.of(A + "@33"), race.starts());
    ManualRace before =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(20, IPV6)
            .answer(90, IPV4, A)
            .succeeds(A, 10)
            .run();
    assertEquals(List.of(A + "@90"), before.starts());
  }

  @Test
  @DisplayName("IO-HV7 IO-HV13 IPv4 that comes while the first IPv6 attempt hangs is next")
  void lateIpv4() {
    ManualRace race =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(0, IPV6, A6, B6)
            .answer(100, IPV4, A, B)
            .succeeds(A, 10)
            .run();
    assertEquals(List.of(A6 + "@0", A + "@250"), race.starts());
  }

  @Test
  @DisplayName("IO-HV7 IPv6 that comes after the 50 ms goes ahead of the IPv4 not yet tried")
  void lateIpv6() {
    ManualRace race =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(0, IPV4, A, B)
            .answer(100, IPV6, A6, B6)
            .succeeds(B, 10)
            .run();
    assertEquals(List.of(A + "@50", A6 + "@300", B6 + "@550", B + "@800"), race.starts());
  }

  @Test
  @DisplayName(
      "IO-HV7 a late answer starts at once when all before it have failed or had their time")
  void lateAnswerStartsAtOnce() {
    ManualRace failed =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(0, IPV6, A6)
            .fails(A6, 40)
            .answer(600, IPV4, A)
            .succeeds(A, 10)
            .run();
    assertEquals(List.of(A6 + "@0", A + "@600"), failed.starts());
    ManualRace hanging =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(0, IPV6, A6)
            .answer(600, IPV4, A)
            .succeeds(A, 10)
            .run();
    assertEquals(List.of(A6 + "@0", A + "@600"), hanging.starts());
    ManualRace fresh =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(0, IPV6, A6)
            .answer(249, IPV4, A)
            .succeeds(A, 10)
            .run();
    assertEquals(List.of(A6 + "@0", A + "@250"), fresh.starts());
  }

  @Test
  @DisplayName("IO-HV3 IO-HE12 all failed, and the answer still missing is empty: lost only then")
  void lateNegative() {
    ManualRace race =
        new ManualRace(RaceSettings.DEFAULT)
            .answer(0, IPV6, A6)
            .fails(A6, 40)
            .answer(600, IPV4)
            .run();
    assertEquals("ALL_FAILED at 600", race.end());
    assertEquals(1, race.errors().size());
  }

  @Test
  @DisplayName("IO-HV7 an address that is gone from a newer answer is not started any more")
  void removed() {
    ManualRace race = race(A, B, C).answer(100, ANY, A, C, D).succeeds(D, 10).run();
    assertEquals(List.of(A + "@0", C + "@250", D + "@500"), race.starts());
    assertEquals(3, race.report().attempts().size());
  }

  @Test
  @DisplayName("IO-HV5 two addresses of the better family before the first of the other")
  void firstFamilyCount() {
    RaceSettings two = new RaceSettings(250_000_000, 50_000_000, 2);
    ManualRace race =
        new ManualRace(two).answer(0, ANY, A, A6, B6, "2001:db8::3").succeeds(A, 10).run();
    assertEquals(List.of(A6 + "@0", B6 + "@250", A + "@500"), race.starts());
  }

  @Test
  @DisplayName("the report tells of all addresses: when, how, why, and the error")
  void report() {
    ManualRace race = race(A, B, A6, B6).fails(A6, 10).succeeds(A, 100).run();
    List<ConnectAttempt> attempts = race.report().attempts();
    assertEquals(
        List.of(Outcome.FAILED, Outcome.WON, Outcome.NOT_STARTED, Outcome.NOT_STARTED),
        outcomes(race));
    assertEquals(ManualRace.ip(A6), attempts.get(0).address().getAddress());
    assertEquals("rule 6: precedence 40 before 35", attempts.get(0).why());
    assertEquals(Duration.ofMillis(10), attempts.get(1).started());
    assertEquals(Duration.ofMillis(110), attempts.get(1).ended());
    assertTrue(attempts.get(1).why().startsWith("first IPv4 address"), attempts.get(1).why());
    assertEquals(ManualRace.ip(B6), attempts.get(2).address().getAddress());
    assertEquals("resolver's order", attempts.get(3).why());
    assertEquals(Duration.ofMillis(110), race.report().total());
    assertEquals(attempts.get(1).address(), race.report().winner());
  }
}
