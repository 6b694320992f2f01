package dev.tercet.internal.text;

import java.util.StringJoiner;

/**
 * Counts in words, for reports: {@code 3 replayed, 1 flight retransmitted}. What is zero is left
 * out.
 *
 * <p>Not thread-safe.
 */
public final class Counts {
  private final StringJoiner text = new StringJoiner(", ");

  /** None so far. */
  public Counts() {}

  /**
   * A count with its noun.
   *
   * @param one the noun for one
   * @param many the noun for any other number
   * @return for example {@code 2 channels}
   */
  public static String of(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }

  /**
   * Adds a count, unless it is zero.
   *
   * @param one what there is one of
   * @param many what there are several of
   * @return this
   */
  public Counts and(long count, String one, String many) {
    if (count != 0) {
      text.add(of(count, one, many));
    }
    return this;
  }

  /**
   * Adds a count with a word that is the same for any number, unless it is zero.
   *
   * @return this
   */
  public Counts and(long count, String word) {
    return and(count, word, word);
  }

  /**
   * All counts.
   *
   * @param none the text when all were zero
   * @return separated by commas
   */
  public String orElse(String none) {
    return text.length() == 0 ? none : text.toString();
  }
}
