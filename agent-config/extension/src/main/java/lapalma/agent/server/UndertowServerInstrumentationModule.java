package lapalma.agent.server;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;

import io.opentelemetry.api.incubator.metrics.BoundDoubleHistogram;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.instrumentation.api.instrumenter.ErrorCauseExtractor;
import io.opentelemetry.instrumentation.api.internal.EmbeddedInstrumentationProperties;
import io.opentelemetry.instrumentation.api.internal.HttpConstants;
import io.opentelemetry.instrumentation.api.internal.HttpRouteState;
import io.opentelemetry.instrumentation.api.internal.InternalInstrumenterCustomizer;
import io.opentelemetry.instrumentation.api.internal.InternalInstrumenterCustomizerUtil;
import io.opentelemetry.instrumentation.api.internal.SpanKey;
import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.internal.AgentDistributionConfig;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import lapalma.agent.context.RequestContext;
import lapalma.agent.route.AttachmentInstrumentation;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Makes the server span, its route and the request's duration for apps on Undertow. It replaces
 * upstream's {@code undertow} and this extension's {@code undertow_route}.
 *
 * <p>A request that is not sampled costs a fraction of what it costs with those two: no attributes
 * are read, no instrumenter runs, and the series of its duration is looked up, not built.
 * Upstream's modules for servlets and frameworks find the span and leave their routes in {@link
 * RequestContext}.
 */
public final class UndertowServerInstrumentationModule extends InstrumentationModule {
  private static final Logger log =
      Logger.getLogger(UndertowServerInstrumentationModule.class.getName());

  /** The names of upstream's module. If the configuration lists both, the first one decides. */
  private static final List<String> UPSTREAM = List.of("undertow", "undertow-1.4");

  private final Runnable internals;

  public UndertowServerInstrumentationModule() {
    this(UndertowServerInstrumentationModule::useInternals);
  }

  /**
   * Makes a module.
   *
   * @param internals uses what the helpers use of the agent's internals
   */
  UndertowServerInstrumentationModule(Runnable internals) {
    super("undertow-server");
    this.internals = internals;
  }

  private static void useInternals() {
    Objects.requireNonNull(BoundDoubleHistogram.class);
    Objects.requireNonNull(HttpConstants.KNOWN_METHODS);
    Objects.requireNonNull(ErrorCauseExtractor.getDefault());
    Objects.requireNonNull(SpanKey.HTTP_SERVER);
    Objects.requireNonNull(HttpRouteState.create(null, null, 0, Span.getInvalid()));
    var unused = EmbeddedInstrumentationProperties.findVersion(ServerTelemetry.SCOPE);
  }

  /** Enabled only by name, because upstream's own module is enabled by default. */
  @Override
  public boolean defaultEnabled() {
    return false;
  }

  /**
   * Returns nothing if upstream's module is enabled too, because each request has one server span.
   * Returns nothing either if the agent lacks internals that the helpers use: they would fail at
   * each request.
   */
  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    if (upstreamIsEnabled()) {
      log.warning(
          "undertow_server is off, because undertow is also enabled: remove one of them from enabled.");
      return List.of();
    }
    if (isCustomized()) {
      log.severe(
          "undertow_server is off, because an InstrumenterCustomizerProvider changes %s and it has no instrumenter: replace it by undertow, undertow_route in enabled."
              .formatted(ServerTelemetry.SCOPE));
      return List.of();
    }
    if (!fitsTheAgent()) {
      log.severe(
          "undertow_server is off, because it does not fit this version of the agent: replace it by undertow, undertow_route in enabled.");
      return List.of();
    }
    return List.of(
        new ConnectorsInstrumentation(),
        new DispatchInstrumentation(),
        new ResourceHandlerInstrumentation(),
        new AttachmentInstrumentation(AttachmentAdvice.class.getName()));
  }

  private boolean fitsTheAgent() {
    try {
      internals.run();
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }

  /** Returns whether an extension changes what an instrumenter of the same name would record. */
  private static boolean isCustomized() {
    var changed = new AtomicBoolean();
    try {
      var customizer =
          (InternalInstrumenterCustomizer<?, ?>)
              Proxy.newProxyInstance(
                  InternalInstrumenterCustomizer.class.getClassLoader(),
                  new Class<?>[] {InternalInstrumenterCustomizer.class},
                  (proxy, method, arguments) ->
                      switch (method.getName()) {
                        case "getInstrumentationName" -> ServerTelemetry.SCOPE;
                        case "hasType" -> arguments[0] == SpanKey.HTTP_SERVER;
                        default -> {
                          changed.set(true);
                          yield null;
                        }
                      });
      InternalInstrumenterCustomizerUtil.getInstrumenterCustomizerProviders()
          .forEach(provider -> provider.customize(customizer));
    } catch (LinkageError e) {
      return false; // an agent without such customizers
    }
    return changed.get();
  }

  private static boolean upstreamIsEnabled() {
    try {
      AgentDistributionConfig config = AgentDistributionConfig.get();
      return config.isInstrumentationEnabled(UPSTREAM, config.isInstrumentationDefaultEnabled());
    } catch (LinkageError e) {
      return false; // an agent that keeps its configuration elsewhere
    }
  }

  @Override
  public ElementMatcher.Junction<ClassLoader> classLoaderMatcher() {
    return hasClassesNamed("io.undertow.util.PathTemplateMatch");
  }

  @Override
  public List<String> getAdditionalHelperClassNames() {
    // Without types, the agent does not use helpers, and warns about them.
    return upstreamIsEnabled() || isCustomized() || !fitsTheAgent()
        ? List.of()
        : List.of(
            "lapalma.agent.route.MatchedRoute",
            "lapalma.agent.server.ExchangeAttributesGetter",
            "lapalma.agent.server.ExchangeHeaderGetter",
            "lapalma.agent.server.ConnectionAttributes",
            "lapalma.agent.server.RequestDurations",
            "lapalma.agent.server.RequestDurations$Series",
            "lapalma.agent.server.ExtensionMethod",
            "lapalma.agent.server.UnsampledSpan",
            "lapalma.agent.server.RequestDecision",
            "lapalma.agent.server.ServerTelemetry",
            "lapalma.agent.context.ContextKeys",
            "lapalma.agent.context.ServletState",
            "lapalma.agent.route.PrefixRoutes",
            "lapalma.agent.server.UndertowVersion",
            "lapalma.agent.context.RequestContext",
            "lapalma.agent.context.RequestContext$Extended",
            "lapalma.agent.server.ServerRequest");
  }
}
