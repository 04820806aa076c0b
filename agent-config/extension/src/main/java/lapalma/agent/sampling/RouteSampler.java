package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.ComposableSampler;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.CompositeSampler;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;
import java.util.Set;

/**
 * The whole sampler: drops requests to excluded paths, follows the decision of a caller unless it
 * is told not to, and lets {@link JaegerSampler} decide about the other requests.
 */
final class RouteSampler implements Sampler {
  private final JaegerSampler jaeger;
  private final Sampler composite;
  private final Set<String> excludedPaths;
  private final boolean followsCallers;

  RouteSampler(JaegerSampler jaeger, List<String> excludedPaths, boolean followsCallers) {
    this.jaeger = jaeger;
    this.composite = CompositeSampler.wrap(ComposableSampler.parentThreshold(jaeger));
    this.excludedPaths = Set.copyOf(excludedPaths);
    this.followsCallers = followsCallers;
  }

  /**
   * Returns the bound for the 56 random bits of a request without a caller: with bits below it, the
   * request is dropped.
   *
   * @param name the name of its span so far, which is the method
   * @return from 0, if it may be sampled in any case, to {@link Share#THRESHOLDS}
   */
  long dropsBelow(String name, String method, String path) {
    return isExcluded(path) ? Share.THRESHOLDS : jaeger.dropsBelow(name, method, path);
  }

  @Override
  public SamplingResult shouldSample(
      Context parentContext,
      String traceId,
      String name,
      SpanKind spanKind,
      Attributes attributes,
      List<LinkData> parentLinks) {
    if (spanKind == SpanKind.SERVER && isExcluded(attributes.get(StrategyDecision.PATH))) {
      return SamplingResult.drop();
    }
    SpanContext parent = Span.fromContext(parentContext).getSpanContext();
    if (parent.isValid() && !parent.isRemote()) {
      // The composite sampler decides the same, but parses the trace state and writes it again.
      return parent.isSampled() ? SamplingResult.recordAndSample() : SamplingResult.drop();
    }
    if (parent.isRemote() && !followsCallers) {
      return jaeger.byChance(name, attributes);
    }
    Long bits = RandomBits.in(parentContext);
    return bits == null
        ? composite.shouldSample(parentContext, traceId, name, spanKind, attributes, parentLinks)
        : jaeger.decide(bits, name, attributes);
  }

  private boolean isExcluded(String path) {
    return path != null && excludedPaths.contains(path);
  }

  @Override
  public String getDescription() {
    return "RouteSampler{%s, excluded=%s}".formatted(jaeger.getDescription(), excludedPaths);
  }

  @Override
  public String toString() {
    return getDescription();
  }
}
