package lapalma.e2e.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lapalma.stack.BlackboxExporter;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Part;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.Prometheus;
import lapalma.stack.VictoriaLogs;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the project and one stack of Jaeger, Prometheus, VictoriaLogs, the dice server under
 * the agent and a probe that asks it, which starts on first use and serves all tests of a run.
 */
public final class SharedStack implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedStack.class);

  /** The shared parts. */
  public record Stack(
      Ports ports,
      Jaeger jaeger,
      Prometheus prometheus,
      VictoriaLogs logs,
      DiceProcess dice,
      Closer closer)
      implements AutoCloseable {
    /** Returns the spans of a trace, in the order in which they began; none if none has come. */
    public List<RecordedSpan> spans(TraceContext context) throws IOException {
      return RecordedSpan.ofTrace(jaeger, context.traceId());
    }

    /** Waits until a trace has so many spans. */
    public List<RecordedSpan> awaitSpans(TraceContext context, int count) throws IOException {
      return RecordedSpan.awaitOfTrace(jaeger, context, count);
    }

    @Override
    public void close() {
      closer.close();
    }
  }

  public static Project project() {
    return ProjectHolder.PROJECT;
  }

  /** Makes a new folder for the files of a test's own parts. */
  public static Path newFolder(String name) {
    try {
      Path tests = Files.createDirectories(project().root().resolve("e2e/target/it"));
      return Files.createTempDirectory(tests, name + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns an image of .env, without the digest that {@code make image-digests} may have added.
   */
  public static String image(Path folder, String variable) throws IOException {
    return Files.readAllLines(folder.resolve(".env")).stream()
        .filter(line -> line.startsWith(variable + "="))
        .map(line -> line.substring(variable.length() + 1).replaceFirst("@.*", ""))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Writes the agent's configuration with changes.
   *
   * @param folder gets the file, {@code otel.yaml}
   * @param changes a text that stands in it and the one to write instead, and so on
   */
  public static Path otelYaml(Path folder, String... changes) {
    try {
      String yaml = Files.readString(project().attach().resolve("otel.yaml"));
      for (int i = 0; i < changes.length; i += 2) {
        assertThat(yaml).contains(changes[i]);
        yaml = yaml.replace(changes[i], changes[i + 1]);
      }
      return Files.writeString(folder.resolve("otel.yaml"), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Stack.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Stack.class, type -> start(), Stack.class);
  }

  private static Stack start() {
    Ports ports = FreePorts.forAll();
    Path data = newFolder("shared");
    var closer = new Closer();
    try {
      var stack =
          new Stack(
              ports,
              closer.register(Jaeger.launch(project(), ports, data, Map.of())),
              closer.register(Prometheus.launch(project(), ports, data)),
              closer.register(VictoriaLogs.launch(project(), ports, data)),
              closer.register(
                  DiceProcess.launchAttached(
                      project(), ports, data, Map.of("APP_VERSION", "1.2.3"))),
              closer);
      BlackboxExporter probe =
          closer.register(
              BlackboxExporter.launch(
                  BlackboxExporter.command(project()),
                  project(),
                  "127.0.0.1:" + ports.of(Port.BLACKBOX_EXPORTER),
                  data));
      List.of(stack.jaeger(), stack.prometheus(), stack.logs(), stack.dice(), probe)
          .forEach(Part::awaitReady);
      stack.prometheus().probe(probe.address(), ports.url(Port.DICE));
      return stack;
    } catch (RuntimeException e) {
      // The next test tries again, and the parts of a failed try would starve it.
      try (closer) {
        throw e;
      }
    }
  }

  private static final class ProjectHolder {
    private static final Project PROJECT = Project.at(Path.of(".."));
  }
}
