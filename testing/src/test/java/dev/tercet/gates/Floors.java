package dev.tercet.gates;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The packages of the published modules on floors, as the class files have them: a package stands
 * one floor above the highest one that it uses.
 *
 * @param packages by floor, the lowest first
 */
record Floors(List<Set<String>> packages) {
  private static final Pattern TYPE = Pattern.compile("dev/tercet/((?:[a-z]\\w*/)*)[A-Z]");
  private static final int MOST_IN_A_ROW = 6;
  private static final int MARGIN = 12;
  private static final int WIDTH = 1060;
  private static final int BOX = (WIDTH - 2 * MARGIN) / MOST_IN_A_ROW;
  private static final int ROW = 34;

  static Floors of(List<Path> classes) throws IOException {
    return of(uses(classes));
  }

  /**
   * What is used by whom has its place below.
   *
   * @param uses what each package uses
   * @throws IllegalArgumentException for a cycle
   */
  static Floors of(Map<String, Set<String>> uses) {
    List<Set<String>> floors = new ArrayList<>();
    Set<String> placed = new TreeSet<>();
    while (placed.size() < uses.size()) {
      Set<String> floor = new TreeSet<>();
      uses.forEach(
          (user, used) -> {
            if (!placed.contains(user) && placed.containsAll(used)) {
              floor.add(user);
            }
          });
      if (floor.isEmpty()) {
        Set<String> rest = new TreeSet<>(uses.keySet());
        rest.removeAll(placed);
        throw new IllegalArgumentException("a cycle among " + rest);
      }
      placed.addAll(floor);
      floors.add(floor);
    }
    return new Floors(floors);
  }

  /** The top floor first. */
  String svg() {
    StringBuilder boxes = new StringBuilder();
    int y = MARGIN;
    for (int floor = packages.size() - 1; floor >= 0; floor--) {
      int column = 0;
      for (String name : packages.get(floor)) {
        if (column == MOST_IN_A_ROW) {
          column = 0;
          y += ROW;
        }
        box(boxes, name, MARGIN + column++ * BOX, y);
      }
      y += ROW;
      boxes.append(
          "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#d0d7de\"/>\n"
              .formatted(MARGIN, y + 1, WIDTH - MARGIN, y + 1));
      y += 8;
    }
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" text-anchor="middle">
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        """
            .formatted(WIDTH, y + MARGIN)
        + boxes
        + "</svg>\n";
  }

  private static void box(StringBuilder out, String name, int x, int y) {
    out.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\"/>\n"
            .formatted(x, y, BOX - 6, ROW - 6, colour(name)));
    out.append(
        "<text x=\"%d\" y=\"%d\">%s</text>\n".formatted(x + BOX / 2 - 3, y + ROW / 2 + 1, name));
  }

  private static String colour(String name) {
    if (name.contains("testing")) {
      return "#e6dcf5";
    } else if (name.startsWith("internal") || name.contains(".internal")) {
      return "#dbe9f6";
    } else if (name.startsWith("proto")) {
      return "#d9f2e0";
    }
    return "#ffe8c2";
  }

  /** Short names: without {@code dev.tercet}, which itself is {@code dev.tercet}. */
  static Map<String, Set<String>> uses(List<Path> folders) throws IOException {
    Map<String, Set<String>> uses = new TreeMap<>();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder.resolve("dev/tercet"))) {
        for (Path file : files.filter(Floors::isOfClass).toList()) {
          String user = shortName(folder.relativize(file).getParent().toString() + "/");
          Set<String> used = uses.computeIfAbsent(user, name -> new TreeSet<>());
          // The names of types stand in the constants as they are.
          Matcher types =
              TYPE.matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
          while (types.find()) {
            used.add(shortName("dev/tercet/" + types.group(1)));
          }
          used.remove(user);
        }
      }
    }
    return uses;
  }

  private static boolean isOfClass(Path file) {
    return file.toString().endsWith(".class") && !file.endsWith("package-info.class");
  }

  private static String shortName(String path) {
    String rest = path.substring("dev/tercet/".length());
    return rest.isEmpty() ? "dev.tercet" : rest.substring(0, rest.length() - 1).replace('/', '.');
  }
}
