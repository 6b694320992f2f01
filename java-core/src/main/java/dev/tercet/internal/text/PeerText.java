package dev.tercet.internal.text;

import static java.util.stream.Collectors.joining;

import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Text that a peer has chosen, or that an engine or the system has made of it: names in
 * certificates, server names, application protocols, DNS answers, paths of sockets. Messages end in
 * logs and on terminals, so all of it goes through here: control characters (line ends and escapes
 * among them), characters that reverse or hide others, and what is no character become question
 * marks, and the length is limited.
 */
public final class PeerText {
  /** Longer than any honest host name's part that tells it from others. */
  private static final int MAX_NAME = 100;

  /** A few names and what engines write around them. */
  private static final int MAX_MESSAGE = 1500;

  /** Of Linux. */
  private static final int MAX_PATH = 4096;

  private PeerText() {}

  /**
   * A name: of a host, of a certificate, of a protocol, of a file.
   *
   * @return harmless, at most 103 characters
   */
  public static String name(Object name) {
    return printable(
        name instanceof Principal principal ? principal.getName() : String.valueOf(name), MAX_NAME);
  }

  /**
   * The path of a file or of a socket.
   *
   * @return harmless, at most 4099 characters
   */
  public static String path(String path) {
    return printable(path, MAX_PATH);
  }

  /**
   * A whole message.
   *
   * @param text as an engine wrote it; lines are joined
   * @return harmless, on one line, at most 1503 characters
   */
  public static String message(String text) {
    return printable(text.strip().replaceAll("\\s*\\R\\s*", " "), MAX_MESSAGE);
  }

  /**
   * The output of a program, line by line.
   *
   * @param text of a length that somebody else has limited
   * @return harmless but for its line feeds
   */
  public static String lines(String text) {
    return text.replace('\t', ' ')
        .lines()
        .map(line -> printable(line, text.length()))
        .collect(joining("\n"));
  }

  /**
   * Whether a message can be shown as it is.
   *
   * @param text null for none
   * @return true when {@link #message} would change nothing
   */
  static boolean isHarmless(@Nullable String text) {
    return text == null
        || (text.length() <= MAX_MESSAGE && text.codePoints().allMatch(PeerText::isHarmless));
  }

  private static String printable(String text, int most) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(most).forEach(c -> shown.appendCodePoint(isHarmless(c) ? c : '?'));
    return text.codePointCount(0, text.length()) > most ? shown + "..." : shown.toString();
  }

  private static boolean isHarmless(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          // Overrides and isolates of direction, marks of no width.
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
