package lapalma.compare.app;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.backend.Certificate;
import lapalma.compare.backend.FakeBackend;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.Jdks;
import lapalma.compare.host.Project;
import lapalma.compare.host.Subprocess;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Variant;
import lapalma.process.FreePort;
import org.jspecify.annotations.Nullable;

/** Starts an app as its file and a variant describe it. */
public final class AppLauncher {
  /** The variables that the programs inherit from the lab. None of them configures an agent. */
  private static final List<String> PASSED_ON = List.of("PATH", "HOME", "LANG");

  private final CpuPinning pinning;
  private final Jars jars;
  private final AttachedFiles attachedFiles;
  private final Seals seals;
  private final Certificate certificate;

  /** The CPU time that the planted variant burns for each request. */
  private final long burnNanos;

  public AppLauncher(
      Project project,
      CpuPinning pinning,
      Jars jars,
      Seals seals,
      Certificate certificate,
      long burnNanos) {
    this.pinning = pinning;
    this.jars = jars;
    this.attachedFiles = new AttachedFiles(project, jars);
    this.seals = seals;
    this.certificate = certificate;
    this.burnNanos = burnNanos;
  }

  /** Starts the app without a log, which would fill the disk under load. */
  public AppProcess start(Variant variant, FakeBackend backend, Path work) {
    return new Start(variant, backend, work).process(Path.of("/dev/null"), pinning::onServer);
  }

  /** Starts the app and keeps its log in {@code work}. */
  public AppProcess startLogged(Variant variant, FakeBackend backend, Path work) {
    return new Start(variant, backend, work).process(AppProcess.log(work), pinning::onAny);
  }

  public static List<String> jvm(App app, CpuPinning pinning) {
    return List.of(
        app.load().collector().flag(),
        "-Xms%dm".formatted(app.load().heap()),
        "-Xmx%dm".formatted(app.load().heap()),
        // The same during the warm-up, in which the server may use all cores.
        "-XX:ActiveProcessorCount=" + pinning.server().size());
  }

  private static Path jdk(Variant variant) {
    return Jdks.find(variant.jdk(), System.getenv())
        .orElseThrow(
            () ->
                new LabException(
                    "There is no JDK %d for variant %s: set JDK%d_HOME to one."
                        .formatted(variant.jdk(), variant.name(), variant.jdk())));
  }

  /** One start of one variant. */
  private final class Start {
    private final Variant variant;
    private final App app;
    private final Path work;
    private final int port = FreePort.find();
    private final int metricsPort = FreePort.find();
    private final Path gcLog;
    private final Placeholders attached;
    private final Placeholders own;

    Start(Variant variant, FakeBackend backend, Path work) {
      this.variant = variant;
      this.app = variant.app();
      this.work = work;
      this.gcLog = work.resolve("gc.log");
      this.attached = attachedFiles.values(variant);
      attached.put("sink", backend.url());
      attached.put("sink-port", backend.port());
      attached.put("statsd-port", backend.statsdPort());
      attached.put("work", work);
      attached.put("metrics-port", metricsPort);
      attached.put("certificate", certificate.pem());
      attached.put("burn", burnNanos);
      this.own = new Placeholders("The file of app " + app.name());
      own.put("port", port);
      own.put("work", work);
      own.put("here", jars.folder(app));
      own.put("app", app.name());
    }

    AppProcess process(Path output, UnaryOperator<List<String>> placed) {
      CalledService called = app.program().mentions("{target}") ? new CalledService() : null;
      try {
        return process(output, placed, called);
      } catch (RuntimeException e) {
        if (called != null) {
          called.close();
        }
        throw e;
      }
    }

    private AppProcess process(
        Path output, UnaryOperator<List<String>> placed, @Nullable CalledService called) {
      if (called != null) {
        own.put("target", called.url());
      }
      try {
        Files.createDirectories(work);
        Files.deleteIfExists(gcLog);
      } catch (IOException e) {
        throw LabException.because("%s cannot be written".formatted(work), e);
      }
      Path jdk = jdk(variant);
      var builder = new ProcessBuilder(placed.apply(command())).directory(work.toFile());
      Map<String, String> environment = builder.environment();
      Map<String, String> passedOn = new HashMap<>(environment);
      passedOn.keySet().retainAll(PASSED_ON);
      environment.clear();
      environment.putAll(passedOn);
      environment.putAll(own.in(app.program().environment()));
      environment.putAll(attached.in(variant.attachment().environment()));
      builder.redirectOutput(output.toFile()).redirectError(work.resolve("app.err").toFile());
      long began = System.nanoTime();
      return new AppProcess(
          Subprocess.start(builder), began, port, metricsPort, gcLog, variant, jdk, work, called);
    }

    private List<String> command() {
      List<String> command = new ArrayList<>();
      command.add(jdk(variant).resolve("bin/java").toString());
      command.addAll(jvm(app, pinning));
      command.add(GcLog.ARGUMENT + gcLog);
      command.addAll(attachedArguments());
      command.addAll(program());
      app.program().arguments().forEach(argument -> command.add(own.in(argument)));
      return command;
    }

    private List<String> attachedArguments() {
      List<String> arguments = variant.attachment().jvm();
      if (isSealed()) {
        List<String> unsealed =
            arguments.stream().filter(one -> !one.contains("{sealed}")).map(attached::in).toList();
        attached.put("sealed", seals.get(variant.name(), jdk(variant), unsealed));
      }
      return arguments.stream().map(attached::in).toList();
    }

    private boolean isSealed() {
      return variant.attachment().jvm().toString().contains("{sealed}");
    }

    private List<String> program() {
      String jar = (isSealed() ? seals.jar(jdk(variant)) : jars.of(app)).toString();
      if (app.program().main().isEmpty()) {
        return List.of("-jar", jar);
      }
      String classPath =
          Stream.concat(
                  Stream.of(jar),
                  app.program().classPath().stream()
                      .map(path -> jars.besides(app, path).toString()))
              .collect(Collectors.joining(File.pathSeparator));
      return List.of("-cp", classPath, app.program().main());
    }
  }
}
