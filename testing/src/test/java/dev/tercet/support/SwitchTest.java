package dev.tercet.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** What the tests' support promises. */
class SwitchTest {
  private final List<String> output = new ArrayList<>();

  private Stress stress(Map<String, String> properties) {
    return new Stress(properties::get, output::add);
  }

  @Test
  @DisplayName("the size is full with -Dtercet.stress, with or without a value, and modest else")
  void size() {
    assertFalse(stress(Map.of()).isFullSize());
    assertTrue(stress(Map.of("tercet.stress", "")).isFullSize());
    assertTrue(stress(Map.of("tercet.stress", "true")).isFullSize());
    assertFalse(stress(Map.of("tercet.stress", "false")).isFullSize());
  }

  @Test
  @DisplayName("this run obeys its switches: what Maven is given reaches the tests")
  void thisRun() {
    String given = System.getProperty("tercet.stress");
    assertEquals(given == null || given.equals("false") ? 1 : 2, Stress.rounds(1, 2));
    String seed = System.getProperty("tercet.seed");
    assertEquals(seed == null ? 5 : Long.parseLong(seed), Stress.seed(SwitchTest.class, 5));
  }

  @Test
  @DisplayName("a seed is printed once for each class, in the form that reproduces it")
  void printed() {
    Stress stress = stress(Map.of());
    assertEquals(5, stress.seedOf(SwitchTest.class, 5));
    assertEquals(5, stress.seedOf(SwitchTest.class, 6), "one seed for a class");
    assertEquals(7, stress.seedOf(List.class, 7));
    assertEquals(List.of("SwitchTest: -Dtercet.seed=5", "List: -Dtercet.seed=7"), output);
  }

  @Test
  @DisplayName("-Dtercet.seed is the seed of all, and one that is no number fails")
  void given() {
    Stress stress = stress(Map.of("tercet.seed", " -42 "));
    assertEquals(-42, stress.seedOf(SwitchTest.class, 5));
    assertEquals(-42, stress.seedOf(List.class, 6));
    assertEquals("SwitchTest: -Dtercet.seed=-42", output.get(0));
    Stress wrong = stress(Map.of("tercet.seed", "x"));
    assertThrows(NumberFormatException.class, () -> wrong.seedOf(List.class, 1));
  }

  @Test
  @DisplayName("a test whose program is missing is skipped loudly, and fails in CI")
  void missing() {
    Needs.check(true, "no obstacle", true, output::add);
    assertEquals(List.of(), output);
    assertThrows(TestAbortedException.class, () -> Needs.check(false, "no nc", false, output::add));
    assertEquals(List.of("WARNING: SKIPPED: no nc"), output);
    AssertionError inCi =
        assertThrows(AssertionError.class, () -> Needs.check(false, "no nc", true, output::add));
    assertEquals("CI must run this test, but no nc", inCi.getMessage());
    assertTrue(Needs.has("sh"));
    assertFalse(Needs.has("no-such-program"));
  }
}
