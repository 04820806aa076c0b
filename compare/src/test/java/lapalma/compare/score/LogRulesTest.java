package lapalma.compare.score;

import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_INFO;
import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_UNSPECIFIED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import lapalma.compare.result.Score.Outcome;
import lapalma.compare.result.Score.Verdict;
import org.junit.jupiter.api.Test;

class LogRulesTest {

  @Test
  void debugRecordsOfProductionTakeFourteenDaysToJudge() {
    assertThat(verdict(Rule.LOG_001, in("local").log(SEVERITY_NUMBER_INFO, "INFO", Map.of())))
        .isEqualTo(Outcome.NOT_JUDGED);
  }

  @Test
  void aRecordHasASeverity() {
    assertThat(verdict(Rule.LOG_002, in("local").log(SEVERITY_NUMBER_INFO, "INFO", Map.of())))
        .isEqualTo(Outcome.PASSED);
    assertThat(verdict(Rule.LOG_002, in("local").log(SEVERITY_NUMBER_UNSPECIFIED, "", Map.of())))
        .isEqualTo(Outcome.FAILED);
    assertThat(verdict(Rule.LOG_002, in("local").log(SEVERITY_NUMBER_INFO, "UNSET", Map.of())))
        .isEqualTo(Outcome.FAILED);
  }

  @Test
  void withoutRecordsNoRuleAboutThemIsJudged() {
    assertThat(new LogRules(in("local").arrived()).verdicts())
        .extracting(Verdict::outcome)
        .containsExactly(Outcome.NOT_JUDGED, Outcome.NOT_JUDGED);
  }

  private static Sent in(String environment) {
    return Sent.from(Map.of("deployment.environment.name", environment));
  }

  private static Outcome verdict(Rule rule, Sent sent) {
    return Sent.of(new LogRules(sent.arrived()).verdicts(), rule).outcome();
  }
}
