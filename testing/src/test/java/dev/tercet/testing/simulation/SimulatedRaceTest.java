package dev.tercet.testing.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressText;
import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectAttempt.Outcome;
import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketStream;
import dev.tercet.support.Stress;
import dev.tercet.testing.simulation.NetworkEvent.Kind;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Java's driver of the race, in virtual time. Kotlin's is in {@code SimulatedRaceSpec}. */
class SimulatedRaceTest {
  @TestFactory
  Stream<DynamicTest> racesEndExactlyAsTheyMust() {
    return RaceScenario.all().stream()
        .map(
            scenario ->
                DynamicTest.dynamicTest(
                    "IO-HE20 " + scenario,
                    () -> {
                      long first = Stress.seed(SimulatedRaceTest.class, 1);
                      for (long seed = first; seed < first + Stress.rounds(5, 200); seed++) {
                        Simulation.run(seed, sim -> run(sim, scenario));
                      }
                    }));
  }

  private static void run(Simulation sim, RaceScenario scenario) throws Exception {
    SimulatedNetwork network = sim.network();
    List<ConnectReport> reports = new ArrayList<>();
    ConnectOptions options =
        ConnectOptions.DEFAULT
            .withNetwork(scenario.prepare(network))
            .withHappyEyeballsDelay(scenario.delay())
            .withOnReport(reports::add);
    String end;
    try (SocketStream stream = Net.openTcpStream(RaceScenario.HOST, RaceScenario.PORT, options)) {
      end = "won " + RaceScenario.letter(AddressText.of(stream.remoteAddress()));
      assertEquals(1, network.trace().openSockets().size());
      assertEquals(stream.remoteAddress(), reports.get(0).winner());
    } catch (ConnectFailedException e) {
      end = "failed";
      assertEquals(e.report().attempts().size(), e.getSuppressed().length);
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("attempts to connect to test.example:80 failed"), message);
    } catch (UnknownHostException e) {
      end = "unknown";
    }
    assertEquals(scenario.end(), end + " at " + sim.now().toMillis());
    assertEquals(scenario.starts(), RaceScenario.starts(network));
    assertEquals(1, reports.size());
    assertEquals(sim.now(), reports.get(0).total());
    network.trace().assertNothingOpen();
  }

  @Test
  @DisplayName("IO-HE14 given up at 5 s: all four sockets are closed then, and the report tells")
  void cancel() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          scenario("abcd", "").prepare(network);
          List<ConnectReport> reports = new ArrayList<>();
          boolean isCut =
              CancelScope.moveOnAfter(Duration.ofSeconds(5))
                  .run(
                      () ->
                          Net.openTcpStream(
                              RaceScenario.HOST,
                              RaceScenario.PORT,
                              ConnectOptions.DEFAULT.withOnReport(reports::add)));
          assertTrue(isCut);
          assertEquals(Duration.ofSeconds(5), sim.now());
          network.trace().assertNothingOpen();
          for (NetworkEvent closed : network.trace().events(Kind.CLOSE)) {
            assertEquals(Duration.ofSeconds(5), closed.at());
          }
          for (ConnectAttempt attempt : reports.get(0).attempts()) {
            assertEquals(Outcome.ABANDONED, attempt.outcome());
          }
          assertEquals(4, reports.get(0).attempts().size());
        });
  }

  @Test
  @DisplayName("IO-HE11 the failures tell address, time and cause, in the order of the attempts")
  void failures() throws Exception {
    Simulation.run(
        1,
        sim -> {
          scenario("ab", "a=-400 b=-10").prepare(sim.network());
          ConnectFailedException e =
              assertThrows(
                  ConnectFailedException.class,
                  () -> Net.openTcpStream(RaceScenario.HOST, RaceScenario.PORT));
          assertEquals(
              List.of(
                  "Error connecting to 192.0.2.1:80: Connection refused (after 400.0 ms)",
                  "Error connecting to 192.0.2.2:80: Connection refused (after 10.0 ms)"),
              List.of(e.getSuppressed()).stream().map(Throwable::getMessage).toList());
          for (Throwable one : e.getSuppressed()) {
            assertInstanceOf(ConnectException.class, one);
            Throwable cause = one.getCause();
            assertNotNull(cause);
            assertEquals("Connection refused", cause.getMessage());
          }
        });
  }

  @Test
  @DisplayName("IO-HE15 a local name is looked up before the first attempt; its failure is told")
  void localName() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          scenario("Aa", "a=+5").prepare(network);
          network
              .names()
              .set("local.example", NameAnswer.of("203.0.113.7").after(Duration.ofMillis(90)));
          ConnectOptions options = ConnectOptions.DEFAULT.withLocalAddress("local.example");
          try (SocketStream stream =
              Net.openTcpStream(RaceScenario.HOST, RaceScenario.PORT, options)) {
            // IPv4 is the only family with a way from there.
            assertEquals(Duration.ofMillis(95), sim.now());
            assertTrue(AddressText.of(stream.localAddress()).startsWith("203.0.113.7:"));
          }
          UnknownHostException e =
              assertThrows(
                  UnknownHostException.class,
                  () ->
                      Net.openTcpStream(
                          RaceScenario.HOST,
                          RaceScenario.PORT,
                          options.withLocalAddress("nowhere.example")));
          assertTrue(String.valueOf(e.getMessage()).contains("nowhere.example"));
          network.trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName(
      "IO-HE14 IO-HE20 random races, cut at random instants: the same seed, the same trace")
  void randomRaces() throws Exception {
    long start = Stress.seed(SimulatedRaceTest.class, 1);
    for (long seed = start; seed < start + Stress.rounds(200, 10_000); seed++) {
      String first = randomRace(seed);
      if (seed % 20 == 0) {
        assertEquals(first, randomRace(seed), "seed " + seed);
      }
    }
  }

  private static String randomRace(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder fates = new StringBuilder();
    for (char letter : "abcdABC".toCharArray()) {
      if (random.nextInt(3) > 0) {
        char end = random.nextInt(3) == 0 ? '+' : '-';
        fates.append(fates.isEmpty() ? "" : " ").append(letter).append('=').append(end);
        fates.append(50 * (1 + random.nextInt(12)));
      }
    }
    RaceScenario scenario = scenario("abcdABC", fates.toString());
    Duration limit = Duration.ofMillis(50L * random.nextInt(60));
    @Nullable Duration delay =
        random.nextInt(4) == 0 ? null : Duration.ofMillis(50L * random.nextInt(6));
    String[] trace = {""};
    Simulation.run(
        seed,
        sim -> {
          scenario.prepare(sim.network());
          ConnectOptions options = ConnectOptions.DEFAULT.withHappyEyeballsDelay(delay);
          try {
            CancelScope.moveOnAfter(limit)
                .run(
                    () ->
                        Net.openTcpStream(RaceScenario.HOST, RaceScenario.PORT, options)
                            .closeForcefully());
          } catch (ConnectFailedException e) {
            assertEquals(7, e.getSuppressed().length, "seed " + seed);
          }
          sim.network().trace().assertNothingOpen();
          assertTrue(sim.now().compareTo(limit) <= 0, "seed " + seed + " at " + sim.now());
          trace[0] = sim.network().trace().toString();
        });
    return trace[0];
  }

  private static RaceScenario scenario(String answer, String fates) {
    return new RaceScenario(
        "", Duration.ofMillis(250), RaceScenario.names(answer), false, fates, "", "");
  }
}
