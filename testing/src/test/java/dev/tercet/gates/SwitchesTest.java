package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Every test that stresses, fuzzes or draws at random obeys {@code -Dtercet.stress} and {@code
 * -Dtercet.seed}: its sizes and seeds come from {@code dev.tercet.support.Stress}.
 *
 * <p>A literal seed is allowed: {@code new Random(7).nextBytes(data)} makes data, and explores
 * nothing. A file that is no test takes its seed from its caller.
 */
class SwitchesTest {
  private static final List<String> MODULES =
      List.of("java-core", "kotlin-api", "testing", "samples");

  private static final Pattern NAME = Pattern.compile("Stress|Fuzz|Matrix|Flood|Determinism|Model");
  private static final Pattern TEST = Pattern.compile("(Test|Spec)\\.(java|kt)");
  private static final Pattern RANDOM =
      Pattern.compile("\\b(?:Splittable)?Random\\(([^)]*)\\)|\\bSplitMix64\\(([^)]*)\\)");
  private static final Pattern LITERAL = Pattern.compile("-?[0-9_]+L?|0x\\w+");
  private static final Pattern LOOP = Pattern.compile("for \\((?:(?:long|int) )?seed\\b");
  private static final Pattern OWN_ENTROPY =
      Pattern.compile(
          "\\b(?:Splittable)?Random\\(\\)|ThreadLocalRandom|Math\\.random\\(|Random\\.(?:Default|next)"
              + "|\\.shuffled\\(\\)|Collections\\.shuffle\\([^,()]*\\)|\\.random\\(\\)|\\bseed\\w* = System\\.");
  private static final Pattern PROPERTY =
      Pattern.compile(
          "(?:System\\.getProperty|Integer\\.getInteger|Long\\.getLong|Boolean\\.getBoolean)"
              + "\\(\\s*\"([^\"]*)\"");
  private static final Pattern ALLOWED =
      Pattern.compile(
          "(java|os|user|sun|jdk|surefire)\\..*|basedir|(api\\.dump|pictures\\.draw)|line\\.separator");

  @Test
  @DisplayName("tests that stress, fuzz or draw at random take size and seed from Stress")
  void allObey() throws IOException {
    List<String> findings = new ArrayList<>();
    int files = 0;
    int random = 0;
    for (String module : MODULES) {
      try (Stream<Path> walk = Files.walk(Path.of("..", module, "src", "test"))) {
        for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
          String name = file.getFileName().toString();
          if (!name.matches(".*\\.(java|kt)") || name.matches("Switch(es)?Test.java")) {
            continue;
          }
          files++;
          String source = Files.readString(file);
          random += source.contains("Stress.seed(") ? 1 : 0;
          for (String finding : check(name, source)) {
            findings.add(module + ": " + name + ": " + finding);
          }
        }
      }
    }
    assertTrue(files > 300, "only " + files + " files were found");
    assertTrue(random > 30, "only " + random + " files have a seed");
    assertEquals(List.of(), findings);
  }

  @Test
  @DisplayName("the rules see a size, a seed or a source of randomness of a test's own")
  void rulesCanFail() {
    String stress = "Stress.rounds(1, 2) Stress.seed(A.class)";
    assertEquals(1, check("AStressTest.java", "class A {}").size());
    assertEquals(1, check("LossMatrixSpec.kt", "Stress.seed(A.class)").size());
    assertEquals(0, check("AStressTest.java", stress).size());
    assertEquals(1, check("ATest.java", "new Random(seed)").size());
    assertEquals(1, check("ASpec.kt", "val random = Random(i + 1)").size());
    assertEquals(1, check("ATest.java", "new SplitMix64(seed)").size());
    assertEquals(0, check("ATest.java", "new Random(7).nextBytes(data)").size());
    assertEquals(0, check("ATest.java", "new Random(seed) " + stress).size());
    assertEquals(0, check("Pair.java", "new Random(seed)").size());
    assertEquals(1, check("Pair.java", "long seed = System.nanoTime();").size());
    assertEquals(1, check("Pair.java", "new Random()").size());
    assertEquals(1, check("ASpec.kt", stress + " list.shuffled()").size());
    assertEquals(1, check("ATest.java", stress + " ThreadLocalRandom.current()").size());
    assertEquals(1, check("ATest.java", "for (long seed = 1; seed < 9; seed++)").size());
    assertEquals(1, check("ASpec.kt", "for (seed in 1L..5L)").size());
    assertEquals(1, check("A.java", "Integer.getInteger(\"stress\", 5)").size());
    assertEquals(1, check("A.java", "System.getProperty(\n  \"tercet.seed\")").size());
    assertEquals(0, check("A.java", "System.getProperty(\"java.home\")").size());
  }

  private static List<String> check(String name, String source) {
    List<String> findings = new ArrayList<>();
    boolean isTest = TEST.matcher(name).find();
    boolean hasSeed = source.contains("Stress.seed(");
    boolean hasSize = source.contains("Stress.rounds(") || source.contains("Stress.isFull(");
    if (isTest && NAME.matcher(name).find() && !hasSize) {
      findings.add("a test of that name takes its size from Stress.rounds");
    } else if (isTest && !hasSeed && draws(source)) {
      findings.add("a random test takes its seed from Stress.seed");
    }
    each(OWN_ENTROPY, source, found -> findings.add(found.group() + " cannot be reproduced"));
    each(
        PROPERTY,
        source,
        found -> {
          if (!ALLOWED.matcher(found.group(1)).matches()) {
            findings.add("reads the property " + found.group(1));
          }
        });
    return findings;
  }

  private static boolean draws(String source) {
    if (LOOP.matcher(source).find()) {
      return true;
    }
    Matcher random = RANDOM.matcher(source);
    while (random.find()) {
      String argument = random.group(1) == null ? random.group(2) : random.group(1);
      if (!argument.isEmpty() && !LITERAL.matcher(argument).matches()) {
        return true;
      }
    }
    return false;
  }

  private static void each(
      Pattern pattern, String source, java.util.function.Consumer<Matcher> action) {
    Matcher matcher = pattern.matcher(source);
    while (matcher.find()) {
      action.accept(matcher);
    }
  }
}
