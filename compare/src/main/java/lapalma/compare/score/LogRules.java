package lapalma.compare.score;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.util.List;
import lapalma.compare.backend.Otlp.From;
import lapalma.compare.result.Score.Verdict;

/** The rules about log records. */
record LogRules(Arrived arrived) {
  List<Verdict> verdicts() {
    if (arrived.logs().isEmpty()) {
      String why = "no log record arrived over OTLP";
      return List.of(Tally.notJudged(Rule.LOG_001, why), Tally.notJudged(Rule.LOG_002, why));
    }
    return List.of(
        Tally.notJudged(Rule.LOG_001, "a run lasts minutes, and not 14 days"), severity());
  }

  private Verdict severity() {
    var tally = new Tally(Rule.LOG_002);
    for (From<LogRecord> from : arrived.logs()) {
      LogRecord log = from.item();
      tally.check(
          log.getSeverityNumber() != SeverityNumber.SEVERITY_NUMBER_UNSPECIFIED
              && !log.getSeverityText().equals("UNSET"),
          "'%s'".formatted(log.getBody().getStringValue()));
    }
    return tally.verdict("records");
  }
}
