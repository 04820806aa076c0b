package lapalma.compare.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import lapalma.compare.result.Score.Outcome;
import lapalma.compare.result.Score.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricRulesTest {
  private static final Registry REGISTRY = Registry.read();
  private static final Units UNITS = new Units();

  @Test
  void anAttributeHasFewerThanTenThousandValues() {
    assertThat(verdict(Rule.MET_001, users(9_999)).text())
        .isEqualTo("1 attributes, none fails; at most 9999 values in this run");
    assertThat(verdict(Rule.MET_001, users(10_000)).examples())
        .containsExactly("user of requests has 10000 values");
  }

  private static Sent users(int count) {
    Sent sent = Sent.byDice();
    for (int i = 0; i < count; i++) {
      sent.counter("requests", "{request}", Map.of("user", String.valueOf(i)));
    }
    return sent;
  }

  @ParameterizedTest
  @CsvSource({
    "s, true",
    "By, true",
    "1, true",
    "%, true",
    "{request}, true",
    "{request}/s, true",
    "MiBy/s, true",
    "'', false",
    "requests, false",
    "seconds, false",
    "bytes, false"
  })
  void aUnitIsOneOfUcum(String unit, boolean passes) {
    Verdict verdict = verdict(Rule.MET_002, Sent.byDice().counter("x", unit, Map.of()));
    assertThat(verdict.outcome()).isEqualTo(passes ? Outcome.PASSED : Outcome.FAILED);
  }

  @Test
  void aNameHasOneUnit() {
    Sent one = Sent.byDice().counter("x", "s", Map.of()).counter("x", "s", Map.of());
    assertThat(verdict(Rule.MET_003, one).outcome()).isEqualTo(Outcome.PASSED);
    assertThat(verdict(Rule.MET_003, one.counter("x", "ms", Map.of())).examples())
        .containsExactly("x has [ms, s]");
  }

  @Test
  void aHistogramHasTheSameBucketsEverywhere() {
    Sent one = Sent.byDice().histogram("x", "s", 0.1, 1.0).histogram("x", "s", 0.1, 1.0);
    assertThat(verdict(Rule.MET_004, one).outcome()).isEqualTo(Outcome.PASSED);
    assertThat(verdict(Rule.MET_004, one.histogram("x", "s", 0.5)).outcome())
        .isEqualTo(Outcome.FAILED);
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "http.server.request.duration | s         |",
        "http.server.active_requests  | {request} |",
        "jvm.thread.count             | {thread}  |",
        "jvm.gc.millisecond.count     | s         |",
        "collection.duration.seconds  | s         | collection.duration.seconds names its unit s: seconds",
        "queue_wait_ms                | ms        | queue_wait_ms names its unit ms: ms",
        "queue-wait-ms                | ms        | queue-wait-ms names its unit ms: ms",
        "queueWaitMillis              | ms        | queueWaitMillis names its unit ms: millis",
        "sent.bytes.rate              | By/s      | sent.bytes.rate names its unit By/s: bytes"
      },
      delimiter = '|')
  void aNameDoesNotRepeatItsUnit(String name, String unit, String example) {
    Verdict verdict = verdict(Rule.MET_005, Sent.byDice().counter(name, unit, Map.of()));
    assertThat(verdict.examples()).isEqualTo(example == null ? List.of() : List.of(example));
  }

  @Test
  void aMetricIsNotNamedAsAnAttribute() {
    Sent right = Sent.byDice().counter("http.server.request.duration", "s", Map.of());
    assertThat(verdict(Rule.MET_006, right).outcome()).isEqualTo(Outcome.PASSED);
    assertThat(
            verdict(Rule.MET_006, right.counter("http.response.status_code", "1", Map.of()))
                .examples())
        .containsExactly("http.response.status_code");
  }

  @Test
  void withoutMetricsNoRuleAboutThemIsJudged() {
    assertThat(new MetricRules(Sent.byDice().arrived(), REGISTRY, UNITS).verdicts())
        .hasSize(6)
        .extracting(Verdict::outcome)
        .containsOnly(Outcome.NOT_JUDGED);
  }

  private static Verdict verdict(Rule rule, Sent sent) {
    return Sent.of(new MetricRules(sent.arrived(), REGISTRY, UNITS).verdicts(), rule);
  }
}
