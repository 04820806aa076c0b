package lapalma.compare.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
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
import lapalma.compare.load.Wrk;
import lapalma.compare.plan.App;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Delivered;
import lapalma.compare.result.Delivered.Spans;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;

/** Measures one process of a variant, from its start to its exit. */
final class TrialRunner {
  private static final double MOST_FAILED = 0.001;

  private final AppLauncher launcher;
  private final CpuPinning pinning;
  private final LoadProfile profile;
  private final Wrk wrk;
  private final Optional<OpenLoad> openLoad;
  private final Certificate certificate;
  private final Path folder;

  TrialRunner(
      AppLauncher launcher,
      CpuPinning pinning,
      LoadProfile profile,
      Optional<OpenLoad> openLoad,
      Certificate certificate,
      Path folder) {
    this.launcher = launcher;
    this.pinning = pinning;
    this.profile = profile;
    this.wrk = new Wrk(pinning);
    this.openLoad = openLoad;
    this.certificate = certificate;
    this.folder = folder;
  }

  /**
   * Runs a trial.
   *
   * @param phases receives the name of each phase as it begins
   */
  Trial run(int round, Variant variant, Consumer<String> phases) {
    Path work = folder.resolve("%s-%02d".formatted(variant.name(), round));
    try (var backend = FakeBackend.counting(variant.telemetry().protocol(), certificate);
        var server = launcher.start(variant, backend, work)) {
      var running = new Running(round, variant, server, work);
      phases.accept("start");
      AppProcess.Start start = server.awaitReady();
      if (openLoad.isEmpty()) {
        Trial trial =
            running.trial(
                Map.of(Measure.START, start.seconds(), Measure.START_CPU, start.userCpu()),
                Map.of(),
                List.of(),
                true,
                new Trial.Checks(1, 1, 0, 0, 0),
                0,
                Optional.empty());
        server.stop();
        remove(work);
        return trial;
      }
      phases.accept("warm-up");
      List<Double> warmUp = running.warmUp();
      phases.accept("saturation");
      long saturating = System.currentTimeMillis();
      Saturation saturation = running.saturate();
      long saturated = System.currentTimeMillis();
      phases.accept("fixed rate");
      running.collect();
      long bytesBefore = backend.bytes();
      FixedRate fixedRate = running.fixedRate(openLoad.get(), profile.rate(variant.app()));
      Optional<GcLog.Interval> gc = running.gc();
      phases.accept("stop");
      // Dice takes 0.2 s more to stop if a request ended in the half second before it.
      AppProcess.pause(AppProcess.QUIET_MILLIS);
      OptionalDouble stopSeconds = server.stop();
      long exported = backend.bytes() - bytesBefore + fixedRate.scrapedBytes();

      Map<Measure, Double> values = new EnumMap<>(Measure.class);
      values.put(Measure.START, start.seconds());
      values.put(Measure.START_CPU, start.userCpu());
      values.putAll(saturation.values());
      values.putAll(fixedRate.values());
      gc.ifPresent(interval -> values.putAll(fixedRate.values(interval)));
      stopSeconds.ifPresent(seconds -> values.put(Measure.STOP, seconds));
      values.put(Measure.EXPORTED, (double) exported / fixedRate.all().size());
      Map<Measure, String> doubts = new EnumMap<>(Measure.class);
      doubts.putAll(saturation.doubts());
      doubts.putAll(fixedRate.doubts());
      if (stopSeconds.isEmpty()) {
        String killed = "the process had to be killed, with the telemetry that it had not sent";
        List.of(Measure.STOP, Measure.EXPORTED).forEach(measure -> doubts.put(measure, killed));
      }
      var trial =
          running.trial(
              values,
              doubts,
              warmUp,
              SteadyState.reached(warmUp),
              new Trial.Checks(
                  saturation.load().headroom(),
                  fixedRate.achieved(),
                  fixedRate.delayMillis(),
                  saturation.load().failed() + fixedRate.failed(),
                  saturation.compiling()),
              saturation.foreign().plus(fixedRate.foreign()).share(),
              Optional.of(
                      new Delivered(
                          new Spans(
                              backend.serverSpans(saturating, saturated),
                              variant.sampled() * saturation.load().requests()),
                          new Spans(
                              backend.serverSpans(saturated, Long.MAX_VALUE),
                              variant.sampled() * fixedRate.answered())))
                  .filter(Delivered::isCounted));
      remove(work);
      return trial;
    }
  }

  private double stolen() {
    return ProcFs.cores(pinning.server()).stolen() + ProcFs.cores(pinning.generator()).stolen();
  }

  /**
   * Removes the folder of a trial as far as possible: what is left of it must not cost the trial. A
   * failed trial keeps its folder, for the agent's log.
   */
  private static void remove(Path work) {
    try (var files = Files.walk(work)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // The next run of the same trial overwrites the files.
    }
  }

  /**
   * Returns the reason to doubt what a load measured if more than one in a thousand of its requests
   * failed: a failure costs another time than an answer.
   */
  static Optional<String> failures(long failed, long requests) {
    return failed > MOST_FAILED * requests
        ? Optional.of("%d of %d requests were not answered with 200".formatted(failed, requests))
        : Optional.empty();
  }

  static double micros(double cpuSeconds, long requests) {
    return cpuSeconds * 1e6 / Math.max(1, requests);
  }

  /** The phases of a trial in which its process has work. */
  private final class Running {
    private final Instant began = Instant.now();
    private final long beganNanos = System.nanoTime();
    private final double stolenBefore = stolen();
    private final int round;
    private final Variant variant;
    private final AppProcess server;
    private final Path work;
    private final App.Load asked;

    Running(int round, Variant variant, AppProcess server, Path work) {
      this.round = round;
      this.variant = variant;
      this.server = server;
      this.work = work;
      this.asked = variant.app().load();
    }

    Trial trial(
        Map<Measure, Double> values,
        Map<Measure, String> doubts,
        List<Double> warmUp,
        boolean steady,
        Trial.Checks checks,
        double foreign,
        Optional<Delivered> delivered) {
      double seconds = (System.nanoTime() - beganNanos) / 1e9;
      int cores = pinning.server().size() + pinning.generator().size();
      return new Trial(
          round,
          variant.name(),
          began,
          seconds,
          values,
          doubts,
          warmUp,
          steady,
          checks,
          new Trial.Noise(
              (stolen() - stolenBefore) / seconds / cores,
              foreign,
              ProcFs.loadAverage(),
              ProcFs.megahertz()),
          delivered);
    }

    /**
     * Warms up the process on all cores: on one core, the compilers wait behind the threads that
     * answer, and the best code comes a minute later.
     *
     * @return the compilers' share of the CPU time in each window
     */
    List<Double> warmUp() {
      List<Double> shares = new ArrayList<>();
      pinning.widen(server.pid());
      while (!SteadyState.reached(shares) && shares.size() < profile.maxWindows(variant.app())) {
        var compilers = server.new CompilerWatch();
        closedLoad(profile.window());
        shares.add(compilers.share());
      }
      server.awaitIdle();
      pinning.narrow(server.pid());
      return shares;
    }

    private Load closedLoad(int seconds) {
      return wrk.run(server.url(), asked, seconds, work);
    }

    Saturation saturate() {
      var watch = new ForeignLoad.Watch(server, pinning.server());
      var compilers = server.new CompilerWatch();
      double before = server.cpu().total();
      Load load = closedLoad(profile.saturation());
      double cpu = server.cpu().total() - before;
      ForeignLoad foreign = watch.end();
      double compiling = compilers.share();
      server.awaitIdle();
      return new Saturation(load, cpu, compiling, foreign);
    }

    /** Collects the heap. The collector's work under the open load counts from here on. */
    void collect() {
      server.collect();
      server.awaitIdle();
    }

    FixedRate fixedRate(OpenLoad load, int rate) {
      int seconds = profile.lead() + profile.open();
      Path results = work.resolve("open-load");
      Process attack = load.start(server.url(), asked, rate, seconds, results);
      try (var scraper = Scraper.start(server.scrapeUrl())) {
        AppProcess.pause(profile.lead() * 1000L);
        // Measured in the middle of the load, when the agent exports as much as comes in.
        var watch = new ForeignLoad.Watch(server, pinning.server());
        double cpuBefore = server.cpu().total();
        long from = System.currentTimeMillis();
        AppProcess.pause(profile.open() * 1000L - 500);
        double cpu = server.cpu().total() - cpuBefore;
        long to = System.currentTimeMillis();
        ForeignLoad foreign = watch.end();
        ProcFs.Status status = server.status();
        List<Hit> hits = load.finish(attack, seconds, results);

        List<Hit> counted =
            hits.stream()
                .filter(hit -> hit.sent() >= from * 1_000_000L && hit.sent() < to * 1_000_000L)
                .toList();
        return new FixedRate(
            rate,
            hits,
            counted,
            Latencies.of(counted, rate),
            cpu,
            status,
            scraper.bytes(),
            scraper.failed(),
            foreign);
      } finally {
        attack.destroyForcibly();
      }
    }

    /** Returns the collector's work since {@link #collect()}, if its log tells that. */
    Optional<GcLog.Interval> gc() {
      if (asked.collector() != App.Collector.SERIAL) {
        return Optional.empty();
      }
      server.collect();
      return Optional.of(GcLog.lastInterval(server.gcLog()));
    }
  }
}
