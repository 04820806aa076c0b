package lapalma.agent.sampling;

import io.opentelemetry.context.Context;
import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;

/**
 * Decides which requests are dropped for certain, before a span is made for them.
 *
 * <p>It decides only if {@link RouteSampler} is the SDK's sampler, so that no other sampler can
 * sample a dropped request.
 */
public final class EarlyDecision implements AgentListener {
  private static volatile RouteSampler sampler;

  @Override
  public void afterAgent(AutoConfiguredOpenTelemetrySdk sdk) {
    if (sdk.getOpenTelemetrySdk().getSdkTracerProvider().getSampler()
        instanceof RouteSampler ours) {
      sampler = ours;
    }
  }

  /**
   * Returns the bound for the 56 random bits of a request without a caller: with bits below it, the
   * request is dropped.
   *
   * <p>Helpers in the app's class loader call this and {@link #parentWith} through method handles.
   */
  public static long dropsBelow(String name, String method, String path) {
    RouteSampler ours = sampler;
    return ours == null ? 0 : ours.dropsBelow(name, method, path);
  }

  /**
   * Returns the parent of a request that is not dropped. The sampler takes the bits from it and
   * decides the same, so no request has to win twice.
   */
  public static Context parentWith(long bits) {
    return RandomBits.context(bits);
  }
}
