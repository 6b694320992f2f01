package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** No message and no text of an object shows {@code PT1M30S}. */
class DurationTextsTest {
  @Test
  @DisplayName("messages show durations as people write them")
  void none() throws IOException {
    List<Finding> findings = new ArrayList<>();
    int seen = 0;
    for (Path root :
        List.of(
            Path.of("../java-core/src/main"),
            Path.of("../kotlin-api/src/main"),
            Path.of("src/main"))) {
      try (Stream<Path> walk = Files.walk(root)) {
        for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
          seen++;
          String name = file.toString();
          String source = Files.readString(file);
          findings.addAll(
              name.endsWith(".kt")
                  ? DurationTexts.kotlin(name, source)
                  : DurationTexts.java(name, source));
        }
      }
    }
    assertTrue(seen > 400, "only " + seen + " sources were found");
    // Shown to nobody.
    findings.removeIf(found -> found.what().equals("SessionTerms"));
    assertEquals(
        List.of(),
        findings,
        "these show a Duration as PT1M30S; internal.text.Durations has a text for it");
  }

  @Test
  @DisplayName("concatenations, templates and records are seen, and where")
  void canFail() {
    assertEquals(
        List.of("2: limit", "3: limit", "4: now", "5: Shown"),
        found(
            DurationTexts.java(
                "A.java",
                """
                void a(Duration limit, Duration now()) {
                  throw new A("within " + limit);
                  text.append(limit).append("within " + limit.toSeconds());
                  text = "at " + now() + Durations.text(limit); }
                record Shown(int a, Duration b) {}
                """)));
    assertEquals(
        List.of("2: limit", "3: limit"),
        found(
            DurationTexts.kotlin(
                "A.kt",
                """
                fun a(limit: Duration) {
                  error("within $limit, or ${limit.text()}")
                  error("within ${terms.limit}")
                """)));
  }

  private static List<String> found(List<Finding> findings) {
    return findings.stream().map(found -> found.line() + ": " + found.what()).toList();
  }
}
