package lapalma.compare.report;

import java.util.List;
import java.util.Optional;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Measure;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;

/** Draws the picture of an answer as an SVG file: what each variant costs, for a README. */
final class Picture {
  private static final int WIDTH = 880;
  private static final int NAMES = 232;
  private static final int PLOT = 148;
  private static final int PANEL = (WIDTH - NAMES) / 3;
  private static final int TOP = 66;
  private static final int ROW = 30;

  /** The number of letters that fit into one line of a name. */
  private static final int LINE = 33;

  private static final String STYLE =
      """
      svg { font: 12.5px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1d2433; }
      .page { fill: #fff; } .quiet { fill: #5b6474; font-size: 11px; } .head { font-weight: 600; }
      line { stroke-width: 2; } .base { stroke: #8a93a3; stroke-width: 1; stroke-dasharray: 3 3; }
      .worse { stroke: #b3261e; fill: #b3261e; } .better { stroke: #12703a; fill: #12703a; }
      .same { stroke: #5b6474; fill: #fff; } circle { stroke-width: 2; }
      @media (prefers-color-scheme: dark) {
        svg { fill: #e6e9ef; } .page { fill: #14181f; } .quiet { fill: #a0a9b8; }
        .worse { stroke: #ff8a80; fill: #ff8a80; } .better { stroke: #6fd08c; fill: #6fd08c; }
        .same { stroke: #a0a9b8; fill: #14181f; }
      }
      """;

  private Picture() {}

  /** Draws the variants of the baseline that has the most of them. */
  static String of(Tables tables, String summary) {
    var svg = new StringBuilder();
    List<Variant> variants =
        tables.mainVariants().stream().filter(variant -> !variant.isBaseline()).toList();
    if (variants.isEmpty()) {
      return "";
    }
    Variant baseline = tables.baseline(variants.get(0));
    int bottom = TOP + ROW * variants.size();
    int height = bottom + 62;
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img">
        <title>%3$s</title>
        <style>
        %4$s</style>
        <rect class="page" width="%1$d" height="%2$d"/>
        """
            .formatted(WIDTH, height, Html.safe(summary), STYLE));
    svg.append(text("head", 10, 22, baseline.title() + " is ×1"));
    for (int i = 0; i < variants.size(); i++) {
      svg.append(name(tables.shortTitle(variants.get(i)), TOP + ROW * i));
    }
    int x = NAMES;
    for (Measure measure : Tables.ANSWER_MEASURES) {
      svg.append(panel(tables, measure, baseline, variants, x, bottom));
      x += PANEL;
    }
    svg.append(
        text(
            "quiet",
            10,
            height - 26,
            "Dot: ratio to %s. Line: 95 %% interval. Hollow: not significant."
                .formatted(baseline.title())));
    svg.append(text("quiet", 10, height - 10, summary));
    return svg.append("</svg>\n").toString();
  }

  private static String panel(
      Tables tables, Measure measure, Variant baseline, List<Variant> variants, int x, int bottom) {
    List<Optional<Comparison>> comparisons =
        variants.stream()
            .map(variant -> tables.comparison(variant, measure))
            .map(known -> known.filter(one -> one.ratio().isPresent()))
            .toList();
    List<Bootstrap.Interval> intervals =
        comparisons.stream()
            .flatMap(Optional::stream)
            .map(Comparison::ratio)
            .flatMap(Optional::stream)
            .toList();
    Axis axis = Axis.of(intervals);
    var panel = new StringBuilder();
    panel.append(text("head", x, 22, measure.title()));
    tables
        .analysis()
        .median(measure, baseline.name())
        .ifPresent(
            median -> panel.append(text("quiet", x, 40, "×1 is " + Tables.value(median, measure))));
    for (int i = 0; i < comparisons.size(); i++) {
      int y = TOP + ROW * i;
      if (comparisons.get(i).isEmpty()) {
        panel.append(text("quiet", x, y + 19, "no ratio"));
        continue;
      }
      Comparison comparison = comparisons.get(i).get();
      panel.append(
          "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">%s</svg>\n"
              .formatted(x, y, PLOT, ROW, axis.drawing(comparison, measure.lessIsBetter())));
      panel.append(
          text(
              "",
              x + PLOT + 6,
              y + 19,
              "×" + Figures.times(comparison.ratio().orElseThrow().estimate())));
    }
    panel.append(
        "<svg class=\"quiet\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"16\">%s</svg>\n"
            .formatted(x, bottom, PLOT, axis.scale()));
    return panel.toString();
  }

  /** Writes a name into a row, in two lines if it is long. */
  private static String name(String name, int y) {
    int cut = name.length() <= LINE ? -1 : name.lastIndexOf(' ', LINE);
    return cut < 0
        ? text("", 10, y + 19, name)
        : text("", 10, y + 12, name.substring(0, cut))
            + text("", 10, y + 26, name.substring(cut + 1));
  }

  private static String text(String look, int x, int y, String text) {
    return "<text%s x=\"%d\" y=\"%d\">%s</text>\n"
        .formatted(look.isEmpty() ? "" : " class=\"" + look + "\"", x, y, Html.safe(text));
  }
}
