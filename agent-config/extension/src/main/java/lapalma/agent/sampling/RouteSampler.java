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
import org.jspecify.annotations.Nullable;

/**
 * The whole sampler: drops requests to excluded paths, follows the decision of a caller unless it
 * is told not to, and lets {@link JaegerSampler} decide about the other requests.
 */
final class RouteSampler implements Sampler {
  private final JaegerSampler jaeger;
  private final ExcludedPaths excluded;
  private final boolean followsCallers;
  private final @Nullable KeptRequests kept; // null if none are

  RouteSampler(
      JaegerSampler jaeger,
      ExcludedPaths excluded,
      boolean followsCallers,
      @Nullable KeptRequests kept) {
    this.jaeger = jaeger;
    this.excluded = excluded;
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
    return excluded.contain(path)
        ? Share.THRESHOLDS
        : jaeger.latest().dropsBelow(name, method, path);
  }

  /** Does what {@link RequestSampling#reasonToKeep} says. */
  @Nullable String reasonToKeep(
      String spanName, String path, boolean failed, boolean hasCaller, long nanos) {
    return kept == null || excluded.contain(path) || (hasCaller && followsCallers)
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
    if (excluded.contain(spanKind, attributes)) {
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

  @Override
  public CompletableResultCode shutdown() {
    jaeger.close();
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public String getDescription() {
    return "RouteSampler{%s, excluded=%s}".formatted(jaeger.getDescription(), excluded);
  }

  @Override
  public String toString() {
    return getDescription();
  }
}
