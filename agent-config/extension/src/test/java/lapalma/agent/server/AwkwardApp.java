package lapalma.agent.server;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.instrumentation.api.instrumenter.Instrumenter;
import io.opentelemetry.instrumentation.api.instrumenter.LocalRootSpan;
import io.opentelemetry.instrumentation.api.instrumenter.SpanKindExtractor;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerAttributesExtractor;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerMetrics;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRoute;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRouteSource;
import io.undertow.Handlers;
import io.undertow.server.DefaultResponseListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.resource.ClassPathResourceManager;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.WebSocketChannel;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import lapalma.agent.route.FailingHandlers;
import lapalma.agent.route.HandledException;
import lapalma.agent.route.Routes;
import org.xnio.IoUtils;

/**
 * An app that answers in every way that is hard to follow. Its routes are those of {@link Routes}.
 */
final class AwkwardApp {
  private static final int PATIENCE_SECONDS = 30;

  private final Executor executor;

  /** A handler waits for it: a test lets it go on. */
  private final Semaphore mayGoOn = new Semaphore(0);

  private final Semaphore lateHandlerRuns = new Semaphore(0);

  AwkwardApp(Executor executor) {
    this.executor = executor;
  }

  void letHandlerGoOn() {
    mayGoOn.release();
  }

  /** Waits until the handler runs that was dispatched after the answer. */
  void awaitLateHandler() throws InterruptedException {
    if (!lateHandlerRuns.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no handler was dispatched after the answer");
    }
  }

  HttpHandler handler() {
    return Handlers.path(Routes.handler(executor))
        .addExactPath("/attached", new FailingHandlers.AttachesAndEnds())
        .addExactPath(
            "/attached-dispatched",
            exchange -> exchange.dispatch(new FailingHandlers.AttachesAndEnds()))
        .addExactPath("/thrown", new FailingHandlers.Throws())
        .addExactPath(
            "/thrown-dispatched", exchange -> exchange.dispatch(new FailingHandlers.Throws()))
        .addExactPath("/failed", exchange -> exchange.setStatusCode(500).endExchange())
        .addExactPath("/redirect", AwkwardApp::redirect)
        .addExactPath("/files", Handlers.resource(new ClassPathResourceManager(null, "none")))
        .addExactPath("/handled", handles(422))
        .addExactPath("/handled-badly", handles(500))
        .addPrefixPath("/framework", new BlockingHandler(new Framework()))
        .addExactPath("/rejected", exchange -> exchange.dispatch(AwkwardApp::reject, answer()))
        .addExactPath("/closed", this::isClosedWhileItWaits)
        .addExactPath("/late", AwkwardApp::answersLater)
        .addExactPath("/timed-out", this::answersLaterAndGoesOn)
        .addExactPath("/early", new BlockingHandler(this::answersAndGoesOn))
        .addExactPath("/slow", new BlockingHandler(this::waitsAndAnswers))
        .addExactPath("/echo", Handlers.websocket((exchange, channel) -> listen(channel)))
        .addExactPath("/current", AwkwardApp::tellsTheCurrentSpan)
        .addExactPath(
            "/current-dispatched",
            exchange -> exchange.dispatch(executor, AwkwardApp::tellsTheCurrentSpan))
        .addExactPath(
            "/current-task",
            exchange -> exchange.dispatch(executor, () -> tellsTheCurrentSpan(exchange)))
        .addExactPath(
            "/sorted-task",
            exchange -> exchange.dispatch(AwkwardApp::runSorted, new SortedTask(exchange)));
  }

  /** Does what the agent's modules for servlets and frameworks do beneath a handler. */
  private static final class Framework implements HttpHandler {
    private final Instrumenter<HttpServerExchange, HttpServerExchange> instrumenter =
        Instrumenter.<HttpServerExchange, HttpServerExchange>builder(
                GlobalOpenTelemetry.get(), "framework", exchange -> "framework")
            .addAttributesExtractor(
                HttpServerAttributesExtractor.create(new ExchangeAttributesGetter()))
            .addOperationMetrics(HttpServerMetrics.get())
            .buildInstrumenter(SpanKindExtractor.alwaysServer());

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
      Context context = Context.current().with(ContextKey.named("of the framework"), "");
      if (instrumenter.shouldStart(context, exchange)) {
        Context second = instrumenter.start(context, exchange);
        instrumenter.end(second, exchange, exchange, null);
      }
      HttpServerRoute.update(context, HttpServerRouteSource.SERVER, "/framework/*");
      HttpServerRoute.update(context, HttpServerRouteSource.CONTROLLER, "/framework/{id}");
      LocalRootSpan.fromContext(context).setAttribute("of.framework", "true");
      if (exchange.getRelativePath().equals("/throws")) {
        recordAsServlet(new IllegalStateException("servlet"));
        exchange.setStatusCode(500);
      }
    }

    private static void recordAsServlet(Exception thrown) {
      try {
        HandledException.attached(DefaultResponseListener.EXCEPTION, thrown);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A task for an executor that sorts its tasks. */
  private record SortedTask(HttpServerExchange exchange)
      implements Runnable, Comparable<SortedTask> {

    @Override
    public void run() {
      exchange.getResponseSender().send("sorted");
    }

    @Override
    public int compareTo(SortedTask other) {
      return 0;
    }
  }

  private static void runSorted(Runnable task) {
    var queue = new PriorityQueue<Runnable>();
    queue.add(task); // casts even the first one
    queue.remove().run();
  }

  /** Dispatches to a handler whose turn comes when the connection is closed, as by a timeout. */
  private void isClosedWhileItWaits(HttpServerExchange exchange) {
    executor.execute(() -> IoUtils.safeClose(exchange.getConnection()));
    exchange.dispatch(executor, answer());
  }

  private static HttpHandler handles(int status) {
    return Handlers.exceptionHandler(new FailingHandlers.Throws())
        .addExceptionHandler(
            IllegalStateException.class, exchange -> exchange.setStatusCode(status).endExchange());
  }

  private static HttpHandler answer() {
    return exchange -> exchange.getResponseSender().send("answer");
  }

  private static void redirect(HttpServerExchange exchange) {
    exchange.setStatusCode(302);
    exchange.getResponseHeaders().put(Headers.LOCATION, "/plain");
    exchange.endExchange();
  }

  private static void reject(Runnable task) {
    throw new RejectedExecutionException("full");
  }

  private static void answersLater(HttpServerExchange exchange) {
    later(exchange, () -> exchange.getResponseSender().send("late"));
  }

  /** Answers, and then dispatches a handler, as an app does whose reply comes after its timeout. */
  private void answersLaterAndGoesOn(HttpServerExchange exchange) {
    later(
        exchange,
        () -> {
          exchange.setStatusCode(504).endExchange();
          exchange.dispatch(executor, late -> lateHandlerRuns.release());
        });
  }

  private static void later(HttpServerExchange exchange, Runnable task) {
    exchange.dispatch(
        SameThreadExecutor.INSTANCE,
        () -> exchange.getIoThread().executeAfter(task, 1, TimeUnit.MILLISECONDS));
  }

  private void answersAndGoesOn(HttpServerExchange exchange) throws InterruptedException {
    exchange.getResponseSender().send("early");
    exchange.endExchange();
    awaitPermit();
  }

  private void waitsAndAnswers(HttpServerExchange exchange) throws InterruptedException {
    awaitPermit();
    exchange.getResponseSender().send("slow");
  }

  private void awaitPermit() throws InterruptedException {
    if (!mayGoOn.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no test let the handler go on");
    }
  }

  private static void listen(WebSocketChannel channel) {
    channel.getReceiveSetter().set(new AbstractReceiveListener() {});
    channel.resumeReceives();
  }

  private static void tellsTheCurrentSpan(HttpServerExchange exchange) {
    exchange.getResponseSender().send(Span.current().getSpanContext().getSpanId());
  }
}
