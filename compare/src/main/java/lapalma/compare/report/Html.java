package lapalma.compare.report;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import lapalma.compare.report.Table.Cell;
import lapalma.compare.report.Table.Style;

/** Writes HTML. */
final class Html {
  private Html() {}

  /**
   * Writes a table whose headings sort it.
   *
   * @param graded whether the style of a cell is the grade of a finding, for which it gets a
   *     symbol: colour alone would not tell everyone
   */
  static String table(Table table, String caption, boolean graded) {
    // A table that is shown as cards on a phone would lose its roles there.
    var html =
        new StringBuilder(
            "<table id=\"%s\" role=\"table\"><caption>%s</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">"
                .formatted(table.id(), safe(caption)));
    for (String head : table.head()) {
      html.append(
          "<th role=\"columnheader\" scope=\"col\"><button type=\"button\">%s</button></th>"
              .formatted(safe(head)));
    }
    html.append("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for (List<Cell> row : table.rows()) {
      html.append("<tr role=\"row\">");
      for (int i = 0; i < row.size(); i++) {
        html.append(cell(row.get(i), i == 0, table.head().get(i), graded));
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table>").toString();
  }

  private static String cell(Cell cell, boolean first, String head, boolean graded) {
    String sort = Double.isNaN(cell.sort()) ? "" : " data-sort=\"" + cell.sort() + "\"";
    String symbol = graded && !first ? symbol(cell.style()) : "";
    String text = safe(cell.text()).replaceFirst("^(\\d+) of (\\d+)\\b", "$1/$2");
    String detail =
        cell.detail().isEmpty()
            ? ""
            : " <small>%s</small>"
                .formatted(
                    safe(cell.detail())
                        .replaceAll("\\[([^ ]*) ([^ ]*)]", "<span>[$1 $2]</span>")
                        .replaceAll("delivered [0-9.]+ %", "<b>$0</b>"));
    return "<%s class=\"%s\" data-head=\"%s\"%s>%s%s%s</%s>"
        .formatted(
            first ? "th role=\"rowheader\" scope=\"row\"" : "td role=\"cell\"",
            cell.style().name().toLowerCase(Locale.ROOT),
            safe(head),
            sort,
            symbol,
            text,
            detail,
            first ? "th" : "td");
  }

  private static String symbol(Style style) {
    String symbol =
        switch (style) {
          case GOOD -> "●";
          case MIDDLING -> "◐";
          case BAD -> "○";
          case PLAIN, UNKNOWN -> "";
        };
    return symbol.isEmpty() ? "" : "<span aria-hidden=\"true\">%s</span> ".formatted(symbol);
  }

  static String list(List<String> sentences) {
    return sentences.stream()
        .map(sentence -> "<li>" + safe(sentence) + "</li>")
        .collect(joining("\n", "<ul>\n", "\n</ul>"));
  }

  static String safe(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
