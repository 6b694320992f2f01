package dev.tercet.internal.serve;

/** A listener that may come to its end without anything being wrong: an endpoint was closed. */
public interface Ending {
  /**
   * Whether it has ended, so that the error of its accept says only that.
   *
   * @return true for good
   */
  boolean hasEnded();
}
