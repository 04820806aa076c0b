package lapalma.agent.sampling;

import io.opentelemetry.api.incubator.config.DeclarativeConfigException;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.ComposableSampler;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import lapalma.agent.config.HttpUrl;
import lapalma.agent.config.Settings;

/**
 * Makes {@code jaeger_by_route} a sampler of the declarative configuration: one that follows
 * Jaeger's remote sampling for one service, with a rate for each route.
 *
 * <p>Upstream's {@code jaeger_remote} asks for the service "", and compares operations with the
 * span's name, which is only "GET" when the decision is made. It cannot stand under {@code
 * rule_based} either.
 *
 * <p>Settings: {@code endpoint} (an HTTP or HTTPS URL, required), {@code service_name} (required),
 * {@code poll_interval} (in ms, at least 1; 1000 by default) and {@code initial_rate} (from 0 to 1,
 * until Jaeger first answers; 1 by default). {@link RouteSamplerProvider} also reads {@code
 * excluded_paths}, {@code follow_callers} and {@code keep_unsampled} ({@link KeptRequests}).
 */
public final class JaegerSamplerProvider implements ComponentProvider {
  static final String NAME = "jaeger_by_route";

  /** Jaeger reads its file once a second, so more frequent polls would learn nothing sooner. */
  private static final int POLL_MILLIS = 1000;

  /** For a whole answer of Jaeger, which takes some milliseconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final double SAMPLE_ALL = 1.0;

  @Override
  public Class<?> getType() {
    return ComposableSampler.class;
  }

  @Override
  public String getName() {
    return NAME;
  }

  @Override
  public Object create(DeclarativeConfigProperties config) {
    return sampler(config);
  }

  static JaegerSampler sampler(DeclarativeConfigProperties config) {
    double initialRate =
        Settings.number(
            config,
            "initial_rate",
            DeclarativeConfigProperties::getDouble,
            SAMPLE_ALL,
            "a decimal number from 0 to 1, such as 0.0");
    int pollMillis = Settings.atLeastOne(config, "poll_interval", POLL_MILLIS);
    if (!(initialRate >= 0 && initialRate <= 1)) {
      throw new DeclarativeConfigException("initial_rate is not from 0 to 1: " + initialRate);
    }
    URL url = url(required(config, "endpoint"), required(config, "service_name"));

    var sampler = new JaegerSampler(Strategy.probabilistic(initialRate), System::nanoTime);
    sampler.ask(new HttpStrategySource(url, PATIENCE), Duration.ofMillis(pollMillis));
    return sampler;
  }

  private static String required(DeclarativeConfigProperties config, String name) {
    String value = config.getString(name);
    if (value == null || value.isBlank()) {
      throw new DeclarativeConfigException("jaeger_by_route needs " + name);
    }
    return value;
  }

  private static URL url(String endpoint, String service) {
    String more = endpoint.contains("?") ? "&" : "?";
    return HttpUrl.of(
            endpoint + more + "service=" + URLEncoder.encode(service, StandardCharsets.UTF_8))
        .orElseThrow(
            () -> new DeclarativeConfigException("endpoint must be an HTTP URL: " + endpoint));
  }
}
