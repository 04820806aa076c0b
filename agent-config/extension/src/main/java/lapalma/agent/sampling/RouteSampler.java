package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The whole sampler: drops requests to excluded paths, follows the decision of a caller unless it
 * is told not to, and lets {@link JaegerSampler} decide about the other requests.
 */
final class RouteSampler implements Sampler {
  private final JaegerSampler jaeger;
  private final Set<String> excludedPaths;
  private final boolean followsCallers;
  private final @Nullable KeptRequests kept; // null if none are

  RouteSampler(
      JaegerSampler jaeger,
      List<String> excludedPaths,
      boolean followsCallers,
      @Nullable KeptRequests kept) {
    this.jaeger = jaeger;
    this.excludedPaths = Set.copyOf(excludedPaths);
    this.followsCallers = followsCallers;
    this.kept = kept;
  }

  /**
   * Returns the bound for the 56 random bits of a request without a caller: with bits below it, the
   * request is dropped.
   *
   * @param name the name of its span so far, which is the method
   * @return from 0, if it may be sampled in any case, to {@link Share#THRESHOLDS}
   */
  long dropsBelow(String name, String method, String path) {
    return isExcluded(path) ? Share.THRESHOLDS : jaeger.latest().dropsBelow(name, method, path);
  }

  /** Does what {@link RequestSampling#reasonToKeep} says. */
  @Nullable String reasonToKeep(
      String spanName, String path, boolean failed, boolean hasCaller, long nanos) {
    return kept == null || isExcluded(path) || hasCaller && followsCallers
        ? null
        : kept.reason(spanName, failed, nanos);
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
      return Outcome.DROPPED;
    }
    if (PresetIds.areOfKeptRequest()) {
      return Outcome.SAMPLED;
    }
    SpanContext parent = Span.fromContext(parentContext).getSpanContext();
    if (!parent.isValid()) {
      return jaeger.latest().root(traceId, name, attributes);
    }
    if (!parent.isRemote()) {
      // Its trace state was looked at when its request began.
      return parent.isSampled() ? SamplingResult.recordAndSample() : SamplingResult.drop();
    }
    return followsCallers ? Outcome.asCallerOf(parent) : jaeger.latest().byChance(name, attributes);
  }

  private boolean isExcluded(String path) {
    return path != null && excludedPaths.contains(path);
  }

  @Override
  public CompletableResultCode shutdown() {
    jaeger.close();
    return CompletableResultCode.ofSuccess();
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
