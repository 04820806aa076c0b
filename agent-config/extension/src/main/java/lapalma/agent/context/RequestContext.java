package lapalma.agent.context;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.instrumentation.api.internal.HttpConstants;
import io.opentelemetry.instrumentation.api.internal.HttpRouteState;
import org.jspecify.annotations.Nullable;

/**
 * The context of a request, in which the agent's modules for servlets and frameworks find what they
 * look for: the server span, so that they do not make a second one, and where to leave the route
 * and the exception.
 *
 * <p>It is the request itself, and what only such modules need is made when the first of them asks:
 * on plain Undertow nothing is.
 */
public abstract class RequestContext implements Context {
  private static final ContextKey<?>[] SPAN_KEYS = ContextKeys.ofServerSpan();
  private static final ContextKey<?> ROUTE_KEY = ContextKeys.ofRoute();

  private final Context caller;
  private final Span span;
  private final String method;

  private volatile @Nullable HttpRouteState routeState;
  private volatile @Nullable Context servletState;

  /**
   * @param caller the context of the caller, or the root context
   * @param method as in the span's name, or {@code _OTHER}
   */
  protected RequestContext(Context caller, Span span, String method) {
    this.caller = caller;
    this.span = span;
    this.method = method;
  }

  @Override
  @SuppressWarnings("unchecked") // each of these keys has a value of its one type
  public <V> V get(ContextKey<V> key) {
    for (ContextKey<?> one : SPAN_KEYS) {
      if (key == one) {
        return (V) span;
      }
    }
    if (key == ROUTE_KEY) {
      return (V) routeState();
    }
    return ServletState.has(key) ? servletState().get(key) : caller.get(key);
  }

  @Override
  public <V> Context with(ContextKey<V> key, V value) {
    return new Extended(this, Context.root().with(key, value));
  }

  /** What was added to a request's context. */
  private record Extended(RequestContext request, Context added) implements Context {

    @Override
    public <V> V get(ContextKey<V> key) {
      V value = added.get(key);
      return value == null ? request.get(key) : value;
    }

    @Override
    public <V> Context with(ContextKey<V> key, V value) {
      return new Extended(request, added.with(key, value));
    }
  }

  public final Context caller() {
    return caller;
  }

  public final Span span() {
    return span;
  }

  public final String method() {
    return method;
  }

  /** Returns the route that another module has found, or null. */
  protected final @Nullable String routeOfFramework() {
    return routeState == null ? null : routeState.getRoute();
  }

  /** Returns the exception that a servlet has thrown, or null. */
  protected final @Nullable Throwable thrownByServlet() throws Throwable {
    return servletState == null ? null : ServletState.exception(servletState);
  }

  private HttpRouteState routeState() {
    synchronized (this) {
      if (routeState == null) {
        routeState =
            HttpRouteState.create(
                method.equals(HttpConstants._OTHER) ? "HTTP" : method, null, 0, span);
      }
      return routeState;
    }
  }

  private Context servletState() {
    synchronized (this) {
      if (servletState == null) {
        servletState = ServletState.create();
      }
      return servletState;
    }
  }
}
