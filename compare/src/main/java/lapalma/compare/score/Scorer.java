package lapalma.compare.score;

import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import lapalma.compare.plan.Protocol;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Score;
import lapalma.compare.result.Score.Verdict;

/** Scores what a variant sent. */
public final class Scorer {
  private final Registry registry = Registry.read();
  private final Units units = new Units();

  /** Scores a variant. */
  public Score score(Variant variant, Instant at, Arrived arrived) {
    Protocol protocol = variant.telemetry().protocol();
    if (protocol != Protocol.OTLP) {
      return Score.notJudged(
          variant.name(),
          at,
          protocol == Protocol.NONE
              ? "it sends nothing, and the rules are about OTLP"
              : "it sends a protocol of its own, and the rules are about OTLP");
    }
    if (arrived.spans().stream().noneMatch(span -> span.item().getKind() == SPAN_KIND_SERVER)) {
      return Score.notJudged(
          variant.name(), at, "no server span arrived, although the server was called");
    }
    return score(variant.name(), at, arrived);
  }

  /** Scores what arrived over OTLP, whatever sent it. */
  public Score score(String name, Instant at, Arrived arrived) {
    List<Verdict> rules = new ArrayList<>();
    rules.addAll(new ResourceRules(arrived, registry).verdicts());
    rules.addAll(new SpanRules(arrived).verdicts());
    rules.addAll(new MetricRules(arrived, registry, units).verdicts());
    rules.addAll(new LogRules(arrived).verdicts());
    rules.add(new SdkRule(arrived).verdict());
    return new Score(
        name,
        at,
        Rule.SPECIFICATION,
        registry.version(),
        rules,
        new Conventions(registry).troubles(arrived),
        "");
  }
}
