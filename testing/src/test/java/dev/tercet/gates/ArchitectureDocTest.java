package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The picture, the table and the ways of {@code docs/architecture.md} are what the code is; {@code
 * -Dpictures.draw=true} draws the picture.
 */
class ArchitectureDocTest {
  private static final String REDRAW =
      "mvn -pl java-core,kotlin-api,testing test -Dtest=ArchitectureDocTest"
          + " -Dpictures.draw=true -Dsurefire.failIfNoSpecifiedTests=false"
          + " -Dtests.required=false";
  private static final List<Path> MODULES =
      List.of(Path.of("../java-core"), Path.of("../kotlin-api"), Path.of("."));
  private static final Path DOCUMENT = Path.of("../docs/architecture.md");
  private static final Path PICTURE = Path.of("../docs/architecture.svg");

  /** Subject, package, file, name. */
  private static final Pattern ROW =
      Pattern.compile("^\\| [^|]+ \\| `([\\w.]+)` \\| `(\\w+)` \\| `([\\w.]+)` \\|$");

  private static final Pattern MEMBER = Pattern.compile("`([A-Z]\\w*)\\.(\\w+)`");

  @Test
  @DisplayName("the picture shows the packages on their floors")
  void picture() throws IOException {
    String now =
        Floors.of(MODULES.stream().map(module -> module.resolve("target/classes")).toList()).svg();
    if (Boolean.getBoolean("pictures.draw")) {
      Files.writeString(PICTURE, now);
    }
    assertEquals(
        Files.readString(PICTURE), now, "packages use others now; this draws them: " + REDRAW);
  }

  @Test
  @DisplayName("each row of the table names a file and what is in it")
  void table() throws IOException {
    List<String> wrong = new ArrayList<>();
    int rows = 0;
    for (String line : Files.readAllLines(DOCUMENT)) {
      for (MatchResult row : ROW.matcher(line).results().toList()) {
        rows++;
        String text = sourceIn(row.group(1), row.group(2));
        if (!hasWord(text, row.group(3))) {
          wrong.add(line);
        }
      }
    }
    assertTrue(rows >= 25, "only " + rows + " rows were found");
    assertEquals(List.of(), wrong);
  }

  @Test
  @DisplayName("each step of the ways names a member that is there")
  void ways() throws IOException {
    List<String> wrong = new ArrayList<>();
    int steps = 0;
    for (MatchResult member : MEMBER.matcher(Files.readString(DOCUMENT)).results().toList()) {
      steps++;
      boolean isThere = false;
      for (Path file : sources()) {
        isThere |= isNamed(file, member.group(1)) && hasWord(read(file), member.group(2));
      }
      if (!isThere) {
        wrong.add(member.group());
      }
    }
    assertTrue(steps >= 20, "only " + steps + " steps were found");
    assertEquals(List.of(), wrong);
  }

  @Test
  @DisplayName("what is used stands below its users, and a cycle is refused")
  void floors() {
    assertEquals(
        List.of(Set.of("a"), Set.of("b", "c"), Set.of("d")),
        Floors.of(Map.of("a", Set.of(), "b", Set.of("a"), "c", Set.of("a"), "d", Set.of("a", "b")))
            .packages());
    Map<String, Set<String>> cycle = Map.of("a", Set.of("b"), "b", Set.of("a"));
    assertThrows(IllegalArgumentException.class, () -> Floors.of(cycle));
  }

  /** Empty when there is none. */
  private static String sourceIn(String shortPackage, String type) throws IOException {
    String folder =
        shortPackage.equals("dev.tercet")
            ? "dev/tercet"
            : "dev/tercet/" + shortPackage.replace('.', '/');
    for (Path file : sources()) {
      if (isNamed(file, type) && file.getParent().endsWith(folder)) {
        return read(file);
      }
    }
    return "";
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Path module : MODULES) {
      try (Stream<Path> files = Files.walk(module.resolve("src/main"))) {
        files.filter(file -> file.toString().matches(".*\\.(java|kt)")).forEach(sources::add);
      }
    }
    return sources;
  }

  private static boolean isNamed(Path file, String type) {
    return file.getFileName().toString().replaceAll("\\.(java|kt)$", "").equals(type);
  }

  private static boolean hasWord(String text, String word) {
    return Pattern.compile("(?<!\\w)" + Pattern.quote(word) + "(?!\\w)").matcher(text).find();
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }
}
