package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectAttempt.Outcome;
import dev.tercet.ConnectReport;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.Net;
import dev.tercet.gates.Bars.Bar;
import dev.tercet.testing.simulation.ConnectAnswer;
import dev.tercet.testing.simulation.NameAnswer;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The pictures of the README are drawn from data; {@code -Dpictures.draw=true} draws them. */
class PicturesTest {
  private static final Path DOCS = Path.of("../docs");
  private static final String WON = "#2f855a";
  private static final String FAILED = "#c53030";

  @Test
  @DisplayName("the picture of a race is a race on the simulated network")
  void race() throws Exception {
    List<ConnectReport> reports = new ArrayList<>();
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          network
              .names()
              .set(
                  "db.example",
                  NameAnswer.of("2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2"));
          network.onConnect("2001:db8::1", ConnectAnswer.hang());
          network.onConnect("192.0.2.1", ConnectAnswer.refuse().after(Duration.ofMillis(60)));
          network.onConnect("2001:db8::2", ConnectAnswer.accept().after(Duration.ofMillis(310)));
          network.onConnect("192.0.2.2", ConnectAnswer.hang());
          Net.openTcpStream("db.example", 5432, ConnectOptions.DEFAULT.withOnReport(reports::add))
              .close();
        });
    compare("race.svg", raceOf(reports.get(0)));
  }

  private static Bars raceOf(ConnectReport report) {
    List<Bar> bars = new ArrayList<>();
    for (ConnectAttempt attempt : report.attempts()) {
      Duration ended = attempt.ended();
      if (ended != null) {
        long from = attempt.started().toMillis();
        bars.add(
            new Bar(
                attempt.address().getHostString().replace(":0:0:0:0:0:", "::"),
                from,
                ended.toMillis(),
                label(attempt.outcome()) + " at " + ended.toMillis() + " ms",
                colour(attempt.outcome())));
      }
    }
    assertEquals(4, bars.size());
    return new Bars("openTcpStream(\"db.example\", 5432)", "attempts, in ms", bars);
  }

  private static String label(Outcome outcome) {
    return switch (outcome) {
      case WON -> "connected";
      case FAILED -> "refused";
      default -> "closed";
    };
  }

  private static String colour(Outcome outcome) {
    return switch (outcome) {
      case WON -> WON;
      case FAILED -> FAILED;
      default -> Bars.OTHERS;
    };
  }

  @Test
  @DisplayName("the picture of speed is the first table of performance.md")
  void speed() throws IOException {
    List<Bar> bars = new ArrayList<>();
    boolean isInTable = false;
    for (String line : Files.readAllLines(DOCS.resolve("performance.md"))) {
      isInTable |= line.equals("### echo, 64 bytes, 64 connections");
      String[] cells = line.split("\\|", -1);
      if (isInTable && cells.length > 12 && cells[3].strip().matches("[\\d,]+")) {
        String server = cells[1].strip();
        if (!server.endsWith(" again")) {
          String best = cells[3].strip();
          bars.add(
              new Bar(
                  server,
                  0,
                  Double.parseDouble(best.replace(",", "")),
                  best,
                  server.startsWith("tercet") ? Bars.OURS : Bars.OTHERS));
        }
      } else if (isInTable && !bars.isEmpty()) {
        break;
      }
    }
    assertTrue(bars.size() >= 8, "only " + bars.size() + " servers were found");
    compare(
        "speed.svg",
        new Bars(
            "Echo, 64 bytes, 64 connections, server on one core",
            "requests per second, best of 11 rounds",
            bars));
  }

  private static void compare(String name, Bars now) throws IOException {
    Path picture = DOCS.resolve(name);
    if (Boolean.getBoolean("pictures.draw")) {
      Files.writeString(picture, now.svg());
    }
    assertEquals(
        Files.readString(picture),
        now.svg(),
        "mvn -pl java-core,kotlin-api,testing test -Dtest=PicturesTest -Dpictures.draw=true"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dtests.required=false draws it");
  }
}
