package lapalma.agent.server;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.undertow.server.DefaultResponseListener;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.ExceptionHandler;
import io.undertow.util.AttachmentKey;
import io.undertow.util.PathTemplateMatch;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import lapalma.agent.context.RequestContext;
import lapalma.agent.route.MatchedRoute;
import lapalma.agent.route.PrefixRoutes;
import org.jspecify.annotations.Nullable;

/**
 * One request and its span, from its first handler until it is answered and no handler runs.
 *
 * <p>A handler that was dispatched to another thread may return after the answer, and so may the
 * one that dispatched it.
 */
public final class ServerRequest extends RequestContext implements ExchangeCompletionListener {
  private static final Logger log = Logger.getLogger(ServerRequest.class.getName());

  private static final String OF_PROXY =
      "io.undertow.server.handlers.proxy.ProxyHandler$ProxyAction";
  private static final String OF_UNDERTOW = HttpServerExchange.class.getName() + "$";

  private static final AttachmentKey<ServerRequest> KEY = AttachmentKey.create(ServerRequest.class);
  private static final AtomicIntegerFieldUpdater<ServerRequest> OPEN =
      AtomicIntegerFieldUpdater.newUpdater(ServerRequest.class, "open");

  /** The requests that began before the JVM's exit and have not ended. */
  private static final LongAdder COUNT = new LongAdder();

  private static volatile boolean exits;

  /** Added to {@link #open} of a request that is not counted. */
  private static final int NOT_COUNTED = 1 << 16;

  private static final int HANDLERS = NOT_COUNTED - 1;

  static {
    MethodHandle countedBy =
        ExtensionMethod.find(
            "lapalma.agent.export.OpenRequests", "countedBy", void.class, LongSupplier.class);
    if (countedBy != null) {
      try {
        countedBy.invokeExact((LongSupplier) ServerRequest::openAtExit);
      } catch (Throwable e) {
        log.log(Level.FINE, "The exit does not wait for requests.", e);
      }
    }
  }

  private final long startNanos = System.nanoTime();

  /** As the request came: the app may set another. */
  private final String scheme;

  /** The number of running handlers, plus one until the exchange is complete. 0 is final. */
  @SuppressWarnings("UnusedVariable") // the updater reads it
  private volatile int open;

  // Written by the threads that handle the request, read by the one that sets "open" to 0.
  private @Nullable String route;
  private @Nullable Throwable error;

  /** Whether the app has answered because of the error, with a status of its own. */
  private boolean handled;

  private ServerRequest(String method, String scheme, Context caller, Span span) {
    super(caller, span, method);
    this.scheme = scheme;
    if (exits) {
      open = 2 + NOT_COUNTED;
    } else {
      open = 2;
      COUNT.increment();
    }
  }

  /**
   * Called before the first handler of a request, and before each that was dispatched. Returns null
   * with a version of Undertow that is not supported.
   */
  public static @Nullable ServerRequest handlerStarts(HttpServerExchange exchange)
      throws Throwable {
    ServerRequest request = exchange.getAttachment(KEY);
    if (request != null) {
      OPEN.updateAndGet(request, ServerRequest::oneMore);
      return request;
    }
    if (!UndertowVersion.IS_SUPPORTED) {
      return null;
    }
    Context caller = ServerTelemetry.parentOf(exchange);
    String method = ServerTelemetry.methodOf(exchange);
    String scheme = ServerTelemetry.schemeOf(exchange);
    Span span = ServerTelemetry.startSpan(caller, method, exchange);
    request = new ServerRequest(method, scheme, caller, span);
    exchange.putAttachment(KEY, request);
    exchange.addExchangeCompleteListener(request);
    ServerTelemetry.started(request, exchange);
    return request;
  }

  /** A handler that starts after the end, as after a timeout, does not open the request again. */
  private static int oneMore(int open) {
    return open == 0 ? 0 : open + 1;
  }

  private static int oneLess(int open) {
    return (open & HANDLERS) <= 1 ? 0 : open - 1;
  }

  /** Called from the beginning of the JVM's exit on: nobody waits for requests that come now. */
  private static long openAtExit() {
    exits = true;
    return COUNT.sum();
  }

  /**
   * Returns a task that runs with the request's span, or the same task if its executor may expect
   * more of it than that it runs.
   */
  public static Runnable inContext(HttpServerExchange exchange, Runnable task) {
    ServerRequest request = exchange.getAttachment(KEY);
    if (request == null) {
      return task;
    }
    String name = task.getClass().getName();
    // Undertow's own task runs a handler, in which the span is current anyway. Not that of a proxy.
    return name.equals(OF_PROXY)
            || (!name.startsWith(OF_UNDERTOW) && isOnlyRunnable(task.getClass()))
        ? request.wrap(task)
        : task;
  }

  /**
   * Returns whether nobody can cast the task to something else, as the queue of an executor does
   * that sorts its tasks: it is a lambda or of an anonymous class.
   */
  private static boolean isOnlyRunnable(Class<?> type) {
    return type.getSuperclass() == Object.class
        && type.getInterfaces().length == 1
        && (type.isHidden() || type.isAnonymousClass());
  }

  /** Called when a handler has returned or thrown. */
  public void handlerEnds(HttpServerExchange exchange) throws Throwable {
    int before = OPEN.getAndUpdate(this, ServerRequest::oneLess);
    if ((before & HANDLERS) == 1) {
      try {
        long nanos = System.nanoTime() - startNanos;
        ServerTelemetry.end(
            this, scheme, route(exchange), error(), handled, startNanos, nanos, exchange);
      } finally {
        if (before < NOT_COUNTED) {
          COUNT.decrement();
        }
      }
    }
  }

  /** A framework knows more of the request than Undertow, and a template more than a prefix. */
  private @Nullable String route(HttpServerExchange exchange) {
    String ofFramework = routeOfFramework();
    if (ofFramework != null) {
      return ofFramework;
    }
    return route == null ? PrefixRoutes.of(exchange) : route;
  }

  private @Nullable Throwable error() throws Throwable {
    return error == null ? thrownByServlet() : error;
  }

  /** Called when the exchange is complete: its status is final. */
  @Override
  public void exchangeEvent(HttpServerExchange exchange, NextListener nextListener) {
    try {
      handlerEnds(exchange);
    } catch (Throwable e) {
      log.log(Level.FINE, "The request's telemetry is lost.", e);
    } finally {
      nextListener.proceed();
    }
  }

  /** Called when a handler of files begins: it has no template. */
  public static void servesResources(HttpServerExchange exchange) {
    ServerRequest request = exchange.getAttachment(KEY);
    if (request != null && request.route == null) {
      request.route = PrefixRoutes.below(exchange.getResolvedPath());
    }
  }

  /**
   * Called for every attachment of every exchange: one that is neither a match nor an exception
   * must cost very little.
   */
  public static void attached(Object attachable, AttachmentKey<?> key, Object value) {
    boolean handled = key == ExceptionHandler.THROWABLE;
    if ((!handled
            && key != PathTemplateMatch.ATTACHMENT_KEY
            && key != DefaultResponseListener.EXCEPTION)
        || !(attachable instanceof HttpServerExchange exchange)) {
      return;
    }
    ServerRequest request = exchange.getAttachment(KEY);
    if (request == null) {
      return;
    }
    if (value instanceof PathTemplateMatch match) {
      // The innermost template is matched last.
      String matched = MatchedRoute.of(exchange, match);
      request.route = matched == null ? request.route : matched;
    } else if (value instanceof Throwable thrown) {
      request.error = thrown;
      request.handled = handled;
    }
  }
}
