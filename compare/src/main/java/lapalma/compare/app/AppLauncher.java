package lapalma.compare.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import lapalma.compare.LabException;
import lapalma.compare.backend.Certificate;
import lapalma.compare.backend.FakeBackend;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.Jdks;
import lapalma.compare.host.Project;
import lapalma.compare.host.Subprocess;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Workload;
import lapalma.process.FreePort;

/** Starts the app as a variant describes it. */
public final class AppLauncher {
  /** Every JVM uses this collector. On one core a JVM would choose it by itself. */
  private static final String COLLECTOR = "-XX:+UseSerialGC";

  /** The variables that the programs inherit from the lab. None of them configures an agent. */
  private static final List<String> PASSED_ON = List.of("PATH", "HOME", "LANG");

  private final Project project;
  private final CpuPinning pinning;
  private final AttachedFiles attachedFiles;
  private final ClassArchives archives;
  private final Certificate certificate;

  /** The CPU time that the planted variant burns for each request. */
  private final long burnNanos;

  public AppLauncher(
      Project project,
      CpuPinning pinning,
      AttachedFiles attachedFiles,
      ClassArchives archives,
      Certificate certificate,
      long burnNanos) {
    this.project = project;
    this.pinning = pinning;
    this.attachedFiles = attachedFiles;
    this.archives = archives;
    this.certificate = certificate;
    this.burnNanos = burnNanos;
  }

  /** Starts the app without a log, which would fill the disk under load. */
  public AppProcess start(Variant variant, FakeBackend backend, Path work) {
    return start(
        variant,
        backend,
        work,
        Path.of("/dev/null"),
        program(variant),
        Map.of(),
        pinning::onServer);
  }

  /** Starts the app and keeps its log in {@code work}. */
  public AppProcess startLogged(Variant variant, FakeBackend backend, Path work) {
    return start(
        variant,
        backend,
        work,
        work.resolve("app.log"),
        program(variant),
        Map.of(),
        pinning::onAny);
  }

  /** Starts the relay, an app that calls {@code target} for each request. */
  public AppProcess startRelay(Variant variant, FakeBackend backend, Path work, String target) {
    List<String> program = onLibrariesOfDice(project.relayJar(), "lapalma.relay.Relay");
    Map<String, String> more = Map.of("TARGET", target);
    return start(variant, backend, work, work.resolve("relay.log"), program, more, pinning::onAny);
  }

  public static List<String> jvm(Workload workload, CpuPinning pinning) {
    return List.of(
        COLLECTOR,
        "-Xms%dm".formatted(workload.heap()),
        "-Xmx%dm".formatted(workload.heap()),
        // The same during the warm-up, in which the server may use all cores.
        "-XX:ActiveProcessorCount=" + pinning.server().size());
  }

  private List<String> program(Variant variant) {
    return switch (variant.app()) {
      case DICE -> List.of("-jar", project.diceJar().toString());
      case HELLO, ROUTES -> onLibrariesOfDice(project.helloJar(), "lapalma.hello.Hello");
      case BY_HAND -> List.of("-jar", project.byHandJar().toString());
      case FLASK, FLASK_INSTRUMENTED -> List.of(project.flask().resolve("app.py").toString());
    };
  }

  private List<String> onLibrariesOfDice(Path jar, String main) {
    return List.of("-cp", project.diceJar() + ":" + jar, main);
  }

  private AppProcess start(
      Variant variant,
      FakeBackend backend,
      Path work,
      Path output,
      List<String> program,
      Map<String, String> more,
      UnaryOperator<List<String>> placed) {
    int port = FreePort.find();
    int metricsPort = FreePort.find();
    Map<String, String> values = values(variant, backend, work, metricsPort);
    String arguments = variant.attachment().jvm().toString();
    if (arguments.contains("{archive}")) {
      boolean ofTheAgent = arguments.contains("{attach}");
      values.put("archive", archives.get(jdk(variant), ofTheAgent).toString());
    }
    if (arguments.contains("{pushed-metrics}")) {
      values.put("pushed-metrics", PushedMetrics.configuration(project.attach(), work).toString());
    }
    Path gcLog = work.resolve("gc.log");
    List<String> command = new ArrayList<>();
    if (variant.app().onJvm()) {
      command.add(jdk(variant).resolve("bin/java").toString());
      command.addAll(jvm(variant.workload(), pinning));
      command.add(GcLog.ARGUMENT + gcLog);
      variant
          .attachment()
          .jvm()
          .forEach(argument -> command.add(AttachedFiles.filled(variant, argument, values)));
    } else {
      if (variant.app() == Variant.App.FLASK_INSTRUMENTED) {
        command.add(project.flaskBin().resolve("opentelemetry-instrument").toString());
      }
      command.add(project.flaskBin().resolve("python").toString());
    }
    command.addAll(program);

    var builder = new ProcessBuilder(placed.apply(command)).directory(work.toFile());
    Map<String, String> environment = builder.environment();
    Map<String, String> passedOn = new HashMap<>(environment);
    passedOn.keySet().retainAll(PASSED_ON);
    environment.clear();
    environment.putAll(passedOn);
    environment.put("PORT", String.valueOf(port));
    if (variant.app() == Variant.App.ROUTES) {
      environment.put("ROUTES", String.valueOf(variant.workload().routes()));
    }
    variant
        .attachment()
        .environment()
        .forEach(
            (name, value) -> environment.put(name, AttachedFiles.filled(variant, value, values)));
    environment.putAll(more);
    try {
      Files.createDirectories(work);
      Files.deleteIfExists(gcLog);
    } catch (IOException e) {
      throw new LabException("%s cannot be written.".formatted(work), e);
    }
    builder.redirectOutput(output.toFile()).redirectError(work.resolve("app.err").toFile());
    long began = System.nanoTime();
    return new AppProcess(
        Subprocess.start(builder), began, port, metricsPort, gcLog, variant, jdk(variant), work);
  }

  private static Path jdk(Variant variant) {
    return Jdks.find(variant.jdk(), System.getenv())
        .orElseThrow(
            () ->
                new LabException(
                    "There is no JDK %d for variant %s: set JDK%d_HOME to one."
                        .formatted(variant.jdk(), variant.name(), variant.jdk())));
  }

  private Map<String, String> values(
      Variant variant, FakeBackend backend, Path work, int metricsPort) {
    Map<String, String> values = attachedFiles.values(variant);
    if (variant.attachment().jvm().toString().contains("{config}")) {
      values.put("config", attachedFiles.config(variant, work).toString());
    }
    values.put("sink", backend.url());
    values.put("sink-port", String.valueOf(backend.port()));
    values.put("work", work.toString());
    values.put("metrics-port", String.valueOf(metricsPort));
    values.put("certificate", certificate.pem().toString());
    values.put("burn", String.valueOf(burnNanos));
    return values;
  }
}
