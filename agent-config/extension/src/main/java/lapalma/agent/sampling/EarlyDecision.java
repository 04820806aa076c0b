package lapalma.agent.sampling;

import io.opentelemetry.context.Context;
import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;

/**
 * Tells which requests are dropped for certain, before a span is made of them.
 *
 * <p>It answers only where {@link RouteSampler} is the SDK's sampler, so that no other can sample
 * what it drops.
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
   * Returns the bound below which a request without a caller is dropped, given its 56 random bits.
   *
   * <p>Called, as {@link #parentWith}, by helpers in the app's class loader through a method
   * handle.
   */
  public static long dropsBelow(String name, String method, String path) {
    RouteSampler ours = sampler;
    return ours == null ? 0 : ours.dropsBelow(name, method, path);
  }

  /**
   * Returns the parent of a request that is not dropped, from which the sampler takes its bits: it
   * decides as was decided here, and no request has to win twice.
   */
  public static Context parentWith(long bits) {
    return RandomBits.context(bits);
  }
}
