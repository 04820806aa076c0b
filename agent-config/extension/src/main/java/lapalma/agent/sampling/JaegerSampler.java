package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.ComposableSampler;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;
import java.util.function.LongSupplier;

/** Samples by the latest strategy of Jaeger. */
final class JaegerSampler implements ComposableSampler {
  private final LongSupplier nanoClock;
  private volatile StrategyDecision decision;

  JaegerSampler(Strategy initial, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.decision = new StrategyDecision(initial, nanoClock);
  }

  void follow(Strategy strategy) {
    decision = new StrategyDecision(strategy, nanoClock);
  }

  long dropsBelow(String name, String method, String path) {
    return decision.dropsBelow(name, method, path);
  }

  /** Decides about a root span by its trace ID and the limit. */
  SamplingResult root(String traceId, String name, Attributes attributes) {
    return decision.root(traceId, name, attributes);
  }

  /** Decides by the rates and the limit alone, whatever the trace ID and the caller. */
  SamplingResult byChance(String name, Attributes attributes) {
    return decision.byChance(name, attributes);
  }

  @Override
  public SamplingIntent getSamplingIntent(
      Context parentContext,
      String name,
      SpanKind spanKind,
      Attributes attributes,
      List<LinkData> parentLinks) {
    return decision.intent(name, attributes);
  }

  @Override
  public String getDescription() {
    return "JaegerSampler{" + decision.strategy() + "}";
  }

  @Override
  public String toString() {
    return getDescription();
  }
}
