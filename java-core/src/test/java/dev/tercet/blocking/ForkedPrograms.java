package dev.tercet.blocking;

import java.io.BufferedReader;
import java.io.IOException;

/** For tests of other packages: programs in a JVM of their own. */
public final class ForkedPrograms {
  private ForkedPrograms() {}

  /**
   * Runs a program and returns the first line of its output.
   *
   * @param program has a main method
   * @return the line, or "null" when there is none
   * @throws IOException when it cannot be run
   */
  public static String firstLine(Class<?> program) throws IOException {
    try (Forked forked = new Forked("", program);
        BufferedReader output = forked.output()) {
      return String.valueOf(output.readLine());
    }
  }
}
