package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The index of decisions has each file once, with its title and its status. */
class AdrIndexTest {
  private static final Path FOLDER = Path.of("../docs/adr");
  private static final Pattern TITLE = Pattern.compile("\\A# (\\d+)\\. (.+)\n");
  private static final Pattern STATUS =
      Pattern.compile("(?m)^Status: (accepted|superseded)(?: by \\[ADR (\\d+)])?");
  private static final Pattern REFINED = Pattern.compile("(?m)^(Refined|Status:.*refined by).*$");
  private static final Pattern LINK = Pattern.compile("\\]\\((\\d{4})-");

  @Test
  @DisplayName("each decision is in the index once, with its title and its status")
  void indexIsComplete() throws IOException {
    List<String> rows = new ArrayList<>();
    for (Path file : decisions()) {
      rows.add(row(file.getFileName().toString(), Files.readString(file)));
    }
    List<String> index =
        Files.readAllLines(FOLDER.resolve("README.md")).stream()
            .filter(line -> line.matches("\\| \\d+ \\|.*"))
            .toList();
    assertTrue(rows.size() > 60, "only " + rows.size() + " decisions were found");
    assertEquals(List.of(), without(rows, index), "not in the index");
    assertEquals(List.of(), without(index, rows), "in the index, but no decision says so");
    assertEquals(rows.size(), index.size(), "a decision is in the index twice");
  }

  private static List<String> without(List<String> some, List<String> others) {
    return some.stream().filter(row -> !others.contains(row)).toList();
  }

  @Test
  @DisplayName("each missing number is named as one that is not used")
  void missingNumbersAreNamed() throws IOException {
    Set<Integer> used = new TreeSet<>();
    for (Path file : decisions()) {
      used.add(Integer.parseInt(file.getFileName().toString().substring(0, 4)));
    }
    int last = used.stream().max(Integer::compare).orElseThrow();
    List<Integer> missing =
        IntStream.range(1, last).filter(number -> !used.contains(number)).boxed().toList();
    String sentence =
        Files.readAllLines(FOLDER.resolve("README.md")).stream()
            .filter(line -> line.endsWith("are not used."))
            .collect(Collectors.joining());
    assertEquals(
        missing,
        Pattern.compile("\\d+")
            .matcher(sentence)
            .results()
            .map(MatchResult::group)
            .map(Integer::valueOf)
            .toList());
  }

  private static String row(String name, String text) {
    Matcher title = TITLE.matcher(text);
    Matcher status = STATUS.matcher(text);
    assertTrue(title.find() && status.find(), name + " has no title or no status");
    assertEquals(Integer.parseInt(name.substring(0, 4)), Integer.parseInt(title.group(1)), name);
    String state =
        status.group(2) == null
            ? status.group(1)
            : status.group(1) + " by " + Integer.parseInt(status.group(2));
    return "| %s | [%s](%s) | %s |"
        .formatted(title.group(1), title.group(2), name, state + refinements(text));
  }

  private static String refinements(String text) {
    Set<Integer> by = new TreeSet<>();
    boolean isRefined = false;
    for (MatchResult line : REFINED.matcher(text).results().toList()) {
      isRefined = true;
      LINK.matcher(line.group()).results().forEach(link -> by.add(Integer.valueOf(link.group(1))));
    }
    if (!isRefined) {
      return "";
    }
    return ", refined"
        + (by.isEmpty()
            ? ""
            : by.stream().map(String::valueOf).collect(Collectors.joining(", ", " by ", "")));
  }

  private static List<Path> decisions() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.getFileName().toString().matches("\\d{4}-.*")).toList();
    }
  }
}
