package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@code docs/watching.md} names the events, loggers and switches that the code has. */
class WatchingDocTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern EVENT = Pattern.compile("@Name\\(\"(dev\\.tercet\\.\\w+)\"\\)");
  private static final Pattern FIELD =
      Pattern.compile("(?m)^  (?:@Nullable )?(?:String|boolean|long) (\\w+)(?: = \"\")?;");
  private static final Pattern LOGGER = Pattern.compile("Log\\.of\\(\"([\\w.]+)\"\\)");
  private static final Pattern SWITCH =
      Pattern.compile("(?:getProperty|getBoolean)\\(\\s*\"(dev\\.tercet\\.[\\w.]+)\"");

  /** The first cell of a row, and its last. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(dev\\.tercet\\.\\w+)` \\|.*\\|(.*)\\|$");

  private static final Pattern WORD = Pattern.compile("`(\\w+)`");

  private static String page = "";
  private static List<String> sources = List.of();

  @BeforeAll
  static void read() throws IOException {
    page = Files.readString(ROOT.resolve("docs/watching.md"));
    try (Stream<Path> core = Files.walk(ROOT.resolve("java-core/src/main"));
        Stream<Path> kotlin = Files.walk(ROOT.resolve("kotlin-api/src/main"))) {
      sources =
          Stream.concat(core, kotlin)
              .filter(file -> file.toString().matches(".*\\.(java|kt)"))
              .map(WatchingDocTest::text)
              .toList();
    }
    assertTrue(sources.size() > 300, "only " + sources.size() + " sources were found");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).toList();
  }

  private static Set<String> inSources(Pattern pattern) {
    return sources.stream()
        .flatMap(source -> all(pattern, source).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The rows of the page whose name goes on with such a letter. */
  private static Map<String, String> rows(String letters) {
    Map<String, String> rows = new TreeMap<>();
    for (MatchResult row : ROW.matcher(page).results().toList()) {
      if (row.group(1).matches("dev\\.tercet\\.[" + letters + "]\\w*")) {
        rows.put(row.group(1), row.group(2));
      }
    }
    return rows;
  }

  @Test
  @DisplayName("the page has each event of the code with its fields, and no other")
  void events() {
    Map<String, TreeSet<String>> code = new TreeMap<>();
    for (String source : sources) {
      for (String name : all(EVENT, source)) {
        code.put(name, new TreeSet<>(all(FIELD, source)));
      }
    }
    assertTrue(code.size() > 5, "only " + code.size() + " events were found");
    Map<String, TreeSet<String>> told = new TreeMap<>();
    rows("A-Z").forEach((name, fields) -> told.put(name, new TreeSet<>(all(WORD, fields))));
    assertEquals(code, told);
  }

  @Test
  @DisplayName("the page has each logger of the code, and no other")
  void loggers() {
    assertEquals(inSources(LOGGER), rows("a-z").keySet());
  }

  @Test
  @DisplayName("the switches that the page names exist")
  void switches() {
    List<String> told = all(Pattern.compile("-D(dev\\.tercet\\.[\\w.]+)"), page);
    assertTrue(told.size() > 1, "no switches were found");
    assertTrue(inSources(SWITCH).containsAll(told), () -> told + " of " + inSources(SWITCH));
  }
}
