package lapalma.agent.sampling;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.trace.IdGenerator;

/**
 * Makes {@code preset_ids} an ID generator of the declarative configuration: random IDs, and what
 * {@code jaeger_by_route} needs to decide about a request before its span starts or after its end.
 */
public final class PresetIdsProvider implements ComponentProvider {

  @Override
  public Class<?> getType() {
    return IdGenerator.class;
  }

  @Override
  public String getName() {
    return "preset_ids";
  }

  @Override
  public Object create(DeclarativeConfigProperties config) {
    return new PresetIds();
  }
}
