package lapalma.agent.route;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.util.List;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Gives the routes of Undertow's {@code RoutingHandler} and {@code PathTemplateHandler} to the
 * agent's own Undertow instrumentation, which does not find them.
 *
 * <p>Upstream: open-telemetry/opentelemetry-java-instrumentation issue 9997.
 */
public final class UndertowRouteInstrumentationModule extends InstrumentationModule {

  public UndertowRouteInstrumentationModule() {
    super("undertow-route");
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return List.of(new AttachmentInstrumentation(RouteAdvice.class.getName()));
  }

  @Override
  public ElementMatcher.Junction<ClassLoader> classLoaderMatcher() {
    return hasClassesNamed("io.undertow.util.PathTemplateMatch");
  }

  @Override
  public List<String> getAdditionalHelperClassNames() {
    return List.of("lapalma.agent.route.MatchedRoute", "lapalma.agent.route.HandledException");
  }
}
