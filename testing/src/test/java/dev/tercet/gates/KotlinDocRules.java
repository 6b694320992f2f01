package dev.tercet.gates;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the doc comments of public Kotlin code must have: one per declaration that says {@code
 * public}, and the labels <i>Errors:</i>, <i>Cancellation:</i> and <i>Thread-safety:</i> on each
 * one that suspends.
 *
 * <p>No parser: the compiler demands the word {@code public} (explicit API), and the formatter
 * fixes the layout, so lines and their indentation tell enough. The exemptions are those of {@link
 * JavaDocRules}: overrides; a label on the type holds for its members; "as [other]", or a link to a
 * function of the same name. A property in a constructor may be documented by a tag of its class.
 */
final class KotlinDocRules {
  private static final Pattern DECLARATION =
      Pattern.compile(
          "^(?<indent> *)(?<before>(?:@[\\w.]+(?:\\([^)]*\\))? +)*(?:\\w+ +)*?)public +"
              + "(?<modifiers>(?:[a-z]+ +)*?)"
              + "(?<kind>class|interface|object|fun|val|var|typealias|constructor)\\b(?<rest>.*)$");
  private static final Pattern FUNCTION_NAME = Pattern.compile("(\\w+)\\s*\\(");
  private static final Pattern PROPERTY_NAME = Pattern.compile("(\\w+)\\s*(?::|=|$|by\\b|get)");
  private static final Pattern AS_ANOTHER = Pattern.compile("\\b[Aa]s\\s+\\[");
  private static final List<String> LABELS = List.of("Errors", "Cancellation", "Thread-safety");

  private final String file;
  private final List<String> lines;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Type> enclosing = new ArrayList<>();

  private KotlinDocRules(String file, List<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  private record Type(int indent, String comment) {}

  /**
   * Looks at one source.
   *
   * @param file its name
   * @param lines its lines
   * @return what is missing
   */
  static List<Finding> check(String file, List<String> lines) {
    KotlinDocRules rules = new KotlinDocRules(file, lines);
    for (int i = 0; i < lines.size(); i++) {
      Matcher declaration = DECLARATION.matcher(lines.get(i));
      if (declaration.matches()) {
        rules.declaration(i, declaration);
      }
    }
    return rules.findings;
  }

  private void declaration(int line, Matcher declaration) {
    int indent = declaration.group("indent").length();
    enclosing.removeIf(type -> type.indent() >= indent);
    String modifiers = declaration.group("before") + declaration.group("modifiers");
    String kind = declaration.group("kind");
    String comment = commentBefore(line);
    if (modifiers.contains("override ")) {
      return;
    }
    String name = name(kind, declaration.group("rest"));
    if (comment.isEmpty() && !isDocumentedByItsType(kind, name)) {
      report(line, kind + " " + name + " has no doc comment");
    }
    if (kind.equals("class") || kind.equals("interface") || kind.equals("object")) {
      enclosing.add(new Type(indent, comment));
    }
    if (kind.equals("fun") && modifiers.contains("suspend ") && !comment.isEmpty()) {
      boolean another =
          AS_ANOTHER.matcher(comment).find()
              || Pattern.compile("\\[(?:\\w+\\.)*" + Pattern.quote(name) + "]")
                  .matcher(comment)
                  .find();
      for (String label : LABELS) {
        if (!another && !says(comment, label)) {
          report(line, "fun " + name + " does not say \"" + label + ":\"");
        }
      }
    }
  }

  private boolean says(String comment, String label) {
    Pattern pattern = Pattern.compile("\\*[^*\\n]*\\b" + label + "\\b[^*\\n]*:\\*");
    return pattern.matcher(comment).find()
        || enclosing.stream().anyMatch(type -> pattern.matcher(type.comment()).find());
  }

  private boolean isDocumentedByItsType(String kind, String name) {
    return kind.startsWith("va")
        && !enclosing.isEmpty()
        && Pattern.compile("@(param|property)\\s+" + name + "\\b")
            .matcher(enclosing.get(enclosing.size() - 1).comment())
            .find();
  }

  /** The KDoc that ends right above a line, with nothing but annotations between. */
  private String commentBefore(int line) {
    int end = line - 1;
    while (end >= 0 && lines.get(end).strip().startsWith("@")) {
      end--;
    }
    if (end < 0 || !lines.get(end).strip().endsWith("*/")) {
      return "";
    }
    int start = end;
    while (start > 0 && !lines.get(start).strip().startsWith("/*")) {
      start--;
    }
    return lines.get(start).strip().startsWith("/**")
        ? String.join("\n", lines.subList(start, end + 1))
        : "";
  }

  private static String name(String kind, String rest) {
    Pattern pattern = kind.equals("fun") ? FUNCTION_NAME : PROPERTY_NAME;
    if (kind.equals("fun") || kind.startsWith("va")) {
      Matcher name = pattern.matcher(rest);
      return name.find() ? name.group(1) : rest.strip();
    }
    Matcher name = Pattern.compile("(\\w+)").matcher(rest);
    return name.find() ? name.group(1) : kind;
  }

  private void report(int line, String what) {
    findings.add(new Finding(file, line + 1, what));
  }
}
