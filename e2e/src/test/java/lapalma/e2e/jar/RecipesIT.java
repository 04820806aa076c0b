package lapalma.e2e.jar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lapalma.e2e.support.OtlpReceiver;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Does what docs/attach.md tells those who do not type the command of their app. */
class RecipesIT {
  /** Maven compiles first. */
  private static final Duration STARTS = Duration.ofMinutes(6);

  private static final Duration ARRIVES = Duration.ofSeconds(90);
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path AGENT = ROOT.resolve("agent-config/target/lapalma-agent.jar");
  private static final Path DICE = ROOT.resolve("dice-undertow/target/dice.jar");
  private static final String OPERATOR =
      "github.com/open-telemetry/opentelemetry-operator@v0.140.0";
  private static final String SCHEMA = "config/crd/bases/opentelemetry.io_instrumentations.yaml";

  @TempDir private Path folder;
  @AutoClose private final OtlpReceiver receiver = OtlpReceiver.ofHttp();
  private final String page = Files.readString(ROOT.resolve("docs/attach.md"));
  private final int port = FreePort.find();
  private final Map<String, String> environment = new HashMap<>();

  RecipesIT() throws IOException {
    environment.put("PORT", String.valueOf(port));
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url());
  }

  @Test
  void mavenStartsTheShopWithTheAgent() throws Exception {
    isTraced(
        List.of(part("\\| Maven \\|[^|]*`(.*)` \\|").split(" ")),
        ROOT.resolve("compare/apps/shop"),
        "/items/1");
  }

  @Test
  void theArgumentOfGradlesJvmAttachesTheAgent() throws Exception {
    isTraced(dice(part("jvmArgs '(.*)'")), folder, "/");
  }

  @Test
  void systemdAcceptsTheVariableWhichAttachesTheAgent() throws Exception {
    String setting = part("`(Environment=.*)`");
    Path unit = folder.resolve("shop.service");
    Files.writeString(unit, "[Service]\n%s\nExecStart=%s\n".formatted(setting, Project.java()));
    Command verify = Command.run(List.of("systemd-analyze", "verify", unit.toString()));
    if (verify.exitCode() != Command.CANNOT_BE_RUN) {
      assertThat(verify.errors()).doesNotContain(unit.toString());
      assertThat(verify.exitCode()).isZero();
    }

    String[] variable = setting.split("=", 3);
    environment.put(variable[1], variable[2]);
    isTraced(dice(), folder, "/");
  }

  @Test
  @Tag("compose")
  void anImageOnTopOfTheAppsHasTheAgent() throws Exception {
    Files.copy(DICE, folder.resolve("dice.jar"));
    String app =
        image("app", "FROM %s\nCOPY dice.jar /\nCMD [\"java\", \"-jar\", \"/dice.jar\"]\n");
    String recorded = image("recorded", block("dockerfile").replace("FROM shop", "FROM " + app));
    List<String> run = new ArrayList<>(List.of("docker", "run", "--rm", "--network=host"));
    environment.forEach((name, value) -> run.add("--env=" + name + "=" + value));
    run.add(recorded);
    try {
      isTraced(run, folder, "/");
    } finally {
      docker("rmi --force " + recorded + " " + app);
    }
  }

  @Test
  @Tag("compose")
  void theOperatorCopiesTheAgentFromItsImage() throws Exception {
    // Any base with cp.
    String image =
        image("operator", "FROM %s\n" + part("(?m)^(COPY lapalma-agent.jar /javaagent.jar)$"));
    try {
      docker(
          "run --rm --volume=%s:/otel-auto-instrumentation-java %s cp /javaagent.jar /otel-auto-instrumentation-java/javaagent.jar"
              .formatted(folder, image));
    } finally {
      docker("rmi --force " + image);
    }
    environment.put("JAVA_TOOL_OPTIONS", " -javaagent:" + folder.resolve("javaagent.jar"));
    isTraced(dice(), folder, "/");
  }

  @Test
  void theOperatorKnowsTheResourceAndTheJarsPlace() throws Exception {
    String download = Command.run(List.of("go", "mod", "download", "-json", OPERATOR)).orFail();
    Path operator = Path.of(new ObjectMapper().readTree(download).get("Dir").asText());
    Map<?, ?> definition = yaml(Files.readString(operator.resolve(SCHEMA)));
    Map<?, ?> version = (Map<?, ?>) ((List<?>) at(definition, "spec", "versions")).get(0);
    Map<?, ?> schema = (Map<?, ?>) at(version, "schema", "openAPIV3Schema");
    Map<?, ?> resource = yaml(block("yaml"));

    assertThat(resource.get("apiVersion"))
        .isEqualTo(at(definition, "spec", "group") + "/" + version.get("name"));
    assertThat(resource.get("kind")).isEqualTo(at(definition, "spec", "names", "kind"));
    assertThat(faults("", resource, schema)).isEmpty();
    assertThat(faults("", yaml("spec: { java: { imag: a }, exporter: 4 }"), schema))
        .containsExactly(".spec.java.imag is unknown", ".spec.exporter is no object");
    assertThat(operator.resolve("internal/instrumentation/javaagent.go"))
        .content()
        .contains("\"cp\", \"/javaagent.jar\"");
  }

  /** Returns what the schema does not know, or knows as another type. */
  private static List<String> faults(String path, Object value, Map<?, ?> schema) {
    Object type = schema.get("type");
    if (!(type.equals("object") ? value instanceof Map : value instanceof String)) {
      return List.of(path + " is no " + type);
    }
    List<String> faults = new ArrayList<>();
    if (schema.get("properties") instanceof Map<?, ?> known) {
      ((Map<?, ?>) value)
          .forEach(
              (name, field) -> {
                if (known.get(name) instanceof Map<?, ?> one) {
                  faults.addAll(faults(path + "." + name, field, one));
                } else {
                  faults.add(path + "." + name + " is unknown");
                }
              });
    }
    return faults;
  }

  private static Object at(Object value, String... path) {
    for (String name : path) {
      value = ((Map<?, ?>) value).get(name);
    }
    return value;
  }

  private static Map<?, ?> yaml(String text) {
    return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(text);
  }

  private String block(String language) {
    return part("(?s)```" + language + "\n(.*?)```");
  }

  /** Returns a part of the page, with the agent's real place. */
  private String part(String pattern) {
    Matcher part = Pattern.compile(pattern).matcher(page);
    assertThat(part.find()).as(pattern).isTrue();
    return part.group(1).replace("/path/lapalma-agent.jar", AGENT.toString());
  }

  private static List<String> dice(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Project.java()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-jar", DICE.toString()));
    return command;
  }

  private String image(String name, String dockerfile) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve(name), dockerfile.formatted(SharedStack.image(ROOT, "JRE_IMAGE")));
    Files.copy(AGENT, folder.resolve(AGENT.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    String image = "lapalma-recipe-%s:%d".formatted(name, port);
    docker("build --tag %s --file %s %s".formatted(image, file, folder));
    return image;
  }

  private static void docker(String command) {
    Command.run(List.of(("docker " + command).split(" "))).orFail();
  }

  /** Starts an app, and waits until the trace of a request comes to the receiver. */
  private void isTraced(List<String> command, Path from, String path) throws Exception {
    try (ManagedProcess app =
        ManagedProcess.start("app", command, environment, from, folder.resolve("app.log"))) {
      app.awaitLogged("The agent fits the app", STARTS);
      var context = TraceContext.random();
      await("an answer")
          .atMost(ARRIVES)
          .ignoreExceptions()
          .until(() -> context.get("http://127.0.0.1:" + port + path).statusCode() == 200);
      await("a span")
          .atMost(ARRIVES)
          .untilAsserted(() -> assertThat(receiver.traceIds()).contains(context.traceId()));
    }
  }
}
