package lapalma.compare.app;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import lapalma.compare.LabException;
import lapalma.compare.host.ProcFs;
import lapalma.compare.host.Subprocess;
import lapalma.compare.plan.Variant;

/** A running app. */
public final class AppProcess implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(120);
  private static final Duration EXIT = Duration.ofSeconds(30);

  /** How much of a core counts as idle, how long it must be so, and how long that is waited for. */
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

  AppProcess(
      Process process,
      long began,
      int port,
      int metricsPort,
      Path gcLog,
      Variant variant,
      Path jdk,
      Path work) {
    this.process = process;
    this.began = began;
    this.port = port;
    this.metricsPort = metricsPort;
    this.gcLog = gcLog;
    this.variant = variant;
    this.jdk = jdk;
    this.work = work;
  }

  /**
   * What it took until the first answer with 200.
   *
   * @param seconds from the start of the process
   * @param userCpu seconds of the process by then
   */
  public record Start(double seconds, double userCpu) {}

  public Start awaitReady() {
    while (System.nanoTime() - began < READY.toNanos()) {
      if (!process.isAlive()) {
        throw new LabException(
            "Variant %s ended before it answered: see %s.".formatted(variant.name(), work));
      }
      if (answers()) {
        return new Start((System.nanoTime() - began) / 1e9, cpu().user());
      }
      pause(5);
    }
    throw new LabException(
        "Variant %s did not answer in %d s: see %s."
            .formatted(variant.name(), READY.toSeconds(), work));
  }

  private boolean answers() {
    try {
      var connection = (HttpURLConnection) URI.create(url() + "/health").toURL().openConnection();
      connection.setConnectTimeout(1000);
      connection.setReadTimeout(5000);
      boolean ok = connection.getResponseCode() == 200;
      connection.getInputStream().readAllBytes();
      return ok;
    } catch (IOException e) {
      return false;
    }
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Where the variant serves metrics, or empty. */
  public String scrapeUrl() {
    return variant.telemetry().scrape().isEmpty()
        ? ""
        : "http://127.0.0.1:%d%s".formatted(metricsPort, variant.telemetry().scrape());
  }

  public long pid() {
    return process.pid();
  }

  /** Sees what share of the process's CPU time its JVM's compilers take; 0 of an app without. */
  public final class CompilerWatch {
    private final double cpu = cpu().total();
    private final Map<Path, Double> compilers = ProcFs.compilers(process.pid());

    public double share() {
      // By thread: one that ends for want of work takes its time along.
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

  /** Waits until compilers and exporters have worked off what a load has left. */
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

  /** Collects the whole heap, which the collector's log then holds. */
  public void collect() {
    Subprocess.run(
        List.of(jdk.resolve("bin/jcmd").toString(), String.valueOf(process.pid()), "GC.run"));
  }

  public String gcLog() {
    try {
      return Files.readString(gcLog);
    } catch (IOException e) {
      throw new LabException("%s cannot be read.".formatted(gcLog), e);
    }
  }

  /** Asks it to stop, and returns how many seconds that took; kills it after a while. */
  public double stop() {
    long asked = System.nanoTime();
    process.destroy();
    try {
      if (!process.waitFor(EXIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    return (System.nanoTime() - asked) / 1e9;
  }

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
    process.destroyForcibly();
  }
}
