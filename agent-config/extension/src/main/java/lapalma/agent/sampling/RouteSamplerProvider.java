package lapalma.agent.sampling;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.List;

/**
 * Makes {@code jaeger_by_route} the whole sampler of the declarative configuration.
 *
 * <p>Under {@code composite/development}, {@link JaegerSamplerProvider} makes only the part that
 * asks Jaeger.
 */
public final class RouteSamplerProvider implements ComponentProvider {

  @Override
  public Class<?> getType() {
    return Sampler.class;
  }

  @Override
  public String getName() {
    return JaegerSamplerProvider.NAME;
  }

  @Override
  public Object create(DeclarativeConfigProperties config) {
    DeclarativeConfigProperties kept = config.getStructured("keep_unsampled");
    return new RouteSampler(
        JaegerSamplerProvider.sampler(config),
        new ExcludedPaths(config.getScalarList("excluded_paths", String.class, List.of())),
        config.getBoolean("follow_callers", true),
        kept == null ? null : new KeptRequests(kept, System::nanoTime));
  }
}
