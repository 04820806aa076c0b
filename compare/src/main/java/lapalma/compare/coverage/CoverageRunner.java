package lapalma.compare.coverage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import lapalma.compare.LabException;
import lapalma.compare.app.AppLauncher;
import lapalma.compare.app.AppProcess;
import lapalma.compare.backend.Certificate;
import lapalma.compare.backend.Decoder;
import lapalma.compare.backend.FakeBackend;
import lapalma.compare.backend.Otlp;
import lapalma.compare.backend.Scraper;
import lapalma.compare.backend.Telemetry;
import lapalma.compare.backend.Telemetry.Span;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Protocol;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Score;
import lapalma.compare.score.Arrived;
import lapalma.compare.score.Scorer;

/** Sends the scripted requests to a variant and reads the telemetry that it emits for them. */
public final class CoverageRunner {
  /** Longer than most exporters gather spans, 5 s, and than Elastic's requests stay open, 10 s. */
  private static final long GATHERED_MILLIS = 12_000;

  private static final long BRIEFLY_GATHERED_MILLIS = 6000;

  static final int OUTAGE_REQUESTS = 50;
  private static final long OUTAGE_MILLIS = 10_000;

  /** Exporters wait longer from retry to retry. */
  private static final long AFTER_OUTAGE_MILLIS = 15_000;

  /** Most exporters send metrics once a minute. */
  private static final long METRICS_NANOS = TimeUnit.SECONDS.toNanos(75);

  private final Scorer scorer = new Scorer();
  private final AppLauncher launcher;
  private final Certificate certificate;
  private final Path folder;
  private final boolean brief;

  /**
   * Prepares the runner of a run.
   *
   * @param brief leaves out the outage, and does not wait for metrics
   */
  public CoverageRunner(AppLauncher launcher, Certificate certificate, Path folder, boolean brief) {
    this.launcher = launcher;
    this.certificate = certificate;
    this.folder = folder;
    this.brief = brief;
  }

  /** What a variant emits, and how it scores. */
  public record Covered(Coverage coverage, Score score) {}

  /** The telemetry of the app, graded and as it was sent. */
  private record Requests(CoverageFindings findings, Otlp otlp) {}

  /** The headers that the variant added to a call, and what it sent. */
  private record Outgoing(Set<String> added, Otlp otlp) {}

  /**
   * Records what a variant emits.
   *
   * @param phases receives the name of each phase as it begins
   */
  public Covered cover(Variant variant, Consumer<String> phases) {
    Path work = folder.resolve("coverage-" + variant.name());
    phases.accept("requests");
    Requests requests = requests(variant, work, phases);
    Map<Aspect, Finding> findings = requests.findings().findings();
    List<Otlp> processes = new ArrayList<>(List.of(requests.otlp()));
    App relay =
        variant.app().program().mentions("{target}") ? variant.app() : variant.app().relay();
    if (relay == null) {
      findings.put(Aspect.OUTGOING, Finding.notMeasured("the app's file names no relay"));
    } else {
      phases.accept("outgoing call");
      Outgoing outgoing = outgoing(variant.of(relay), work.resolve("relay"));
      processes.add(outgoing.otlp());
      findings.put(
          Aspect.OUTGOING, Finding.named(outgoing.added(), String.join(", ", outgoing.added())));
    }
    Instant now = Instant.now();
    Score score = scorer.score(variant, now, new Arrived(processes, Script.PARENTS));
    findings.put(Aspect.SCORE, Finding.score(score));
    findings.put(Aspect.CONVENTIONS, Finding.conventions(score));
    return new Covered(
        new Coverage(variant.name(), now, findings, requests.findings().metricNames()), score);
  }

  private Requests requests(Variant variant, Path work, Consumer<String> phases) {
    long began = System.nanoTime();
    try (var backend = FakeBackend.keeping(variant.telemetry().protocol(), certificate);
        var server = launcher.startLogged(variant, backend, work)) {
      server.awaitReady();
      App app = variant.app();
      var script = new Script(server.url(), app);
      script.play();
      AppProcess.pause(brief ? BRIEFLY_GATHERED_MILLIS : GATHERED_MILLIS);
      Telemetry scripted = Decoder.all(variant.telemetry().protocol(), backend.captured());
      Otlp otlp = otlp(variant, backend);

      boolean outage = !brief && !scripted.serverSpans().isEmpty();
      if (outage) {
        phases.accept("outage");
        backend.down();
        script.repeat(OUTAGE_REQUESTS);
        AppProcess.pause(OUTAGE_MILLIS);
        backend.up();
        script.repeat(OUTAGE_REQUESTS);
        AppProcess.pause(AFTER_OUTAGE_MILLIS);
      }
      phases.accept("metrics");
      awaitMetrics(variant, began);
      String appMetrics = app.metrics().isEmpty() ? "" : Scraper.page(server.url() + app.metrics());
      String ownMetrics = server.scrapeUrl().isEmpty() ? "" : Scraper.page(server.scrapeUrl());
      server.stop();
      Telemetry all = Decoder.all(variant.telemetry().protocol(), backend.captured());
      return new Requests(
          new CoverageFindings(
              app,
              scripted,
              all,
              Files.readString(AppProcess.log(work)),
              appMetrics,
              ownMetrics,
              outage ? OptionalInt.of(lost(app, scripted, all)) : OptionalInt.empty()),
          // Not the spans of the outage, which the lab itself has cut off from their parents.
          otlp.withMetricsOf(otlp(variant, backend)));
    } catch (IOException e) {
      throw LabException.because("The output of %s cannot be read".formatted(variant.name()), e);
    }
  }

  /** Counts the requests after the scripted ones whose spans did not arrive. */
  static int lost(App app, Telemetry scripted, Telemetry all) {
    List<Span> spans = all.serverSpans();
    boolean withPaths = spans.stream().anyMatch(span -> !span.path().isEmpty());
    // The lab reads the app's metrics at the end. Without paths, that span counts as one more.
    int made = 2 * OUTAGE_REQUESTS + (withPaths || app.metrics().isEmpty() ? 0 : 1);
    long arrived =
        spans.stream().filter(span -> !withPaths || !span.path().equals(app.metrics())).count()
            - scripted.serverSpans().size();
    return (int) Math.max(0, made - arrived);
  }

  private void awaitMetrics(Variant variant, long began) {
    while (!brief
        && variant.telemetry().protocol() != Protocol.NONE
        && variant.claims(Variant.Signal.METRICS)
        && variant.telemetry().scrape().isEmpty()
        && System.nanoTime() - began < METRICS_NANOS) {
      AppProcess.pause(1000);
    }
  }

  private static Otlp otlp(Variant variant, FakeBackend backend) {
    return Otlp.of(
        variant.telemetry().protocol() == Protocol.OTLP ? backend.captured() : List.of());
  }

  /** Looks at the headers that the agent adds to a call of the relay. */
  private Outgoing outgoing(Variant relay, Path work) {
    try (var backend = FakeBackend.keeping(relay.telemetry().protocol(), certificate);
        var server = launcher.startLogged(relay, backend, work)) {
      server.awaitReady();
      new Script(server.url(), relay.app()).repeat(1);
      server.stop(); // sends what it has gathered
      return new Outgoing(server.headersAdded(), otlp(relay, backend));
    }
  }
}
