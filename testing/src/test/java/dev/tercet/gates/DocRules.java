package dev.tercet.gates;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What documents and sources refer to must exist: linked files and headings, decisions by number,
 * statements of the specification by id, folders, packages, and names of several words that stand
 * in backquotes: some source has to have them. A check takes a text and gives what is wrong with
 * it, so that the rules can be shown to fail.
 */
final class DocRules {
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?:)([^)\\s#]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern ADR = Pattern.compile("\\bADRs?\\s+\\[?(\\d+)");
  private static final Pattern FORMER =
      Pattern.compile("\\bDESIGN\\b|\\b(?:API|STYLE|BUILD)\\.md\\b");
  private static final Pattern SPAN = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");
  private static final Pattern NAME = Pattern.compile("\\b[A-Za-z][a-z0-9]+[A-Z]\\w*\\b");
  private static final Pattern FOLDER =
      Pattern.compile("(?:docs|java-core|kotlin-api|testing|samples|\\.ci|\\.mvn)/[\\w./-]+");
  private static final Pattern PACKAGE =
      Pattern.compile("(?:dev\\.tercet\\.)?((?:internal|proto)(?:\\.\\w+)*)");
  private static final String ID_TEXT =
      "(?:IO-[A-Z]+\\d+|(?:TLS|DTLS|NUR|KIT|SIG)-[A-Z]+\\d+|TLS-R-[a-z]\\b)";
  private static final Pattern ID = Pattern.compile("\\b" + ID_TEXT);
  private static final Pattern STATEMENT =
      Pattern.compile("(?m)^- (?:~*" + ID_TEXT + "~*,? *)+|~~[^~\\n]*~~");

  /**
   * Names of Trio, of others where no source uses them, of what is not there, of kinds of tests.
   */
  private static final Set<String> OTHERS =
      Set.of(
          "SendChannel",
          "ReceiveChannel",
          "ClosedResourceError",
          "BusyResourceError",
          "TooSlowError",
          "NeedHandshakeError",
          "MockClock",
          "isDispatchNeeded",
          "onConnectionError",
          "withAlpnSelector",
          "TlsRecord", // a part of a benchmark's name
          "ExtendedSocketOptions",
          "LoggerFinder",
          "RealSocketTest",
          "RealSocketSpec",
          "StressTest",
          "StressSpec",
          "TheTest");

  private final Path root;
  private final Set<Integer> adrs = new TreeSet<>();
  private final Set<String> ids = new HashSet<>();
  private final Set<String> words = new HashSet<>();

  /**
   * Reads what there is.
   *
   * @param root of the project
   */
  DocRules(Path root) throws IOException {
    this.root = root;
    for (Path file : documents()) {
      String name = file.getFileName().toString();
      if (file.getParent().endsWith("adr") && name.matches("\\d{4}-.*")) {
        adrs.add(Integer.parseInt(name.substring(0, 4)));
      }
      if (file.getParent().endsWith("spec")) {
        STATEMENT.matcher(Files.readString(file)).results().forEach(line -> ids(line.group(), ids));
      }
    }
    for (Path file : sources()) {
      if (file.endsWith("DocRules.java")) {
        continue; // has the names of others
      }
      String code = Files.readString(file).replaceAll("(?m)^\\s*\\*.*$|//.*$", "");
      all(Pattern.compile("\\b[A-Za-z]\\w+"), code).forEach(found -> words.add(found.group()));
    }
  }

  /** The documents of the project. */
  List<Path> documents() throws IOException {
    List<Path> found = new ArrayList<>(files(root.resolve("docs"), ".*\\.md"));
    try (Stream<Path> top = Files.list(root)) {
      top.filter(file -> file.toString().endsWith(".md")).sorted().forEach(found::add);
    }
    return found;
  }

  /** The sources of all modules, tests included. */
  List<Path> sources() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String module :
        List.of("java-core", "kotlin-api", "testing", "testing/benchmarks", "samples")) {
      found.addAll(files(root.resolve(module).resolve("src"), ".*\\.(java|kt)"));
    }
    return found;
  }

  /** The statements that the specification has. */
  Set<String> statements() {
    return ids;
  }

  /** What a document refers to and is not there. */
  List<Finding> inDocument(Path file, String text) throws IOException {
    List<Finding> findings = inSource(file, text);
    for (MatchResult link : all(LINK, text)) {
      Path target = link.group(1).isEmpty() ? file : file.resolveSibling(link.group(1));
      if (!Files.exists(target)) {
        findings.add(finding(file, text, link, "no file " + link.group(1)));
      } else if (link.group(2) != null && !headings(target, text, file).contains(link.group(2))) {
        findings.add(finding(file, text, link, "no heading #" + link.group(2)));
      }
    }
    for (MatchResult span : all(SPAN, text)) {
      String code = span.group(1);
      if (FOLDER.matcher(code).matches() && !Files.exists(root.resolve(code))) {
        findings.add(finding(file, text, span, "no file " + code));
      }
      Matcher inside = PACKAGE.matcher(code);
      if (inside.matches() && !isThere(inside.group(1))) {
        findings.add(finding(file, text, span, "no package or type " + code));
      }
      for (MatchResult name : all(NAME, code)) {
        if (!words.contains(name.group()) && !OTHERS.contains(name.group())) {
          findings.add(finding(file, text, span, "no name " + name.group()));
        }
      }
    }
    return findings;
  }

  /** The same of a source, whose links and types the compilers check. */
  List<Finding> inSource(Path file, String text) {
    List<Finding> findings = new ArrayList<>();
    for (MatchResult adr : all(ADR, text)) {
      if (!adrs.contains(Integer.parseInt(adr.group(1)))) {
        findings.add(finding(file, text, adr, "no ADR " + adr.group(1)));
      }
    }
    for (MatchResult id : all(ID, text)) {
      if (!ids.contains(id.group())) {
        findings.add(finding(file, text, id, "no statement " + id.group()));
      }
    }
    for (MatchResult former : all(FORMER, text)) {
      findings.add(finding(file, text, former, "no document " + former.group()));
    }
    return findings;
  }

  private boolean isThere(String name) {
    Path path = root.resolve("java-core/src/main/java/dev/tercet").resolve(name.replace('.', '/'));
    return Files.isDirectory(path)
        || Files.exists(path.resolveSibling(path.getFileName() + ".java"));
  }

  private static Set<String> headings(Path target, String text, Path file) throws IOException {
    Set<String> slugs = new HashSet<>();
    for (MatchResult heading :
        all(HEADING, target.equals(file) ? text : Files.readString(target))) {
      String slug = heading.group(1).strip().toLowerCase(Locale.ROOT);
      slugs.add(slug.replaceAll("[^\\w\\- ]", "").replace(' ', '-'));
    }
    return slugs;
  }

  private static void ids(String line, Set<String> into) {
    all(ID, line).forEach(id -> into.add(id.group()));
  }

  private static List<MatchResult> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().toList();
  }

  private static List<Path> files(Path folder, String name) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(file -> file.toString().matches(name)).sorted().toList();
    }
  }

  private static Finding finding(Path file, String text, MatchResult at, String what) {
    return Finding.at(file.toString(), text, at.start(), what);
  }
}
