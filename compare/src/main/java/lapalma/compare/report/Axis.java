package lapalma.compare.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;

/**
 * The axis of a plot of ratios: logarithmic, so that ×2 lies as far from ×1 as ×0.5 does. Positions
 * are percentages of the plot's width, so that a plot fits any width.
 *
 * @param low the least ratio on the axis
 * @param high the largest
 */
record Axis(double low, double high) {
  private static final double[] TICKS = {
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.5, 2, 3, 5, 8, 12, 20, 30,
    50, 100, 200, 500, 1000
  };

  /** The room at each end for a dot. */
  private static final double MARGIN = 4;

  /**
   * The least distance of two ticks, in percent: on the narrowest plot, 120 pixels, labels have
   * room.
   */
  static final double APART = 22;

  /** Returns the axis on which all of the intervals and 1 have room. */
  static Axis of(List<Bootstrap.Interval> intervals) {
    double low = 0.95;
    double high = 1.05;
    for (Bootstrap.Interval interval : intervals) {
      low = Math.min(low, interval.low());
      high = Math.max(high, interval.high());
    }
    return new Axis(low, high);
  }

  double percent(double ratio) {
    return MARGIN + (100 - 2 * MARGIN) * Math.log(ratio / low) / Math.log(high / low);
  }

  /**
   * Returns the ratios to write at the axis: 1, and others that are far enough from one another.
   */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>(List.of(1.0));
    // From the ends, so that the reader sees how far the plot goes.
    for (int i = TICKS.length - 1; i >= 0; i--) {
      double tick = TICKS[i];
      if (tick >= low
          && tick <= high
          && ticks.stream().allMatch(other -> Math.abs(percent(other) - percent(tick)) >= APART)) {
        ticks.add(tick);
      }
    }
    ticks.sort(null);
    return ticks;
  }

  /** Draws the interval of a comparison as a part of an SVG image of any size. */
  String drawing(Comparison comparison, boolean lessIsBetter) {
    var line = new StringBuilder(stroke("base", 1, "0", 1, "100%"));
    Optional<Bootstrap.Interval> ratio = comparison.ratio();
    if (ratio.isPresent()) {
      Bootstrap.Interval interval = ratio.get();
      String look = look(comparison, lessIsBetter);
      line.append(stroke(look, interval.low(), "50%", interval.high(), "50%"));
      line.append(
          "<circle class=\"%s\" cx=\"%s\" cy=\"50%%\" r=\"4\"/>"
              .formatted(look, at(interval.estimate())));
    }
    return line.toString();
  }

  /** Names the look of a comparison: better or worse than the baseline, or not a difference. */
  static String look(Comparison comparison, boolean lessIsBetter) {
    return switch (comparison.verdict()) {
      case MORE -> lessIsBetter ? "worse" : "better";
      case LESS -> lessIsBetter ? "better" : "worse";
      default -> "same";
    };
  }

  /** Draws the ticks, as a part of an SVG image of a height of 16. */
  String scale() {
    var scale = new StringBuilder();
    for (double tick : ticks()) {
      scale.append(
          "<text x=\"%s\" y=\"12\" text-anchor=\"middle\">×%s</text>"
              .formatted(at(tick), Figures.shortest(tick)));
    }
    return scale.toString();
  }

  private String stroke(String look, double x1, String y1, double x2, String y2) {
    return "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
        .formatted(look, at(x1), y1, at(x2), y2);
  }

  private String at(double ratio) {
    return "%.1f%%".formatted(percent(ratio));
  }
}
