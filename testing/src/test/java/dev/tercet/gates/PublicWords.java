package dev.tercet.gates;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The public words of each type in an {@link ApiDump}, spelled as in the sources of both languages:
 * a Kotlin property {@code x} and a Java accessor {@code x()} are the word {@code x}; the functions
 * of a companion object are the class's; an extension belongs to the type that it extends, if that
 * is one of the module's, else to {@code package/*}, as every other top-level function does.
 */
final class PublicWords {
  private static final Pattern TYPE = Pattern.compile("public .*?class (\\S+) .*");
  private static final Pattern FUNCTION =
      Pattern.compile("\tpublic (?<modifiers>.*?)fun (?<name>\\S+) \\((?<arguments>.*?)\\).*");
  private static final Pattern ACCESSOR = Pattern.compile("[gs]et([A-Z])(\\w*)");
  private static final Pattern FIRST_CLASS = Pattern.compile("L([^;]+);.*");

  /** They begin like accessors and are functions in both languages. */
  private static final Set<String> NO_ACCESSORS =
      Set.of("getOption", "setOption", "getData", "getDataNow", "setLimit");

  private static final Set<String> OF_EVERY_OBJECT =
      Set.of("equals", "hashCode", "toString", "values", "valueOf", "getEntries", "copy");

  private PublicWords() {}

  /**
   * Reads a dump.
   *
   * @param dump the text
   * @return words by type, {@code dev/tercet/blocking/Stream} for instance
   */
  static Map<String, Set<String>> of(String dump) {
    Map<String, Set<String>> words = new TreeMap<>();
    Set<String> facades = facades(dump);
    String type = "";
    for (String line : dump.lines().toList()) {
      Matcher header = TYPE.matcher(line);
      Matcher function = FUNCTION.matcher(line);
      if (header.matches()) {
        type = header.group(1);
        if (!facades.contains(type)) {
          words.computeIfAbsent(withoutCompanion(type), t -> new TreeSet<>());
        }
      } else if (function.matches()) {
        String word = word(function.group("name"));
        if (!word.isEmpty()) {
          String owner =
              facades.contains(type)
                  ? extended(type, function.group("arguments"), dump)
                  : withoutCompanion(type);
          words.computeIfAbsent(owner, t -> new TreeSet<>()).add(word);
        }
      }
    }
    return words;
  }

  /** Kotlin's classes for the functions of a file: all static, and no constructor. */
  private static Set<String> facades(String dump) {
    Set<String> facades = new TreeSet<>();
    for (String block : dump.split("\n\n", -1)) {
      Matcher header = TYPE.matcher(block.lines().findFirst().orElse(""));
      boolean allStatic =
          block
              .lines()
              .filter(line -> line.startsWith("\t"))
              .allMatch(line -> line.matches("\tpublic static (final|synthetic) .*"));
      if (header.matches() && allStatic && block.contains("\tpublic static")) {
        facades.add(header.group(1));
      }
    }
    return facades;
  }

  private static String extended(String facade, String arguments, String dump) {
    Matcher first = FIRST_CLASS.matcher(arguments);
    String packageName = facade.substring(0, facade.lastIndexOf('/'));
    return first.matches() && dump.contains("class " + first.group(1) + " ")
        ? first.group(1)
        : packageName + "/*";
  }

  private static String withoutCompanion(String type) {
    return type.replace("$Companion", "");
  }

  private static String word(String name) {
    // Kotlin mangles the names of functions with parameters of inline classes, such as Duration.
    String plain = name.replaceAll("-.*", "");
    if (plain.endsWith("$default")
        || OF_EVERY_OBJECT.contains(plain)
        || plain.matches("component\\d+")) {
      return "";
    }
    Matcher accessor = ACCESSOR.matcher(plain);
    return accessor.matches() && !NO_ACCESSORS.contains(plain)
        ? accessor.group(1).toLowerCase(java.util.Locale.ROOT) + accessor.group(2)
        : plain;
  }
}
