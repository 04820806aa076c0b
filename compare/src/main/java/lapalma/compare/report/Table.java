package lapalma.compare.report;

import java.util.ArrayList;
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

  /** Returns the first column, and the columns from one up to, but not including, another. */
  Table columns(int from, int to) {
    return new Table(
        id, part(head, from, to), rows.stream().map(row -> part(row, from, to)).toList());
  }

  private static <T> List<T> part(List<T> row, int from, int to) {
    List<T> part = new ArrayList<>(row.subList(0, 1));
    part.addAll(row.subList(from, to));
    return part;
  }
}
