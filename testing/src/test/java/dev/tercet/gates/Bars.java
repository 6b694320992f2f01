package dev.tercet.gates;

import java.util.ArrayList;
import java.util.List;

/**
 * A picture of bars, for the README.
 *
 * @param title above them
 * @param unit what the length of a bar is, for the axis
 * @param bars from top to bottom
 */
record Bars(String title, String unit, List<Bar> bars) {
  private static final int WIDTH = 640;
  private static final int LINE = 22;
  private static final int NAMES = 150;
  private static final int LONGEST = 300;

  /**
   * One bar.
   *
   * @param name before it
   * @param from where it begins
   * @param to where it ends
   * @param label behind it
   * @param colour of its area
   */
  record Bar(String name, double from, double to, String label, String colour) {}

  static final String OURS = "#2b6cb0";
  static final String OTHERS = "#9aa5b1";

  /** All values begin at 0. */
  String svg() {
    double most = bars.stream().mapToDouble(Bar::to).max().orElseThrow();
    List<String> lines = new ArrayList<>();
    int height = 56 + LINE * bars.size();
    lines.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">"
            .formatted(WIDTH, height, WIDTH, height));
    lines.add(
        "<style>text{font:12px sans-serif;fill:#222}.title{font-weight:bold}.axis{fill:#666}"
            + ".name{text-anchor:end}</style>");
    lines.add("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>".formatted(WIDTH, height));
    lines.add(text(12, 20, "title", title));
    lines.add(text(NAMES, 38, "axis", unit));
    int y = 48;
    for (Bar bar : bars) {
      int x = NAMES + scaled(bar.from(), most);
      int length = Math.max(2, scaled(bar.to(), most) - scaled(bar.from(), most));
      lines.add(text(NAMES - 8, y + 14, "name", bar.name()));
      lines.add(
          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>"
              .formatted(x, y + 3, length, LINE - 7, bar.colour()));
      lines.add(text(x + length + 6, y + 14, "axis", bar.label()));
      y += LINE;
    }
    lines.add("</svg>");
    return String.join("\n", lines) + "\n";
  }

  private static int scaled(double value, double most) {
    return (int) Math.round(value / most * LONGEST);
  }

  private static String text(int x, int y, String kind, String text) {
    return "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>"
        .formatted(x, y, kind, text.replace("&", "&amp;").replace("<", "&lt;"));
  }
}
