package lapalma.compare.report;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Measure;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;

/**
 * Draws the plots of a page. A plot is a list of rows: a name, a drawing and the figure itself. The
 * names are text of the page, so they wrap and never collide.
 */
final class Plots {
  private final Tables tables;

  Plots(Tables tables) {
    this.tables = tables;
  }

  /** Draws the ratio of each variant to its baseline, a figure for each measure. */
  String of(List<Measure> measures) {
    return measures.stream().map(this::figure).collect(joining("\n"));
  }

  private String figure(Measure measure) {
    List<Bootstrap.Interval> intervals =
        tables.variants().stream()
            .map(variant -> tables.comparison(variant, measure))
            .flatMap(Optional::stream)
            .map(Comparison::ratio)
            .flatMap(Optional::stream)
            .toList();
    if (intervals.isEmpty()) {
      return "";
    }
    Axis axis = Axis.of(intervals);
    var rows = new StringBuilder();
    Map<Variant, List<Variant>> bands = tables.byBaseline();
    bands.forEach(
        (baseline, band) -> {
          rows.append(
              row(
                  "baseline",
                  baseline.title(),
                  "<line class=\"base\" x1=\"%1$.1f%%\" x2=\"%1$.1f%%\" y1=\"0\" y2=\"100%%\"/>"
                      .formatted(axis.percent(1)),
                  tables
                      .analysis()
                      .median(measure, baseline.name())
                      .map(median -> Tables.value(median, measure))
                      .orElse("")));
          for (Variant variant : band) {
            rows.append(row(variant, measure, axis));
          }
        });
    rows.append(row("axis", "", axis.scale(), ""));
    return "<figure class=\"plot\"><figcaption>%s</figcaption>%s</figure>"
        .formatted(Html.safe(measure.title()), rows);
  }

  private String row(Variant variant, Measure measure, Axis axis) {
    String name = tables.shortTitle(variant);
    Optional<Comparison> comparison =
        tables.comparison(variant, measure).filter(known -> known.ratio().isPresent());
    if (comparison.isEmpty()) {
      return row("nothing", name, "", "no ratio");
    }
    return row(
        "",
        name,
        axis.drawing(comparison.get(), measure.lessIsBetter()),
        "×" + Figures.times(comparison.get().ratio().orElseThrow().estimate()));
  }

  private static String row(String look, String name, String drawing, String figure) {
    return """
        <div class="row %s"><span class="name">%s</span><svg aria-hidden="true">%s</svg><span class="figure">%s</span></div>
        """
        .formatted(look, Html.safe(name), drawing, Html.safe(figure));
  }
}
