package lapalma.agent.sampling;

import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import org.jspecify.annotations.Nullable;

/**
 * What {@code undertow_server} asks of the sampler: which requests are dropped for certain, before
 * a span is made for them, and which of those are kept in the end.
 *
 * <p>It answers only if {@link RouteSampler} is the SDK's sampler, so that no other sampler can
 * sample a dropped request, and if {@link PresetIds} makes the SDK's IDs.
 *
 * <p>Helpers in the app's class loader call the static methods through method handles.
 */
public final class RequestSampling implements AgentListener {
  private static volatile @Nullable RouteSampler sampler;

  @Override
  public void afterAgent(AutoConfiguredOpenTelemetrySdk sdk) {
    if (PresetIds.areUsed()
        && sdk.getOpenTelemetrySdk().getSdkTracerProvider().getSampler()
            instanceof RouteSampler ours) {
      sampler = ours;
    }
  }

  /**
   * Returns the bound for the 56 random bits of the trace ID of a request without a caller: with
   * bits below it, the request is dropped.
   */
  public static long dropsBelow(String name, String method, String path) {
    RouteSampler ours = sampler;
    return ours == null ? 0 : ours.dropsBelow(name, method, path);
  }

  /**
   * Returns why a request that was not sampled gets a span after its end, as the value of an
   * attribute; null if it gets none.
   *
   * @param spanName as it would be: method and route
   * @param hasCaller whether another service has decided about it
   */
  public static @Nullable String reasonToKeep(
      String spanName, String path, boolean failed, boolean hasCaller, long nanos) {
    RouteSampler ours = sampler;
    return ours == null ? null : ours.reasonToKeep(spanName, path, failed, hasCaller, nanos);
  }
}
