package lapalma.e2e.fit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.SharedStack;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import org.junit.jupiter.api.Test;

/** What the agent says of its choice of modules. */
class FitIT {
  private static final Duration SAYS = Duration.ofMinutes(2);

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("fit");

  @Test
  void itSaysHowManyModulesItChoseAndTheirVariablesCount() {
    List<String> dice = List.of("-jar", project.diceJar().toString());
    try (ManagedProcess app =
        start(dice, Map.of("OTEL_INSTRUMENTATION_UNDERTOW_SERVER_ENABLED", "false"))) {
      app.awaitLogged("\"Listening\"", SAYS);

      assertThat(app.logText())
          .containsPattern(
              "INFO lapalma.agent.fit.FitCustomizer - The agent fits the app: 1 libraries, \\d\\d of \\d{3} modules, in \\d+ ms\\. OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED=true enables all\\.");
      assertThat(installed(app)).contains("undertow").doesNotContain("undertow-server", "netty");
    }
    try (ManagedProcess app =
        start(dice, Map.of("OTEL_INSTRUMENTATION_NETTY_4_1_ENABLED", "true"))) {
      app.awaitLogged("\"Listening\"", SAYS);

      assertThat(installed(app)).contains("undertow-server", "netty").doesNotContain("undertow");
    }
  }

  @Test
  void upstreamsVariableEnablesAllModules() {
    try (ManagedProcess app =
        start(
            List.of("-jar", project.diceJar().toString()),
            Map.of("OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED", "true"))) {
      app.awaitLogged("\"Listening\"", SAYS);

      assertThat(app.logText()).doesNotContain("lapalma.agent.fit");
      assertThat(installed(app)).contains("undertow", "netty", "tomcat");
    }
  }

  @Test
  void anAgentOfAnotherVersionKeepsItsModules() {
    Path older =
        project.root().resolve("e2e/target/older-agents/opentelemetry-javaagent-2.33.0.jar");
    try (ManagedProcess app =
        start(older, List.of("-jar", project.diceJar().toString()), Map.of())) {
      app.awaitLogged("\"Listening\"", SAYS);

      assertThat(app.logText())
          .contains(
              "All modules of the agent are enabled, because they are known for agent 2.33.1 only, and this is 2.33.0.");
      assertThat(installed(app)).contains("undertow", "netty", "tomcat");
    }
  }

  @Test
  void whereItCannotSeeTheLibrariesAllModulesAreEnabledAndItSaysWhy() {
    try (ManagedProcess app =
        start(
            List.of(
                "-cp",
                shop().toString(),
                "org.springframework.boot.loader.launch.PropertiesLauncher"),
            Map.of())) {
      app.awaitLogged("Started Shop in", SAYS);

      assertThat(app.logText())
          .contains(
              "INFO lapalma.agent.fit.FitCustomizer - All modules of the agent are enabled, because it cannot be told which libraries the app has: org.springframework.boot.loader.launch.PropertiesLauncher loads it from places of its own.");
      assertThat(installed(app)).contains("undertow", "netty", "tomcat");
    }
  }

  /** The libraries of the shop are on the class path, and dice runs. */
  @Test
  void aLibraryThatIsLoadedLaterIsNamed() {
    String classPath =
        project.root().resolve("e2e/target/test-classes") + File.pathSeparator + shop();
    try (ManagedProcess app =
        start(
            List.of(
                "-Dlapalma.fit.looks-after=1000",
                "-cp",
                classPath,
                LateLibraryApp.class.getName(),
                project.diceJar().toString(),
                "lapalma.dice.Main"),
            Map.of())) {
      app.awaitLogged("report this row", SAYS);

      assertThat(app.logText().lines().filter(line -> line.contains("report this row")))
          .singleElement()
          .asString()
          .endsWith(
              "WARN lapalma.agent.fit.LoadedLibraries - The module undertow-1.4 is disabled, but the app has loaded its library, so its telemetry is missing: set OTEL_INSTRUMENTATION_UNDERTOW_1_4_ENABLED=true. To have it chosen by itself, report this row: 2.33.1 | undertow-1.4 | io.undertow.server.HttpHandler | %s | java.net.URLClassLoader"
                  .formatted(project.diceJar().toUri().toString().replace("///", "/")));
    }
  }

  private Path shop() {
    return project.root().resolve("compare/apps/shop/target/shop-tomcat.jar");
  }

  /** Returns the first names of the modules that the agent has installed. */
  private static List<String> installed(ManagedProcess app) {
    return app.logText()
        .lines()
        .filter(line -> line.contains(" [class ") && line.contains("Instrumentation "))
        .map(line -> line.replaceFirst(".* Instrumentation ", "").replaceFirst(" .*", ""))
        .toList();
  }

  private ManagedProcess start(List<String> app, Map<String, String> variables) {
    return start(project.attach().resolveSibling("opentelemetry-javaagent.jar"), app, variables);
  }

  private ManagedProcess start(Path agent, List<String> app, Map<String, String> variables) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Project.java(),
                "-javaagent:" + agent,
                "-Dotel.javaagent.extensions="
                    + project.attach().resolveSibling("undertow-agent-extension.jar"),
                "-Dotel.javaagent.debug=true"));
    command.addAll(app);
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("PORT", String.valueOf(FreePort.find()));
    for (String signal : List.of("TRACES", "METRICS", "LOGS")) {
      environment.put("OTEL_" + signal + "_EXPORTER", "none");
    }
    return ManagedProcess.start("app", command, environment, folder, folder.resolve("app.log"));
  }
}
