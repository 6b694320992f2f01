package dev.tercet.internal.names;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is in {@code /etc/services} and {@code /etc/protocols}: numbers and their names, one a line,
 * with aliases and comments.
 *
 * <pre>
 * http    80/tcp   www     # WorldWideWeb HTTP
 * tcp     6        TCP     # transmission control protocol
 * </pre>
 *
 * <p>The first line that says something about a name or a number counts. A line that is not of this
 * form is skipped: these files are edited by hand, and nothing depends on every line.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class NameTable {
  /** Ports and protocol numbers fit into it. */
  private static final int LARGEST = 65_535;

  /** By number and what follows it: "80/tcp", "6". */
  private final Map<String, String> names = new HashMap<>();

  private final Map<String, Integer> numbers = new HashMap<>();

  NameTable(List<String> lines) {
    for (String line : lines) {
      int comment = line.indexOf('#');
      String[] words = (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+");
      if (words.length >= 2) {
        add(words);
      }
    }
  }

  private void add(String[] words) {
    String number = words[1].split("/", -1)[0];
    if (number.isEmpty()
        || number.length() > 5
        || !number.chars().allMatch(c -> c >= '0' && c <= '9')
        || Integer.parseInt(number) > LARGEST) {
      return;
    }
    int value = Integer.parseInt(number);
    names.putIfAbsent(value + words[1].substring(number.length()), words[0]);
    for (int i = 0; i < words.length; i++) {
      if (i != 1) {
        numbers.putIfAbsent(words[i], value);
      }
    }
  }

  /** The name of a number, "80/tcp" or "6". */
  @Nullable String name(String number) {
    return names.get(number);
  }

  /** The number of a name or an alias, in exactly this case. */
  @Nullable Integer number(String name) {
    return numbers.get(name);
  }
}
