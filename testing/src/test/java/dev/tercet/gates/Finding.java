package dev.tercet.gates;

/**
 * A place in the sources that breaks a rule. Its text form is what an editor can jump to.
 *
 * @param file path or name
 * @param line counted from 1
 * @param what is wrong
 */
record Finding(String file, long line, String what) {
  /** A finding at a place of a text. */
  static Finding at(String file, String text, int offset, String what) {
    long line = text.substring(0, offset).chars().filter(c -> c == '\n').count() + 1;
    return new Finding(file, line, what);
  }

  @Override
  public String toString() {
    return file + ":" + line + ": " + what;
  }
}
