package dev.tercet.testing.simulation;

import java.util.List;
import java.util.stream.Stream;

/** Where a thread of a simulation is, for people: its stack without the ways of the library. */
final class ThreadPlace {
  private static final int FRAMES = 8;

  /** How a wait gets from the operation to the baton. */
  private static final List<String> MACHINERY =
      List.of(
          "java.",
          "jdk.",
          "dev.tercet.internal.wait.",
          SimulatedWorld.class.getName(),
          ThreadPlace.class.getName());

  private ThreadPlace() {}

  static String describe(Thread thread) {
    StringBuilder text = new StringBuilder(thread.getName());
    Stream.of(thread.getStackTrace())
        .dropWhile(frame -> isMachinery(frame.getClassName()))
        .limit(FRAMES)
        .forEach(frame -> text.append("\n    at ").append(frame));
    return text.toString();
  }

  private static boolean isMachinery(String className) {
    return MACHINERY.stream().anyMatch(className::startsWith);
  }
}
