package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TestApp;
import lapalma.e2e.support.TraceContext;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The server module beneath servlets and JAX-RS, and under a launcher with many class loaders. */
@ExtendWith(SharedStack.class)
class BeneathFrameworksIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);

  /** The one span of each request, and its exception if there is one. */
  private static final Map<String, String> SPANS = new LinkedHashMap<>();

  static {
    SPANS.put("/shop/plain/4711", "GET /shop/plain/* []");
    SPANS.put("/shop/plain/fail", "GET /shop/plain/* [servlet]");
    SPANS.put("/shop/late/4711", "GET /shop/late/* []");
    SPANS.put("/shop/api/items/4711", "GET /shop/api/items/{id} []");
    SPANS.put(
        "/shop/api/items/fail",
        "GET /shop/api/items/{id} [java.lang.IllegalStateException: resource]");
    SPANS.put("/nothing", "GET []");
  }

  private static final List<String> COUNTED =
      List.of(
          "/shop/plain/* 200",
          "/shop/plain/* 500",
          "/shop/late/* 200",
          "/shop/api/items/{id} 200",
          "/shop/api/items/{id} 500",
          "none 404");

  private final Stack stack;
  private final int port = FreePort.find();
  private final int metricsPort = FreePort.find();
  private final String url = "http://127.0.0.1:" + port;

  BeneathFrameworksIT(Stack stack) throws IOException {
    this.stack = stack;
  }

  @Test
  void eachRequestOfAServletOrResourceHasOneSpanAndIsCountedOnce() throws Exception {
    try (ManagedProcess app =
        TestApp.start(
            ServletApp.class,
            arguments(SharedStack.newFolder("servlets"), "undertow_server, servlet, jaxrs"),
            stack.ports(),
            metricsPort,
            SharedStack.newFolder("servlets-app"),
            url + "/shop/plain/ready",
            String.valueOf(port))) {
      Map<String, Long> before = counts();
      Map<String, TraceContext> sampled = new LinkedHashMap<>();
      for (String path : SPANS.keySet()) {
        var context = TraceContext.random();
        sampled.put(path, context);
        context.get(url + path);
        TraceContext.random().getUnsampled(url + path);
      }

      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () -> {
                Map<String, String> spans = new LinkedHashMap<>();
                for (var one : sampled.entrySet()) {
                  spans.put(one.getKey(), spans(one.getValue()));
                }
                assertThat(spans).isEqualTo(SPANS);
              });
      Map<String, Long> expected = new LinkedHashMap<>(before);
      COUNTED.forEach(series -> expected.merge(series, 2L, Long::sum));
      await().atMost(ARRIVES).untilAsserted(() -> assertThat(counts()).isEqualTo(expected));
      app.requireAlive();
    }
  }

  /** Each module of such an app has a class loader of its own, as in WildFly. */
  @Test
  void anAppUnderJBossModulesIsTraced() throws Exception {
    Path folder = SharedStack.newFolder("jboss-modules");
    Path modules = folder.resolve("modules");
    module(modules, "io.undertow", "", jars("undertow-core|xnio|jboss-|wildfly-|smallrye"));
    module(
        modules,
        "app",
        "<main-class name='%s'/>".formatted(RoutingApp.class.getName()),
        jars("test-classes"));
    var command =
        new ArrayList<>(List.of(Project.java(), "@" + arguments(folder, "undertow_server"), "-cp"));
    command.addAll(
        List.of(
            jars("/jboss-modules").get(0),
            "org.jboss.modules.Main",
            "-mp",
            modules.toString(),
            "app",
            String.valueOf(port)));
    try (ManagedProcess app =
        TestApp.start(command, stack.ports(), metricsPort, folder, url + "/plain")) {
      var context = TraceContext.random();
      context.get(url + "/items/4711");

      await()
          .atMost(ARRIVES)
          .untilAsserted(() -> assertThat(spans(context)).isEqualTo("GET /items/{id} []"));
      assertThat(counts()).containsEntry("/items/{id} 200", 1L);
      app.requireAlive();
    }
  }

  private static void module(Path modules, String name, String main, List<String> jars)
      throws IOException {
    Path folder = modules.resolve(name.replace('.', '/')).resolve("main");
    Files.createDirectories(folder);
    var resources = new StringBuilder();
    jars.forEach(jar -> resources.append("<resource-root path='%s'/>".formatted(jar)));
    String dependency = main.isEmpty() ? "" : "<module name='io.undertow'/>";
    Files.writeString(
        folder.resolve("module.xml"),
        """
        <module xmlns='urn:jboss:module:1.9' name='%s'>%s<resources>%s</resources><dependencies>%s
          <module name='java.se'/><module name='jdk.unsupported'/></dependencies></module>
        """
            .formatted(name, main, resources, dependency));
  }

  private static List<String> jars(String pattern) {
    Pattern wanted = Pattern.compile(pattern);
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
        .filter(path -> wanted.matcher(path).find())
        .toList();
  }

  private String spans(TraceContext context) throws IOException {
    return String.join(
        ", ",
        stack.spans(context).stream()
            .map(
                span ->
                    "%s %s"
                        .formatted(
                            span.name(),
                            span.events().stream()
                                .map(event -> event.get("exception.message"))
                                .toList()))
            .toList());
  }

  /** How often each route and status was counted. */
  private Map<String, Long> counts() throws IOException {
    Map<String, Long> counts = new LinkedHashMap<>();
    Pattern.compile("(?m)^http_server_request_duration_seconds_count\\{(.*)} (\\d+)")
        .matcher(Http.get("http://127.0.0.1:" + metricsPort + "/metrics").body())
        .results()
        .forEach(
            line ->
                counts.merge(
                    label(line, "http_route") + " " + label(line, "http_response_status_code"),
                    Long.valueOf(line.group(2)),
                    Long::sum));
    return counts;
  }

  private static String label(MatchResult line, String name) {
    var value = Pattern.compile(name + "=\"([^\"]*)\"").matcher(line.group(1));
    return value.find() ? value.group(1) : "none";
  }

  private static Path arguments(Path folder, String modules) throws IOException {
    Project project = SharedStack.project();
    Path config = SharedStack.otelYaml(folder, "enabled: [undertow_server", "enabled: [" + modules);
    return Files.writeString(
        folder.resolve("jvm.args"),
        Files.readString(project.attachArgs())
            .replace(project.attach().resolve("otel.yaml").toString(), config.toString()));
  }
}
