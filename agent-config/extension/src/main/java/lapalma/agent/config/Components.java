package lapalma.agent.config;

import io.opentelemetry.api.incubator.config.DeclarativeConfigException;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;

/** Finds components of the declarative configuration that the agent or another extension has. */
public final class Components {
  private Components() {}

  /**
   * Returns the provider of a component.
   *
   * @throws DeclarativeConfigException if there is none
   */
  public static ComponentProvider provider(
      DeclarativeConfigProperties config, Class<?> type, String name) {
    for (ComponentProvider provider : config.getComponentLoader().load(ComponentProvider.class)) {
      if (provider.getType() == type && provider.getName().equals(name)) {
        return provider;
      }
    }
    throw new DeclarativeConfigException(
        "This agent has no %s %s".formatted(type.getSimpleName(), name));
  }
}
