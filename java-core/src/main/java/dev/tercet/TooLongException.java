package dev.tercet;

import java.io.IOException;
import java.io.Serial;

/**
 * The peer has sent more without the end of an item, such as a line, than the caller allows. The
 * stream is as good as before and the bytes are kept: asking again with a higher limit goes on
 * where this stopped.
 */
public final class TooLongException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final int limitBytes;

  /**
   * Makes one; public, for streams of your own.
   *
   * @param item what was waited for, as in "line"
   * @param limitBytes how long it may be
   */
  public TooLongException(String item, int limitBytes) {
    super("no end of the " + item + " within " + limitBytes + " bytes");
    this.limitBytes = limitBytes;
  }

  /**
   * How long the item may be.
   *
   * @return the limit that the caller gave, in bytes
   */
  public int limitBytes() {
    return limitBytes;
  }
}
