package lapalma.e2e.undertow;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.ClientExchange;
import io.undertow.client.ClientRequest;
import io.undertow.client.UndertowClient;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.ExceptionHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.server.handlers.builder.PredicatedHandlersParser;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.resource.ClassPathResourceManager;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import io.undertow.websockets.core.AbstractReceiveListener;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.xnio.IoUtils;
import org.xnio.OptionMap;

/**
 * An app that answers in every way that is hard to follow. It runs on Undertow 1.4 to 2.4, so it
 * uses what all of them have.
 */
final class AwkwardApp {
  static final String LISTENS = "The awkward app listens.";

  private static final byte[] LARGE = new byte[1 << 20];

  private final URI itself;
  private final ExecutorService executor;

  private AwkwardApp(int port, ExecutorService executor) {
    this.itself = URI.create("http://127.0.0.1:" + port);
    this.executor = executor;
  }

  /** Listens on a port; its executor's threads are "virtual" or "platform" threads. */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    var app =
        new AwkwardApp(
            port,
            args[1].equals("virtual")
                ? (ExecutorService) // not in JDK 17
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null)
                : Executors.newFixedThreadPool(4));
    Undertow.builder()
        .addHttpListener(port, "127.0.0.1")
        .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
        .setIoThreads(2)
        .setHandler(app.handler())
        .build()
        .start();
    System.out.println(LISTENS);
  }

  private HttpHandler handler() throws Exception {
    PathHandler paths =
        Handlers.path(
            Handlers.routing()
                .get("/items/{id}", answer("item"))
                .post("/items/{id}", answer("posted"))
                .get("/items/{id}/dispatched", exchange -> exchange.dispatch(answer("item")))
                .setFallbackHandler(exchange -> exchange.setStatusCode(404).endExchange()));
    paths
        .addPrefixPath("/plain", answer("plain"))
        .addPrefixPath("/templates", Handlers.pathTemplate().add("/a/{b}", answer("template")))
        .addPrefixPath(
            "/resource",
            Handlers.resource(new ClassPathResourceManager(AwkwardApp.class.getClassLoader())))
        .addPrefixPath("/app", AwkwardServlet.deploy(executor));
    addThrowing(paths);
    addAsynchronous(paths);
    addUpgrading(paths);
    addRewriting(paths);
    addCalling(paths);
    return paths;
  }

  private static HttpHandler answer(String text) {
    return exchange -> exchange.getResponseSender().send(text);
  }

  private void addThrowing(PathHandler paths) {
    HttpHandler throwing =
        exchange -> {
          throw new IllegalStateException("thrown");
        };
    paths
        .addExactPath("/thrown", throwing)
        .addExactPath("/thrown-dispatched", exchange -> exchange.dispatch(throwing))
        .addExactPath("/thrown-blocking", new BlockingHandler(throwing))
        .addExactPath(
            "/thrown-error",
            exchange -> {
              throw new StackOverflowError("thrown");
            })
        .addExactPath(
            "/thrown-wrapped",
            exchange -> {
              throw new UndeclaredThrowableException(new IOException("the cause"), "wrapped");
            })
        .addExactPath(
            "/thrown-late",
            new BlockingHandler(
                exchange -> {
                  exchange.getOutputStream().write(new byte[10]);
                  exchange.getOutputStream().flush();
                  throw new IllegalStateException("after a part of the answer");
                }))
        .addExactPath(
            "/thrown-handled",
            Handlers.exceptionHandler(throwing)
                .addExceptionHandler(
                    IllegalStateException.class,
                    exchange ->
                        exchange
                            .setStatusCode(503)
                            .getResponseSender()
                            .send(exchange.getAttachment(ExceptionHandler.THROWABLE).getMessage())))
        .addExactPath("/failed", exchange -> exchange.setStatusCode(500).endExchange())
        .addExactPath("/unavailable", exchange -> exchange.setStatusCode(503).endExchange())
        .addExactPath("/not-modified", exchange -> exchange.setStatusCode(304).endExchange());
  }

  private void addAsynchronous(PathHandler paths) {
    paths
        .addExactPath("/dispatched", exchange -> exchange.dispatch(executor, answer("dispatched")))
        .addExactPath(
            "/dispatched-task",
            exchange ->
                exchange.dispatch(executor, () -> exchange.getResponseSender().send("task")))
        .addExactPath(
            "/dispatched-twice",
            exchange ->
                exchange.dispatch(
                    executor, again -> again.dispatch(SameThreadExecutor.INSTANCE, answer("two"))))
        .addExactPath(
            "/dispatched-throws",
            exchange ->
                exchange.dispatch(
                    executor,
                    () -> {
                      throw new IllegalStateException("thrown by a task");
                    }))
        .addExactPath(
            "/rejected",
            exchange ->
                exchange.dispatch(
                    task -> {
                      throw new RejectedExecutionException("full");
                    },
                    answer("never")))
        .addExactPath(
            "/blocking", new BlockingHandler(exchange -> exchange.getOutputStream().write(LARGE)))
        .addExactPath(
            "/endless",
            new BlockingHandler(
                exchange -> {
                  while (true) {
                    exchange.getOutputStream().write(LARGE);
                  }
                }))
        .addExactPath(
            "/late",
            exchange ->
                later(exchange, () -> exchange.setStatusCode(202).getResponseSender().send("late")))
        .addExactPath(
            "/answers-and-goes-on",
            new BlockingHandler(
                exchange -> {
                  exchange.setStatusCode(201).endExchange();
                  exchange.setPersistent(false);
                }))
        .addExactPath(
            "/answers-and-dispatches",
            exchange ->
                later(
                    exchange,
                    () -> {
                      exchange.setStatusCode(504).endExchange();
                      exchange.dispatch(executor, answer("too late"));
                    }))
        .addExactPath("/closes", exchange -> IoUtils.safeClose(exchange.getConnection()))
        .addExactPath(
            "/never", exchange -> exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {}))
        .addExactPath(
            "/body",
            exchange ->
                exchange
                    .getRequestReceiver()
                    .receiveFullString((whole, text) -> whole.getResponseSender().send(text)))
        .addExactPath(
            "/body-blocking",
            new BlockingHandler(
                exchange ->
                    exchange
                        .getResponseSender()
                        .send(
                            new String(
                                exchange.getInputStream().readAllBytes(),
                                StandardCharsets.UTF_8))));
  }

  private static void later(HttpServerExchange exchange, Runnable task) {
    exchange.dispatch(
        SameThreadExecutor.INSTANCE,
        () -> exchange.getIoThread().executeAfter(task, 1, TimeUnit.MILLISECONDS));
  }

  private static void addUpgrading(PathHandler paths) {
    paths
        .addExactPath(
            "/socket",
            Handlers.websocket(
                (exchange, channel) -> {
                  channel.getReceiveSetter().set(new AbstractReceiveListener() {});
                  channel.resumeReceives();
                }))
        .addExactPath(
            "/events",
            Handlers.serverSentEvents(
                (connection, lastEventId) -> {
                  connection.send("an event");
                  connection.shutdown();
                }))
        .addExactPath(
            "/upgraded",
            exchange -> exchange.upgradeChannel((channel, ended) -> IoUtils.safeClose(channel)));
  }

  private static void addRewriting(PathHandler paths) {
    paths
        .addExactPath(
            "/rewritten",
            exchange -> {
              exchange.setRequestURI("/items/7");
              exchange.setRequestPath("/items/7");
              exchange.setRelativePath("/items/7");
              paths.handleRequest(exchange);
            })
        .addExactPath(
            "/rewritten-by-predicate",
            Handlers.predicates(
                PredicatedHandlersParser.parse(
                    "path('/') -> rewrite('/items/9')", AwkwardApp.class.getClassLoader()),
                paths))
        .addExactPath(
            "/rewritten-method",
            exchange -> {
              exchange.setRequestMethod(Methods.PUT);
              answer("put").handleRequest(exchange);
            })
        .addExactPath(
            "/rewritten-scheme",
            exchange -> {
              exchange.setRequestScheme("https");
              exchange.setQueryString("a=rewritten");
              exchange.getRequestHeaders().put(Headers.HOST, "rewritten.example:8443");
              exchange.getRequestHeaders().put(Headers.USER_AGENT, "rewritten/1");
              answer("https").handleRequest(exchange);
            })
        .addExactPath("/rewritten-peer", Handlers.proxyPeerAddress(answer("peer")))
        .addExactPath(
            "/rewritten-response",
            exchange -> {
              exchange.setStatusCode(500);
              exchange.addDefaultResponseListener(
                  ended -> {
                    ended.setStatusCode(418);
                    ended.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/tea");
                    return false;
                  });
              exchange.endExchange();
            });
  }

  private void addCalling(PathHandler paths) {
    paths
        .addPrefixPath(
            "/proxied",
            Handlers.proxyHandler(new LoadBalancingProxyClient().addHost(itself.resolve("/plain"))))
        .addExactPath(
            "/proxied-to-failure",
            Handlers.proxyHandler(
                new LoadBalancingProxyClient().addHost(itself.resolve("/failed"))))
        .addExactPath(
            "/called", exchange -> exchange.dispatch(SameThreadExecutor.INSTANCE, this::call));
  }

  /** Calls another of its paths, and answers with the status. */
  private void call(HttpServerExchange exchange) {
    exchange.dispatch(
        SameThreadExecutor.INSTANCE,
        () ->
            UndertowClient.getInstance()
                .connect(
                    answering(exchange, connection -> request(exchange, connection)),
                    itself,
                    exchange.getIoThread(),
                    exchange.getConnection().getByteBufferPool(),
                    OptionMap.EMPTY));
  }

  private void request(HttpServerExchange exchange, ClientConnection connection) {
    ClientRequest request = new ClientRequest().setMethod(Methods.GET).setPath("/plain/called");
    request.getRequestHeaders().put(Headers.HOST, itself.getAuthority());
    request.getRequestHeaders().put(new HttpString("X-Awkward"), "called");
    connection.sendRequest(
        request,
        answering(
            exchange,
            (ClientExchange sent) ->
                sent.setResponseListener(
                    answering(
                        exchange,
                        answered -> {
                          exchange.setStatusCode(answered.getResponse().getResponseCode());
                          exchange.endExchange();
                          IoUtils.safeClose(connection);
                        }))));
  }

  private interface Step<T> {
    void next(T result);
  }

  private static <T> ClientCallback<T> answering(HttpServerExchange exchange, Step<T> step) {
    return new ClientCallback<>() {
      @Override
      public void completed(T result) {
        step.next(result);
      }

      @Override
      public void failed(IOException e) {
        exchange.setStatusCode(502).endExchange();
      }
    };
  }
}
