package dev.tercet.gates;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a source turns a duration into a text by itself: such a text is {@code PT1M30S} in Java and
 * {@code 1m 30s} in Kotlin. A name counts as one of a duration when the same file declares it so.
 */
final class DurationTexts {
  private static final Pattern JAVA_NAME = Pattern.compile("\\bDuration (\\w+)\\b");
  private static final Pattern KOTLIN_NAME = Pattern.compile("\\b(\\w+): Duration\\b");
  private static final Pattern RECORD = Pattern.compile("\\brecord (\\w+)\\([^)]*\\bDuration\\b");

  private DurationTexts() {}

  /**
   * Concatenations, and records whose own text has a duration.
   *
   * @param file for the findings
   * @param source in Java
   */
  static List<Finding> java(String file, String source) {
    List<Finding> findings = new ArrayList<>();
    for (String name : names(JAVA_NAME, source)) {
      // Behind a plus, or appended; the name itself or what a method of that name returns.
      find("(?:\\+\\s*|append\\()" + name + "(?:\\(\\))?\\s*[+;),]", name, file, source, findings);
    }
    Matcher record = RECORD.matcher(source);
    while (record.find() && !source.contains("String toString()")) {
      findings.add(Finding.at(file, source, record.start(), record.group(1)));
    }
    return findings;
  }

  /**
   * Templates.
   *
   * @param file for the findings
   * @param source in Kotlin
   */
  static List<Finding> kotlin(String file, String source) {
    List<Finding> findings = new ArrayList<>();
    for (String name : names(KOTLIN_NAME, source)) {
      find("\\$(?:" + name + "\\b|\\{(?:\\w+\\.)*" + name + "\\})", name, file, source, findings);
    }
    return findings;
  }

  private static Set<String> names(Pattern declaration, String source) {
    Set<String> names = new LinkedHashSet<>();
    declaration.matcher(source).results().forEach(found -> names.add(found.group(1)));
    return names;
  }

  private static void find(
      String use, String name, String file, String source, List<Finding> findings) {
    Matcher found = Pattern.compile(use).matcher(source);
    while (found.find()) {
      findings.add(Finding.at(file, source, found.start(), name));
    }
  }
}
