package dev.tercet.gates;

/**
 * A place in the sources that breaks a rule. Its text form is what an editor can jump to.
 *
 * @param file path or name
 * @param line counted from 1
 * @param what is wrong
 */
record Finding(String file, long line, String what) {
  @Override
  public String toString() {
    return file + ":" + line + ": " + what;
  }
}
