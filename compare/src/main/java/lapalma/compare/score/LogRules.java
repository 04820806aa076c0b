package lapalma.compare.score;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.util.List;
import java.util.Set;
import lapalma.compare.backend.Otlp.From;
import lapalma.compare.result.Score.Verdict;

/** The rules about log records. */
record LogRules(Arrived arrived) {
  private static final Set<String> PRODUCTION = Set.of("production", "prod");

  List<Verdict> verdicts() {
    if (arrived.logs().isEmpty()) {
      String why = "no log record arrived over OTLP";
      return List.of(Tally.notJudged(Rule.LOG_001, why), Tally.notJudged(Rule.LOG_002, why));
    }
    return List.of(debug(), severity());
  }

  private Verdict debug() {
    long debug =
        arrived.logs().stream()
            .filter(LogRules::inProduction)
            .filter(from -> from.item().getSeverityText().equalsIgnoreCase("DEBUG"))
            .count();
    if (debug > 0) {
      return Tally.notJudged(
          Rule.LOG_001,
          "%d DEBUG records of production, but a run lasts minutes and not 14 days"
              .formatted(debug));
    }
    var tally = new Tally(Rule.LOG_001);
    arrived.logs().forEach(any -> tally.check(true, ""));
    return tally.verdict("records", "no DEBUG record of production");
  }

  private static boolean inProduction(From<LogRecord> from) {
    return Arrived.text(from.resource().getAttributesList(), "deployment.environment.name")
        .filter(PRODUCTION::contains)
        .isPresent();
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
