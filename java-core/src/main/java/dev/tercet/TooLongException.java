package dev.tercet;

import java.io.IOException;
import java.io.Serial;

/**
 * The peer has sent more without the end of an item, such as a line, than the caller allows. The
 * stream stays usable and the bytes are kept: a call with a higher limit continues where this
 * stopped (spec IO-B3).
 */
public final class TooLongException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final int limitBytes;

  /**
   * Makes one; public, for custom streams.
   *
   * @param item the kind of item, as in "line"
   * @param limitBytes its maximum length
   */
  public TooLongException(String item, int limitBytes) {
    super("no end of the " + item + " within " + limitBytes + " bytes");
    this.limitBytes = limitBytes;
  }

  /**
   * The maximum length of the item.
   *
   * @return the limit of the caller, in bytes
   */
  public int limitBytes() {
    return limitBytes;
  }
}
