package lapalma.compare.score;

import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import lapalma.compare.result.Score.Outcome;
import lapalma.compare.result.Score.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceRulesTest {
  private static final Registry REGISTRY = Registry.read();

  @ParameterizedTest
  @CsvSource({"RES_001, service.instance.id", "RES_005, service.name"})
  void anAttributeMustBeThereAndNotEmpty(Rule rule, String key) {
    assertThat(verdict(rule, request(Sent.byDice()).arrived()).outcome()).isEqualTo(Outcome.PASSED);

    var empty = new HashMap<>(Sent.RESOURCE);
    empty.put(key, "");
    Verdict failed = verdict(rule, request(Sent.from(empty)).arrived());
    assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(failed.text()).isEqualTo("1 of 1 resources fail");
    assertThat(failed.source()).endsWith("/rules/%s.md".formatted(rule.id()));

    empty.remove(key);
    assertThat(verdict(rule, request(Sent.from(empty)).arrived()).examples())
        .containsExactly(
            "a resource with " + String.join(", ", empty.keySet().stream().sorted().toList()));
  }

  @Test
  void twoProcessesMustNotHaveTheSameInstanceId() {
    Sent dice = request(Sent.byDice());
    Sent relay = request(Sent.from(Map.of("service.name", "dice", "service.instance.id", "i-2")));

    assertThat(verdict(Rule.RES_002, dice.arrived(relay)).outcome()).isEqualTo(Outcome.PASSED);
    Verdict twice = verdict(Rule.RES_002, dice.arrived(request(Sent.byDice())));
    assertThat(twice.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(twice.examples()).containsExactly("i-1 of dice stands for 2 processes");
    assertThat(verdict(Rule.RES_002, dice.arrived()).outcome()).isEqualTo(Outcome.NOT_JUDGED);
  }

  @Test
  void aKubernetesPodMustHaveItsUid() {
    Map<String, String> pod = Map.of("k8s.pod.name", "dice-1");
    Map<String, String> complete = Map.of("k8s.pod.name", "dice-1", "k8s.pod.uid", "u-1");

    assertThat(verdict(Rule.RES_003, request(Sent.from(pod)).arrived()).outcome())
        .isEqualTo(Outcome.FAILED);
    assertThat(verdict(Rule.RES_003, request(Sent.from(complete)).arrived()).outcome())
        .isEqualTo(Outcome.PASSED);
    assertThat(verdict(Rule.RES_003, request(Sent.byDice()).arrived()))
        .returns(Outcome.NOT_JUDGED, Verdict::outcome)
        .returns("no resource of a Kubernetes pod arrived", Verdict::text);
  }

  @Test
  void anAttributeMustStandAtItsLevel() {
    Sent right =
        Sent.byDice().span(SPAN_KIND_SERVER, "GET", "01", "", Map.of("http.request.method", "GET"));
    assertThat(verdict(Rule.RES_004, right.arrived()).outcome()).isEqualTo(Outcome.PASSED);

    Sent onSpan =
        Sent.byDice().span(SPAN_KIND_SERVER, "GET", "01", "", Map.of("service.name", "dice"));
    assertThat(verdict(Rule.RES_004, onSpan.arrived()).examples())
        .containsExactly("service.name on a span. Belongs on: resource.");

    Sent onResource = request(Sent.from(Map.of("http.request.method", "GET")));
    assertThat(verdict(Rule.RES_004, onResource.arrived()).examples())
        .containsExactly("http.request.method on a resource. Belongs on: span, metric.");
  }

  private static Sent request(Sent sent) {
    return sent.span(SPAN_KIND_SERVER, "GET", "01", "", Map.of());
  }

  private static Verdict verdict(Rule rule, Arrived arrived) {
    return Sent.of(new ResourceRules(arrived, REGISTRY).verdicts(), rule);
  }
}
