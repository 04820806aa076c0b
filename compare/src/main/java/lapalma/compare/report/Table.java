package lapalma.compare.report;

import java.util.List;

/** A table of a report, for the page and for the Markdown file. */
record Table(String id, List<String> head, List<List<Cell>> rows) {

  /**
   * A cell of a table.
   *
   * @param text the main text
   * @param detail text after the main one, or empty
   * @param sort the number by which rows sort; NaN where they sort by the text
   * @param style the look
   */
  record Cell(String text, String detail, double sort, Style style) {
    static Cell text(String text) {
      return new Cell(text, "", Double.NaN, Style.PLAIN);
    }

    /** Returns this cell with more text at its end, if there is any. */
    Cell and(String more) {
      String both = detail.isEmpty() || more.isEmpty() ? detail + more : detail + ", " + more;
      return new Cell(text, both, sort, style);
    }

    static Cell nothing(String why) {
      return new Cell(why, "", Double.POSITIVE_INFINITY, Style.UNKNOWN);
    }
  }

  enum Style {
    PLAIN,
    GOOD,
    BAD,
    MIDDLING,
    UNKNOWN
  }
}
