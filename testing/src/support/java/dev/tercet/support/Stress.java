package dev.tercet.support;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The two switches of every stress, fuzz, model, determinism and random test.
 *
 * <p>{@code -Dtercet.stress} runs the full size instead of the modest one. {@code -Dtercet.seed=N}
 * sets the seed of all of them, so that a failure can be reproduced: each test class prints its
 * seed once.
 */
public final class Stress {
  static final String SIZE = "tercet.stress";
  static final String SEED = "tercet.seed";
  private static final Stress GIVEN = new Stress(System::getProperty, System.out::println);

  private final Function<String, @Nullable String> properties;
  private final Consumer<String> output;
  private final Map<Class<?>, Long> seeds = new ConcurrentHashMap<>();

  Stress(Function<String, @Nullable String> properties, Consumer<String> output) {
    this.properties = properties;
    this.output = output;
  }

  /** Whether the full sizes were asked for. */
  public static boolean isFull() {
    return GIVEN.isFullSize();
  }

  /** The number of rounds: the modest one, or the full one with {@code -Dtercet.stress}. */
  public static int rounds(int modest, int full) {
    return isFull() ? full : modest;
  }

  /**
   * The seed of a test that explores: another one in each run, the same for the whole class, and
   * printed.
   */
  public static long seed(Class<?> test) {
    return GIVEN.seedOf(test, System.nanoTime());
  }

  /** The seed of a regression test: {@code usual} unless {@code -Dtercet.seed} is given. */
  public static long seed(Class<?> test, long usual) {
    return GIVEN.seedOf(test, usual);
  }

  boolean isFullSize() {
    String value = properties.apply(SIZE);
    return value != null && !value.equals("false");
  }

  long seedOf(Class<?> test, long usual) {
    return seeds.computeIfAbsent(
        test,
        key -> {
          String given = properties.apply(SEED);
          long seed = given == null ? usual : Long.parseLong(given.strip());
          output.accept(key.getSimpleName() + ": -D" + SEED + "=" + seed);
          return seed;
        });
  }
}
