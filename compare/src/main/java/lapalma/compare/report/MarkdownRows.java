package lapalma.compare.report;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lapalma.compare.LabException;
import lapalma.compare.report.ResultTable.Figure;
import lapalma.compare.report.ResultTable.Row;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Measure;

/** Writes rows of a table in Markdown, for the terminal and for documents. */
final class MarkdownRows {
  private static final List<Aspect> REPORTS =
      List.of(Aspect.SERVER_SPANS, Aspect.ROUTE, Aspect.OUTGOING);

  private MarkdownRows() {}

  /** Writes all rows. */
  static String of(ResultTable table) {
    return of(table, table.rows().stream().map(Row::name).toList());
  }

  /**
   * Writes some rows, in this order.
   *
   * @param names of rows; if there are ids of measures among them, the table has only these, and of
   *     the reports only the called services
   * @throws LabException when the table has no such row
   */
  static String of(ResultTable table, List<String> names) {
    List<Measure> named =
        Measure.DECIDING.stream().filter(measure -> names.contains(measure.id())).toList();
    List<String> ofRows = new ArrayList<>(names);
    named.forEach(measure -> ofRows.remove(measure.id()));
    List<Row> rows = ofRows.stream().map(name -> row(table, name)).toList();
    // Of starts alone, nothing arrives.
    boolean delivered = rows.stream().anyMatch(row -> row.delivered().isPresent());
    List<Aspect> reports =
        (named.isEmpty() ? REPORTS : List.of(Aspect.OUTGOING))
            .stream()
                .filter(aspect -> rows.stream().anyMatch(row -> row.reports().containsKey(aspect)))
                .toList();
    List<Measure> measures =
        (named.isEmpty() ? Measure.DECIDING : named)
            .stream()
                .filter(
                    measure ->
                        rows.stream()
                            .anyMatch(
                                row -> figure(row, measure).flatMap(Figure::value).isPresent()))
                .toList();
    List<String> head = new ArrayList<>(List.of("Agent"));
    measures.forEach(measure -> head.add(measure.title()));
    if (delivered) {
      head.add("Delivered");
    }
    reports.forEach(aspect -> head.add(aspect.title()));
    var text = new StringBuilder(line(head));
    text.append("|---".repeat(head.size())).append("|\n");
    for (Row row : rows) {
      List<String> cells = new ArrayList<>(List.of(name(row)));
      measures.forEach(measure -> cells.add(cost(row, measure)));
      if (delivered) {
        cells.add(row.delivered().map(share -> "%.1f %%".formatted(100 * share)).orElse("–"));
      }
      reports.forEach(
          aspect ->
              cells.add(
                  row.reports().containsKey(aspect) ? row.reports().get(aspect).text() : "–"));
      text.append(line(cells));
    }
    return text.toString();
  }

  private static Row row(ResultTable table, String name) {
    return table.rows().stream()
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new LabException(
                    "Table %s has no row '%s': use some of %s."
                        .formatted(
                            table.id(),
                            name,
                            table.rows().stream().map(Row::name).collect(joining(", ")))));
  }

  private static String name(Row row) {
    return row.title()
        + switch (row.unsteady()) {
          case 0 -> "";
          case 1 -> " (1 trial not warm)";
          default -> " (%d trials not warm)".formatted(row.unsteady());
        };
  }

  private static Optional<Figure> figure(Row row, Measure measure) {
    return Optional.ofNullable(row.costs().get(measure));
  }

  private static String cost(Row row, Measure measure) {
    Figure figure = figure(row, measure).orElseThrow();
    if (figure.value().isEmpty()) {
      return figure.why();
    }
    var text = new StringBuilder();
    figure.ratio().ifPresent(ratio -> text.append("×").append(Figures.times(ratio)));
    figure
        .low()
        .ifPresent(
            low ->
                text.append(
                    " [%s, %s]"
                        .formatted(
                            Figures.times(low), Figures.times(figure.high().orElseThrow()))));
    figure
        .verdict()
        .ifPresent(
            verdict ->
                text.append(
                    switch (verdict) {
                      case MORE, LESS -> "";
                      case WITHIN_25_PERCENT -> ", within ±25 %";
                      case NO_DECISION -> ", no decision";
                    }));
    return text.append(text.isEmpty() ? "" : "; ")
        .append(Figures.amount(figure.value().get()))
        .append(measure.unit().isEmpty() ? "" : " " + measure.unit())
        .toString();
  }

  private static String line(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(joining(" | ", "| ", " |\n"));
  }
}
