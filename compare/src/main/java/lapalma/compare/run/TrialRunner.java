package lapalma.compare.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import lapalma.compare.LabException;
import lapalma.compare.app.AppLauncher;
import lapalma.compare.app.AppProcess;
import lapalma.compare.app.GcLog;
import lapalma.compare.backend.Certificate;
import lapalma.compare.backend.FakeBackend;
import lapalma.compare.backend.Scraper;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.ProcFs;
import lapalma.compare.load.Latencies;
import lapalma.compare.load.Load;
import lapalma.compare.load.OpenLoad;
import lapalma.compare.load.OpenLoad.Hit;
import lapalma.compare.load.OpenLoads;
import lapalma.compare.load.Wrk;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;

/** Measures one process of a variant, from its start to its exit. */
final class TrialRunner {
  /** Below it the generator may have been the limit. */
  static final double LEAST_HEADROOM = 0.1;

  static final double LEAST_RATE = 0.99;
  static final double LONGEST_DELAY_MILLIS = 10;

  private final AppLauncher launcher;
  private final CpuPinning pinning;
  private final LoadProfile profile;
  private final Wrk wrk;
  private final OpenLoads openLoads;
  private final Certificate certificate;
  private final Path folder;

  TrialRunner(
      AppLauncher launcher,
      CpuPinning pinning,
      LoadProfile profile,
      OpenLoads openLoads,
      Certificate certificate,
      Path folder) {
    this.launcher = launcher;
    this.pinning = pinning;
    this.profile = profile;
    this.wrk = new Wrk(pinning);
    this.openLoads = openLoads;
    this.certificate = certificate;
    this.folder = folder;
  }

  /**
   * @param phases is told what the trial is about to do
   */
  Trial run(int round, Variant variant, Consumer<String> phases) {
    Instant began = Instant.now();
    Path work = folder.resolve("%s-%02d".formatted(variant.name(), round));
    try (var backend = FakeBackend.counting(variant.telemetry().protocol(), certificate);
        var server = launcher.start(variant, backend, work)) {
      var trial = new Running(variant, backend, server, work);
      phases.accept("start");
      trial.start();
      phases.accept("warm-up");
      trial.warmUp();
      phases.accept("saturation");
      trial.saturate();
      phases.accept("fixed rate");
      trial.openLoad();
      phases.accept("stop");
      trial.stop();
      return trial.result(round, began);
    }
  }

  /** One trial under way. */
  private final class Running {
    private final Variant variant;
    private final FakeBackend backend;
    private final AppProcess server;
    private final Path work;
    private final String url;
    private final List<String> paths;
    private final Map<Measure, Double> values = new EnumMap<>(Measure.class);
    private final Map<Measure, String> doubts = new EnumMap<>(Measure.class);
    private final List<Double> warmUp = new ArrayList<>();
    private final long beganNanos = System.nanoTime();
    private final double stolenBefore = stolen();
    private Load saturated;
    private double compiling;
    private int rate;
    private Latencies latencies;
    private double foreignSeconds;
    private double loadedSeconds;
    private long bytesBefore;
    private long openRequests;
    private long failed;

    Running(Variant variant, FakeBackend backend, AppProcess server, Path work) {
      this.variant = variant;
      this.backend = backend;
      this.server = server;
      this.work = work;
      this.url = server.url();
      int routes = variant.workload().routes();
      this.paths =
          routes == 0
              ? List.of("/")
              : IntStream.rangeClosed(1, routes).mapToObj("/route-%d/7"::formatted).toList();
    }

    void start() {
      AppProcess.Start start = server.awaitReady();
      values.put(Measure.START, start.seconds());
      values.put(Measure.START_CPU, start.userCpu());
    }

    /**
     * With all cores: on one, the compilers wait behind the threads that answer, and the best code
     * comes a minute late.
     */
    void warmUp() {
      pinning.widen(server.pid());
      while (!SteadyState.reached(warmUp) && warmUp.size() < profile.maxWindows()) {
        var compilers = server.new CompilerWatch();
        closedLoad(profile.window());
        warmUp.add(compilers.share());
      }
      server.awaitIdle();
      pinning.narrow(server.pid());
    }

    private Load closedLoad(int seconds) {
      int connections = variant.workload().connections();
      return wrk.run(url, paths, connections, seconds, work.resolve("wrk.lua"));
    }

    void saturate() {
      var watch = new Watch();
      var compilers = server.new CompilerWatch();
      double before = server.cpu().total();
      saturated = closedLoad(profile.saturation());
      double cpu = server.cpu().total() - before;
      watch.end();
      compiling = compilers.share();
      failed += saturated.failed();
      values.put(Measure.THROUGHPUT, saturated.rate());
      values.put(Measure.CPU_SATURATED, micros(cpu, saturated.requests()));
      if (saturated.headroom() < LEAST_HEADROOM) {
        for (var measure : List.of(Measure.THROUGHPUT, Measure.CPU_SATURATED)) {
          doubts.put(
              measure,
              "wrk ran or waited for a core %.0f %% of the time: it may have been the limit"
                  .formatted(100 * (1 - saturated.headroom())));
        }
      }
      server.awaitIdle();
    }

    void openLoad() {
      rate = profile.rate(variant, saturated.rate());
      int seconds = profile.lead() + profile.open();
      OpenLoad load = openLoads.under(variant.workload());
      Path results = work.resolve("open-load");
      if (variant.app().onJvm()) {
        server.collect();
        server.awaitIdle();
      }
      bytesBefore = backend.bytes();

      Process attack = load.start(url, paths, rate, seconds, results);
      try (var scraper = Scraper.start(server.scrapeUrl())) {
        AppProcess.pause(profile.lead() * 1000L);
        // In the middle of the load, when as much is exported as comes in.
        var watch = new Watch();
        double cpuBefore = server.cpu().total();
        long from = System.currentTimeMillis();
        AppProcess.pause(profile.open() * 1000L - 500);
        double cpu = server.cpu().total() - cpuBefore;
        long to = System.currentTimeMillis();
        watch.end();
        ProcFs.Status status = server.status();
        List<Hit> hits = load.finish(attack, seconds, results);

        List<Hit> counted =
            hits.stream()
                .filter(hit -> hit.sent() >= from * 1_000_000L && hit.sent() < to * 1_000_000L)
                .toList();
        latencies = Latencies.of(counted, rate);
        openRequests = hits.size();
        failed += hits.stream().filter(hit -> hit.status() != 200).count();
        values.put(Measure.CPU, micros(cpu, counted.size()));
        values.put(Measure.P50, latencies.millis(0.5));
        values.put(Measure.P90, latencies.millis(0.9));
        values.put(Measure.P99, latencies.millis(0.99));
        values.put(Measure.P999, latencies.millis(0.999));
        values.put(Measure.RESIDENT, status.resident() / 1e6);
        values.put(Measure.THREADS, (double) status.threads());
        bytesBefore -= scraper.bytes();
        if (scraper.failed() > 0) {
          doubts.put(Measure.EXPORTED, "%d scrapes failed".formatted(scraper.failed()));
        }
        doubtOpenLoad();
      } finally {
        attack.destroyForcibly();
      }

      if (variant.app().onJvm()) {
        server.collect();
        GcLog.Interval gc = GcLog.lastInterval(server.gcLog());
        values.put(Measure.ALLOCATED, gc.allocated() / 1e3 / openRequests);
        values.put(Measure.HEAP, gc.live() / 1e6);
        values.put(Measure.GC, gc.millis() * 1000 / openRequests);
      }
    }

    private void doubtOpenLoad() {
      double achieved = latencies.achievedRate() / rate;
      double delay = latencies.delayMillis(0.99);
      String why =
          "the generator sent %.1f %% of the rate, and 1 %% of requests more than %.0f ms late"
              .formatted(100 * achieved, delay);
      if (achieved < LEAST_RATE || delay > LONGEST_DELAY_MILLIS) {
        List.of(Measure.P50, Measure.P90, Measure.P99, Measure.P999)
            .forEach(measure -> doubts.put(measure, why));
      }
      if (achieved < LEAST_RATE) {
        // Another load than that of the other trials.
        List.of(Measure.CPU, Measure.ALLOCATED, Measure.GC, Measure.EXPORTED)
            .forEach(measure -> doubts.put(measure, why));
      }
    }

    void stop() {
      values.put(Measure.STOP, server.stop());
      values.put(Measure.EXPORTED, (double) (backend.bytes() - bytesBefore) / openRequests);
    }

    Trial result(int round, Instant began) {
      double seconds = (System.nanoTime() - beganNanos) / 1e9;
      int count = pinning.server().size() + pinning.generator().size();
      removeWork();
      return new Trial(
          round,
          variant.name(),
          began,
          seconds,
          values,
          doubts,
          warmUp,
          SteadyState.reached(warmUp),
          new Trial.Checks(
              saturated.headroom(),
              latencies.achievedRate() / rate,
              latencies.delayMillis(0.99),
              failed,
              compiling),
          new Trial.Noise(
              (stolen() - stolenBefore) / seconds / count,
              foreignSeconds / loadedSeconds,
              ProcFs.loadAverage(),
              ProcFs.megahertz()));
    }

    /** What an agent logged is worth keeping only where a trial fails. */
    private void removeWork() {
      try (var files = Files.walk(work)) {
        for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new LabException("%s cannot be removed.".formatted(work), e);
      }
    }

    private double stolen() {
      return ProcFs.cores(pinning.server()).stolen() + ProcFs.cores(pinning.generator()).stolen();
    }

    /** Sees what others do on the server's cores. */
    private final class Watch {
      private final long nanos = System.nanoTime();
      private final double busy = ProcFs.cores(pinning.server()).busy();
      private final double own = server.cpu().total();

      void end() {
        foreignSeconds +=
            Math.max(
                0, ProcFs.cores(pinning.server()).busy() - busy - (server.cpu().total() - own));
        loadedSeconds += (System.nanoTime() - nanos) / 1e9 * pinning.server().size();
      }
    }
  }

  private static double micros(double cpuSeconds, long requests) {
    return cpuSeconds * 1e6 / Math.max(1, requests);
  }
}
