package lapalma.agent.context;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.instrumentation.api.instrumenter.LocalRootSpan;
import io.opentelemetry.instrumentation.api.internal.HttpRouteState;
import io.opentelemetry.instrumentation.api.internal.SpanKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A context that only notes the keys that it is asked for: those by which the agent's modules find
 * the server span, its route and its exception are not public.
 */
final class ContextKeys implements Context {
  private final List<ContextKey<?>> asked = new ArrayList<>();

  private ContextKeys() {}

  /** Those with which the agent's modules look for a server span. */
  static ContextKey<?>[] ofServerSpan() {
    return askedBy(
        keys -> {
          Span.fromContextOrNull(keys);
          SpanKey.HTTP_SERVER.fromContextOrNull(keys);
          SpanKey.KIND_SERVER.fromContextOrNull(keys);
          LocalRootSpan.fromContextOrNull(keys);
        });
  }

  static ContextKey<?> ofRoute() {
    return askedBy(HttpRouteState::fromContextOrNull)[0];
  }

  /** Those to which something gives values. */
  static ContextKey<?>[] setBy(UnaryOperator<Context> operator) {
    return askedBy(
        keys -> {
          var unused = operator.apply(keys);
        });
  }

  private static ContextKey<?>[] askedBy(Consumer<Context> code) {
    var keys = new ContextKeys();
    code.accept(keys);
    return keys.asked.stream().distinct().toArray(ContextKey<?>[]::new);
  }

  @Override
  public <V> @Nullable V get(ContextKey<V> key) {
    asked.add(key);
    return null;
  }

  @Override
  public <V> Context with(ContextKey<V> key, V value) {
    asked.add(key);
    return this;
  }
}
