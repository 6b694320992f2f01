package dev.tercet.internal.names;

/**
 * A user's text inside an error message: what cannot be seen is spelled out, so that a line feed in
 * a host name cannot forge a line of a log, and what is long is cut.
 */
final class Quoted {
  /** Enough to recognize it; the longest label of a name is 63. */
  private static final int LONGEST = 80;

  private Quoted() {}

  static String of(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    int end = Math.min(text.length(), LONGEST);
    for (int i = 0; i < end; i++) {
      appendVisibly(quoted, text.charAt(i));
    }
    quoted.append('"');
    return end < text.length()
        ? quoted + "... (" + text.length() + " characters)"
        : quoted.toString();
  }

  static String of(char c) {
    StringBuilder quoted = new StringBuilder("'");
    appendVisibly(quoted, c);
    return quoted.append('\'').toString();
  }

  private static void appendVisibly(StringBuilder quoted, char c) {
    // Beyond ASCII there are spaces, marks that join, and halves of characters: spell all of them
    // out but letters and digits.
    if ((c >= 0x20 && c < 0x7f) || Character.isLetterOrDigit(c)) {
      quoted.append(c);
    } else {
      quoted.append(String.format("\\u%04x", (int) c));
    }
  }
}
