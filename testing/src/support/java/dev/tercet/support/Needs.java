package dev.tercet.support;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * Programs and privileges that a test needs beyond the JVM. Where one is missing, the test is
 * skipped and prints why. In CI, where the environment has {@code CI=true}, the test fails instead:
 * a skipped test there is a test that never runs.
 */
public final class Needs {
  private Needs() {}

  /** Each of these is an executable file on the path, or in {@code /usr/sbin}. */
  public static void programs(String... programs) {
    for (String program : programs) {
      needed(has(program), program + " is not installed");
    }
  }

  /** Whether the path has an executable file of that name. */
  public static boolean has(String program) {
    return Arrays.stream((System.getenv("PATH") + ":/usr/sbin").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /**
   * Goes on only when there is no obstacle.
   *
   * @param obstacle what is missing, or null
   */
  public static void noObstacle(@Nullable String obstacle) {
    if (obstacle != null) {
      needed(false, obstacle);
    }
  }

  /** Goes on only when the test is possible here. */
  public static void needed(boolean isPossible, String obstacle) {
    check(isPossible, obstacle, "true".equals(System.getenv("CI")), System.err::println);
  }

  static void check(boolean isPossible, String obstacle, boolean isCi, Consumer<String> output) {
    if (isPossible) {
      return;
    }
    if (isCi) {
      throw new AssertionError("CI must run this test, but " + obstacle);
    }
    output.accept("WARNING: SKIPPED: " + obstacle);
    throw new TestAbortedException(obstacle);
  }
}
