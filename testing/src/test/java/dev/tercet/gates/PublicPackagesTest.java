package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each public package of the three published modules has a rule: what of ours it may use. */
class PublicPackagesTest {
  /** By short name; patterns of short names. */
  private static final Map<String, String> MAY_USE =
      Map.ofEntries(
          Map.entry("dev.tercet", "internal\\.(text|log)"),
          Map.entry("tls", "dev\\.tercet|internal\\.(text|log)"),
          Map.entry("loop", "dev\\.tercet|internal\\..*"),
          Map.entry("blocking", "dev\\.tercet|tls|loop|(proto|internal)\\b.*"),
          Map.entry(
              "coroutines", "dev\\.tercet|tls|loop|(proto|internal)\\b.*|coroutines\\.internal"),
          Map.entry(
              "coroutines.adapt",
              "dev\\.tercet|blocking|coroutines|(proto|internal)\\b.*|coroutines\\.internal"),
          Map.entry("testing.streams", "dev\\.tercet|blocking|internal\\..*|testing\\.internal"),
          Map.entry(
              "testing.conformance",
              "dev\\.tercet|blocking|internal\\..*|testing\\.(internal|streams)"),
          Map.entry(
              "testing.simulation",
              "dev\\.tercet|blocking|(proto|internal)\\b.*|testing\\.internal"),
          Map.entry("testing.certificates", "tls"),
          Map.entry(
              "coroutines.testing",
              "dev\\.tercet|coroutines(\\.internal)?|internal\\..*|testing\\.(internal|simulation)"));

  private static final Pattern EXPORT = Pattern.compile("(?m)^  exports dev\\.tercet([.\\w]*);");
  private static final List<Path> MODULES =
      List.of(Path.of("../java-core"), Path.of("../kotlin-api"), Path.of("."));

  @Test
  @DisplayName("the rules name all public packages and no other")
  void complete() throws IOException {
    Set<String> exported = new TreeSet<>(testingPackages());
    for (String module : List.of("java-core", "kotlin-api")) {
      String info = Files.readString(Path.of("..", module, "src/main/java/module-info.java"));
      EXPORT.matcher(info).results().map(PublicPackagesTest::shortName).forEach(exported::add);
    }
    assertEquals(exported, new TreeSet<>(MAY_USE.keySet()));
  }

  @Test
  @DisplayName("a public package uses what its rule allows")
  void kept() throws IOException {
    List<Path> classes = MODULES.stream().map(module -> module.resolve("target/classes")).toList();
    assertEquals(Set.of(), broken(Floors.uses(classes)));
  }

  @Test
  @DisplayName("the rules can fail")
  void canFail() {
    assertEquals(
        Set.of("coroutines uses blocking", "tls uses internal.wait"),
        broken(
            Map.of(
                "coroutines", Set.of("blocking", "internal.wait"),
                "internal.wait", Set.of("blocking"),
                "tls", Set.of("dev.tercet", "internal.wait"))));
  }

  private static Set<String> broken(Map<String, Set<String>> uses) {
    Set<String> broken = new TreeSet<>();
    MAY_USE.forEach(
        (user, allowed) ->
            uses.getOrDefault(user, Set.of()).stream()
                .filter(used -> !used.matches(allowed))
                .forEach(used -> broken.add(user + " uses " + used)));
    return broken;
  }

  /** They are not a module of their own: all but the internal ones. */
  private static Set<String> testingPackages() throws IOException {
    Set<String> packages = new TreeSet<>();
    for (String language : List.of("java", "kotlin")) {
      Path root = Path.of("src/main", language, "dev/tercet");
      try (Stream<Path> files = Files.walk(root)) {
        files
            .filter(Files::isRegularFile)
            .map(file -> root.relativize(file.getParent()).toString().replace('/', '.'))
            .filter(name -> !name.contains("internal"))
            .forEach(packages::add);
      }
    }
    return packages;
  }

  private static String shortName(MatchResult export) {
    return export.group(1).isEmpty() ? "dev.tercet" : export.group(1).substring(1);
  }
}
