package lapalma.compare.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.host.ProcFs;
import lapalma.compare.host.Subprocess;
import lapalma.compare.plan.Variant;
import org.jspecify.annotations.Nullable;

/** A running app. */
public final class AppProcess implements AutoCloseable {
  /** A large server with an agent takes a minute on one core. */
  private static final Duration READY = Duration.ofSeconds(240);

  /** A server that still starts may answer with an error; for so long, none does. */
  private static final Duration WRONG = Duration.ofSeconds(5);

  private static final Duration EXIT = Duration.ofSeconds(30);

  /** Longer than the half second without a request after which dice stops without waiting. */
  public static final long QUIET_MILLIS = 600;

  /** An app is idle that uses less than this share of a core for {@link #IDLE_MILLIS}. */
  private static final double IDLE = 0.05;

  private static final long IDLE_MILLIS = 500;
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(15);

  private final Process process;
  private final long began;
  private final int port;
  private final int metricsPort;
  private final Path gcLog;
  private final Variant variant;
  private final Path jdk;
  private final Path work;
  private final @Nullable CalledService called;

  AppProcess(
      Process process,
      long began,
      int port,
      int metricsPort,
      Path gcLog,
      Variant variant,
      Path jdk,
      Path work,
      @Nullable CalledService called) {
    this.process = process;
    this.began = began;
    this.port = port;
    this.metricsPort = metricsPort;
    this.gcLog = gcLog;
    this.variant = variant;
    this.jdk = jdk;
    this.work = work;
    this.called = called;
  }

  /** Returns the file that keeps the output of an app that is started with a log. */
  public static Path log(Path work) {
    return work.resolve("app.log");
  }

  /** Returns the headers that the agent added to the calls of an app that calls another service. */
  public Set<String> headersAdded() {
    return called == null ? Set.of() : called.added();
  }

  /**
   * The time and the CPU that a start takes until the first answer with 200.
   *
   * @param seconds since the start of the process
   * @param userCpu seconds of user CPU that the process has used
   */
  public record Start(double seconds, double userCpu) {}

  /**
   * Waits for the first right answer.
   *
   * @throws LabException when the process ends, has not answered in time, or refuses the request
   */
  public Start awaitReady() {
    long wrongSince = 0;
    while (System.nanoTime() - began < READY.toNanos()) {
      if (!process.isAlive()) {
        throw new LabException(
            "Variant %s ended with exit code %d before it answered: %s. See %s."
                .formatted(variant.name(), process.exitValue(), lastError(), work));
      }
      int status = status(variant.app().ready());
      if (status == 200) {
        return new Start((System.nanoTime() - began) / 1e9, cpu().user());
      }
      boolean wrong = status >= 300 && status < 500;
      wrongSince = !wrong ? 0 : wrongSince == 0 ? System.nanoTime() : wrongSince;
      if (wrong && System.nanoTime() - wrongSince > WRONG.toNanos()) {
        throw new LabException(
            "Variant %s answers %s with status %d: ready in the file of app %s must name a path that answers 200."
                .formatted(variant.name(), variant.app().ready(), status, variant.app().name()));
      }
      pause(5);
    }
    throw new LabException(
        "Variant %s did not answer in %d s: see %s."
            .formatted(variant.name(), READY.toSeconds(), work));
  }

  /** Returns the last line that the process wrote to stderr. */
  private String lastError() {
    try (Stream<String> lines = Files.lines(work.resolve("app.err"))) {
      return lines
          .filter(line -> !line.isBlank())
          .reduce((first, second) -> second)
          .orElse("it wrote nothing to stderr");
    } catch (IOException | UncheckedIOException e) {
      return "what it wrote to stderr cannot be read";
    }
  }

  /** Returns the status that a path answers with, or 0 where nothing answers. */
  private int status(String path) {
    try {
      var connection = (HttpURLConnection) URI.create(url() + path).toURL().openConnection();
      connection.setConnectTimeout(1000);
      connection.setReadTimeout(5000);
      connection.setInstanceFollowRedirects(false);
      int status = connection.getResponseCode();
      if (status < 400) {
        connection.getInputStream().readAllBytes();
      }
      return status;
    } catch (IOException e) {
      return 0;
    }
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns the URL at which the variant serves metrics, or an empty string. */
  public String scrapeUrl() {
    return variant.telemetry().scrape().isEmpty()
        ? ""
        : "http://127.0.0.1:%d%s".formatted(metricsPort, variant.telemetry().scrape());
  }

  public long pid() {
    return process.pid();
  }

  /**
   * Measures the share of the process's CPU time that the JVM's compilers take; 0 without a JVM.
   */
  public final class CompilerWatch {
    private final double cpu = cpu().total();
    private final Map<Path, Double> compilers = ProcFs.compilers(process.pid());

    public double share() {
      // By thread: the time of a compiler thread that ends is no longer in the sum.
      double seconds =
          ProcFs.compilers(process.pid()).entrySet().stream()
              .mapToDouble(
                  thread -> thread.getValue() - compilers.getOrDefault(thread.getKey(), 0.0))
              .sum();
      return seconds / Math.max(cpu().total() - cpu, 1 / ProcFs.TICKS_PER_SECOND);
    }
  }

  public ProcFs.Cpu cpu() {
    requireAlive();
    return ProcFs.cpu(process.pid());
  }

  public ProcFs.Status status() {
    requireAlive();
    return ProcFs.status(process.pid());
  }

  private void requireAlive() {
    if (!process.isAlive()) {
      throw new LabException("Variant %s has ended: see %s.".formatted(variant.name(), work));
    }
  }

  /** Waits until the compilers and exporters have done the work that a load has left. */
  public void awaitIdle() {
    long deadline = System.nanoTime() + IDLE_LIMIT.toNanos();
    double before = cpu().total();
    while (System.nanoTime() < deadline) {
      pause(IDLE_MILLIS);
      double now = cpu().total();
      if (now - before <= IDLE * IDLE_MILLIS / 1000) {
        return;
      }
      before = now;
    }
  }

  /** Makes the JVM collect the whole heap, which the collector's log records. */
  public void collect() {
    Subprocess.run(
        List.of(jdk.resolve("bin/jcmd").toString(), String.valueOf(process.pid()), "GC.run"));
  }

  public String gcLog() {
    try {
      return Files.readString(gcLog);
    } catch (IOException e) {
      throw LabException.because("%s cannot be read".formatted(gcLog), e);
    }
  }

  /**
   * Sends SIGTERM, and SIGKILL after {@link #EXIT}.
   *
   * @return the seconds until the process ended, or nothing if it had to be killed
   */
  public OptionalDouble stop() {
    long asked = System.nanoTime();
    process.destroy();
    try {
      if (process.waitFor(EXIT.toSeconds(), TimeUnit.SECONDS)) {
        return OptionalDouble.of((System.nanoTime() - asked) / 1e9);
      }
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    return OptionalDouble.empty();
  }

  /**
   * Waits.
   *
   * @throws LabException when the thread is interrupted
   */
  public static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("Interrupted.", e);
    }
  }

  @Override
  public void close() {
    // The next process must not share the cores with what is left of this one.
    process.destroyForcibly().onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    if (called != null) {
      called.close();
    }
  }
}
