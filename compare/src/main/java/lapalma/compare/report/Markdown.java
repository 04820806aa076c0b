package lapalma.compare.report;

import static java.util.stream.Collectors.joining;

import java.util.List;
import lapalma.compare.report.Table.Cell;

/** Writes Markdown. */
final class Markdown {
  private Markdown() {}

  static String table(Table table) {
    var text = new StringBuilder("| " + String.join(" | ", table.head()) + " |\n");
    text.append("|---".repeat(table.head().size())).append("|\n");
    for (List<Cell> row : table.rows()) {
      text.append(row.stream().map(Markdown::cell).collect(joining(" | ", "| ", " |\n")));
    }
    return text.toString();
  }

  private static String cell(Cell cell) {
    String detail = cell.detail();
    if (!detail.isEmpty()) {
      detail =
          detail.startsWith("×") ? ", " + detail : detail.equals("~") ? " ~" : " (" + detail + ")";
    }
    return (cell.text() + detail).replace("|", "\\|");
  }

  static String list(List<String> sentences) {
    return sentences.stream().map(sentence -> "- " + sentence + "\n").collect(joining());
  }
}
