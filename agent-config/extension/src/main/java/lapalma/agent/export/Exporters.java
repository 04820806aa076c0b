package lapalma.agent.export;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.incubator.config.DeclarativeConfigException;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ExtendedDeclarativeConfigProperties;
import io.opentelemetry.sdk.common.InternalTelemetryVersion;
import io.opentelemetry.sdk.common.export.GrpcSenderProvider;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lapalma.agent.config.Components;

/** Makes the exporter that a batch names, with the senders of this package. */
final class Exporters {
  /** The SDK that is built now, once it is there. */
  static final Supplier<MeterProvider> METERS = () -> GlobalOpenTelemetry.get().getMeterProvider();

  private Exporters() {}

  /**
   * Makes the exporter under {@code exporter}.
   *
   * @param batch the settings of the batch
   */
  static <T> T of(Class<T> type, DeclarativeConfigProperties batch) {
    DeclarativeConfigProperties exporter =
        batch.getStructured("exporter", DeclarativeConfigProperties.empty());
    Set<String> names = exporter.getPropertyKeys();
    if (names.size() != 1) {
      throw new DeclarativeConfigException(
          "bounded_batch needs one exporter, such as otlp_http, and has " + names);
    }
    String name = names.iterator().next();
    DeclarativeConfigProperties settings =
        exporter.getStructured(name, DeclarativeConfigProperties.empty());
    return type.cast(
        Components.provider(batch, type, name)
            .create(withSenders(settings, (ExtendedDeclarativeConfigProperties) batch)));
  }

  /**
   * Returns the same settings, from which upstream's exporters load their senders. This concerns
   * one exporter: the system property that selects a sender would also bind an SDK of the app.
   */
  private static DeclarativeConfigProperties withSenders(
      DeclarativeConfigProperties settings, ExtendedDeclarativeConfigProperties batch) {
    ComponentLoader senders = senders(batch.getComponentLoader());
    return (DeclarativeConfigProperties)
        Proxy.newProxyInstance(
            Exporters.class.getClassLoader(),
            new Class<?>[] {ExtendedDeclarativeConfigProperties.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "getComponentLoader":
                  return senders;
                case "getConfigProvider":
                  return batch.getConfigProvider();
                default:
                  try {
                    return method.invoke(settings, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
              }
            });
  }

  /** Returns a loader of this package's senders, and of everything else that {@code others} has. */
  static ComponentLoader senders(ComponentLoader others) {
    return new Senders(others);
  }

  /** Gives a batch processor the SDK's own telemetry as the configuration asks for it. */
  static void setInternalTelemetry(
      DeclarativeConfigProperties batch,
      Consumer<Supplier<MeterProvider>> setMeterProvider,
      Consumer<InternalTelemetryVersion> setVersion) {
    String version =
        ((ExtendedDeclarativeConfigProperties) batch)
            .getConfigProvider()
            .getInstrumentationConfig("otel_sdk")
            .getString("internal_telemetry_version");
    if (version == null) {
      setMeterProvider.accept(MeterProvider::noop);
    } else {
      setMeterProvider.accept(METERS);
      setVersion.accept(InternalTelemetryVersion.valueOf(version.toUpperCase(Locale.ROOT)));
    }
  }

  private record Senders(ComponentLoader others) implements ComponentLoader {
    @Override
    public <T> Iterable<T> load(Class<T> type) {
      if (type == HttpSenderProvider.class) {
        HttpSenderProvider http = UrlConnectionSender::new;
        return List.of(type.cast(http));
      }
      if (type == GrpcSenderProvider.class) {
        GrpcSenderProvider grpc = NoDelayGrpcSender::new;
        return List.of(type.cast(grpc));
      }
      return others.load(type);
    }
  }
}
