package lapalma.e2e.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lapalma.process.ManagedProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;

/** Runs an app of the tests under the agent. */
public final class TestApp {
  private TestApp() {}

  /**
   * Starts a class with a {@code main} and waits until it answers.
   *
   * @param jvmArgs the argument file that attaches the agent
   * @param stores the ports of the stores; the app's own are others
   * @param ready the URL that answers once the app is ready
   */
  public static ManagedProcess start(
      Class<?> main,
      Path jvmArgs,
      Ports stores,
      int metricsPort,
      Path folder,
      String ready,
      String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Project.java(),
                "@" + jvmArgs,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return start(command, stores, metricsPort, folder, ready);
  }

  /** The same for an app with a launcher of its own. */
  public static ManagedProcess start(
      List<String> command, Ports stores, int metricsPort, Path folder, String ready) {
    Map<String, String> environment = new HashMap<>();
    environment.put("OTEL_SERVICE_NAME", "test-app");
    environment.put("OTEL_EXPORTER_PROMETHEUS_PORT", String.valueOf(metricsPort));
    environment.put("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", stores.url(Port.OTLP) + "/v1/traces");
    environment.put("JAEGER_SAMPLING_ENDPOINT", stores.url(Port.JAEGER_SAMPLING) + "/api/sampling");
    ManagedProcess app =
        ManagedProcess.start("test-app", command, environment, folder, folder.resolve("app.log"));
    app.awaitReady(ready);
    return app;
  }
}
