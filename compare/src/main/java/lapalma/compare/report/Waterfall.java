package lapalma.compare.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import lapalma.compare.stats.Bootstrap;

/** Draws what each step of a row of variants costs or saves, as a picture that needs no script. */
final class Waterfall {
  // In pixels.
  private static final int LABELS = 340;
  private static final int BARS = 500;
  private static final int WIDTH = LABELS + BARS + 150;
  private static final int HEAD = 34;
  private static final int ROW = 26;
  private static final int AXIS = 30;
  private static final int THICKNESS = 15;
  private static final int LEGEND = 30;

  private static final String WORSE = "#a4262c";
  private static final String BETTER = "#12703a";
  private static final String UNTOLD = "#8a93a3";
  private static final String REST = "#c9d0dc";
  private static final String INK = "#1d2433";

  /** From one label of the axis to the next. */
  private static final double TICK = 0.5;

  /**
   * What a step leaves.
   *
   * @param ratio to no agent
   * @param told whether the step differs from the one before it
   */
  record Bar(String step, Bootstrap.Interval ratio, boolean told) {
    double left() {
      return ratio.estimate();
    }

    String colour(double before) {
      return !told ? UNTOLD : left() < before ? BETTER : WORSE;
    }
  }

  private record Meaning(String colour, String text) {}

  private static final List<Meaning> MEANINGS =
      List.of(
          new Meaning(REST, "as the step before"),
          new Meaning(WORSE, "what the step costs"),
          new Meaning(BETTER, "what it saves"),
          new Meaning(UNTOLD, "not significant"));

  private final StringBuilder svg = new StringBuilder();
  private final double scale;

  private Waterfall(double most) {
    this.scale = BARS / (Math.ceil(most / TICK) * TICK);
  }

  /**
   * Returns the picture.
   *
   * @param panels the bars of each measure, by its title; the first step is the first bar
   */
  static String draw(Map<String, List<Bar>> panels) {
    double most =
        panels.values().stream()
            .flatMap(List::stream)
            .mapToDouble(bar -> Math.max(bar.left(), bar.ratio().high()))
            .max()
            .orElse(1);
    return new Waterfall(most).picture(panels);
  }

  private String picture(Map<String, List<Bar>> panels) {
    int height = LEGEND;
    for (List<Bar> bars : panels.values()) {
      height += HEAD + bars.size() * ROW + AXIS;
    }
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\""
            + " font-family=\"sans-serif\" font-size=\"12\" fill=\"%s\">",
        WIDTH, height, WIDTH, INK);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, height);
    double top = 0;
    for (var panel : panels.entrySet()) {
      panel(top, panel.getKey(), panel.getValue());
      top += HEAD + panel.getValue().size() * ROW + AXIS;
    }
    legend(top + LEGEND / 2.0);
    return svg.append("</svg>\n").toString();
  }

  private void panel(double top, String title, List<Bar> bars) {
    add(
        "<text x=\"%d\" y=\"%.1f\" font-size=\"14\" font-weight=\"bold\">%s</text>",
        LABELS, top + 22, Html.safe(title));
    double begin = top + HEAD;
    double end = begin + bars.size() * ROW;
    for (double tick = 0; tick * scale <= BARS + 0.5; tick += TICK) {
      line(at(tick), begin, at(tick), end, "#e3e7ee", "");
      text(at(tick), end + 12, "middle", "×" + tick);
    }
    for (int row = 0; row < bars.size(); row++) {
      double y = begin + (row + 0.5) * ROW;
      text(LABELS - 8, y, "end", bars.get(row).step());
      bar(y, bars.get(row), bars.get(Math.max(row - 1, 0)).left());
    }
    line(at(1), begin, at(1), end, INK, " stroke-dasharray=\"4 3\"");
  }

  private double at(double ratio) {
    return LABELS + ratio * scale;
  }

  private void bar(double y, Bar bar, double before) {
    double least = Math.min(before, bar.left());
    rect(LABELS, y, least * scale, REST);
    rect(at(least), y, Math.abs(bar.left() - before) * scale, bar.colour(before));
    Bootstrap.Interval ratio = bar.ratio();
    line(at(ratio.low()), y, at(ratio.high()), y, INK, " stroke-width=\"2\"");
    text(
        at(Math.max(Math.max(before, bar.left()), ratio.high())) + 6,
        y,
        "start",
        Figures.ratio(ratio));
  }

  private void legend(double y) {
    double x = LABELS - 200;
    for (Meaning one : MEANINGS) {
      rect(x, y, 14, one.colour());
      text(x + 20, y, "start", one.text());
      x += 155;
    }
    line(x, y, x + 14, y, INK, " stroke-width=\"2\"");
    text(x + 20, y, "start", "95 % interval");
    x += 110;
    line(x, y, x + 14, y, INK, " stroke-dasharray=\"4 3\"");
    text(x + 20, y, "start", "no agent");
  }

  private void rect(double x, double y, double width, String fill) {
    add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        x, y - THICKNESS / 2.0, width, THICKNESS, fill);
  }

  private void line(double x1, double y1, double x2, double y2, String stroke, String more) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>",
        x1, y1, x2, y2, stroke, more);
  }

  private void text(double x, double y, String anchor, String text) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" dominant-baseline=\"central\">%s</text>",
        x, y, anchor, Html.safe(text));
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
