package dev.tercet.internal.text;

import java.nio.charset.StandardCharsets;

/** A line of text on its way to a peer. */
public final class TextLine {
  private TextLine() {}

  /**
   * The bytes of a line.
   *
   * @param line without its end
   * @return UTF-8, with CR LF
   * @throws IllegalArgumentException when there is an end of line inside
   */
  public static byte[] encoded(String line) {
    if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
      throw new IllegalArgumentException("a line must not contain the end of a line");
    }
    return (line + "\r\n").getBytes(StandardCharsets.UTF_8);
  }
}
