package lapalma.agent.client;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.util.List;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Makes a client span for each request that {@code UndertowClient} or {@code ProxyHandler} sends,
 * and adds the trace to its headers. Upstream's agent has no module for them.
 */
public final class UndertowClientInstrumentationModule extends InstrumentationModule {

  public UndertowClientInstrumentationModule() {
    super("undertow-client");
  }

  /** Enabled only by name: beside upstream's modules, the extension adds no spans by itself. */
  @Override
  public boolean defaultEnabled() {
    return false;
  }

  @Override
  public ElementMatcher.Junction<ClassLoader> classLoaderMatcher() {
    return hasClassesNamed("io.undertow.client.ClientConnection");
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return List.of(
        new ConnectInstrumentation(),
        new SendRequestInstrumentation(),
        new ResponseListenerInstrumentation());
  }

  @Override
  public List<String> getAdditionalHelperClassNames() {
    return List.of(
        "lapalma.agent.client.CallAttributesGetter",
        "lapalma.agent.client.ClientCall",
        "lapalma.agent.client.ClientCall$Observed",
        "lapalma.agent.client.ConnectedInContext",
        "lapalma.agent.server.ExchangeAttributesGetter");
  }
}
