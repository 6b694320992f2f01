package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;

/** Counts this process's open descriptors, where the system shows them. */
final class Descriptors {
  private Descriptors() {}

  /** 0 where it cannot be told. */
  static int count() {
    String[] all = new File("/proc/self/fd").list();
    return all == null ? 0 : all.length;
  }

  /** Others may run in this JVM and have opened a file or two: a leak is one per round. */
  static void assertNoneLeft(int before, int rounds) {
    int more = count() - before;
    assertTrue(
        more < Math.max(8, rounds / 10), more + " descriptors left of " + rounds + " rounds");
  }
}
