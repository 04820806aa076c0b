package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizerProvider;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths whose requests get no span, such as those of probes.
 *
 * @param paths each is exact, or ends in {@code /*}: then it is the path before that, and all below
 */
record ExcludedPaths(List<String> paths) {
  private static final String BELOW = "/*";

  ExcludedPaths {
    paths = List.copyOf(paths);
  }

  boolean contain(@Nullable String path) {
    if (path == null) {
      return false;
    }
    for (String one : paths) {
      int prefix = one.length() - BELOW.length();
      if (one.endsWith(BELOW)
          ? path.regionMatches(0, one, 0, prefix)
              && (path.length() == prefix || path.charAt(prefix) == '/')
          : path.equals(one)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a span that begins is of such a request. */
  boolean contain(SpanKind kind, Attributes attributes) {
    return kind == SpanKind.SERVER && contain(attributes.get(StrategyDecision.PATH));
  }

  /**
   * Where the agent is configured by variables and system properties, reads the paths from {@value
   * #PROPERTY}: text, separated by commas. Any sampler decides about the other requests.
   */
  public static final class Customizer implements AutoConfigurationCustomizerProvider {
    static final String PROPERTY = "otel.traces.excluded.paths";

    @Override
    public void customize(AutoConfigurationCustomizer customizer) {
      customizer.addSamplerCustomizer(Customizer::excluding);
    }

    private static Sampler excluding(Sampler others, ConfigProperties config) {
      List<String> paths = config.getList(PROPERTY);
      return paths.isEmpty() ? others : new Others(new ExcludedPaths(paths), others);
    }
  }

  private record Others(ExcludedPaths excluded, Sampler others) implements Sampler {
    @Override
    public SamplingResult shouldSample(
        Context parentContext,
        String traceId,
        String name,
        SpanKind spanKind,
        Attributes attributes,
        List<LinkData> parentLinks) {
      return excluded.contain(spanKind, attributes)
          ? Outcome.DROPPED
          : others.shouldSample(parentContext, traceId, name, spanKind, attributes, parentLinks);
    }

    @Override
    public String getDescription() {
      return "%s, %s".formatted(excluded, others.getDescription());
    }
  }
}
