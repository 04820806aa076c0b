package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Instances;
import lapalma.e2e.support.SharedStack;
import lapalma.process.ManagedProcess;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.api.Http;
import lapalma.stack.api.PrometheusApi;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Measures what one Prometheus needs for the series of many instances of dice. It asserts that all
 * series are there, and prints the figures of docs/scale.md.
 */
@Tag("throughput")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeriesIT {
  private static final Duration INTERVAL = Duration.ofSeconds(15);
  private static final int SCRAPES = 4;
  private static final Duration SCRAPED = INTERVAL.multipliedBy(3 + SCRAPES);

  private final Project project = SharedStack.project();
  @AutoClose private Instances instances;

  @BeforeAll
  void expose() throws Exception {
    Ports ports = FreePorts.forAll();
    Path folder = SharedStack.newFolder("exposed");
    try (Jaeger jaeger = Jaeger.start(project, ports, folder);
        DiceProcess dice = DiceProcess.startAttached(project, ports, folder, Map.of())) {
      for (int i = 0; i < 20; i++) {
        for (String path : List.of("/", "/fail", "/nosuch")) {
          Http.get(dice.url() + path);
        }
      }
      instances =
          new Instances(
              Http.get(dice.url() + "/metrics").body()
                  + Http.get(ports.url(Port.AGENT_METRICS) + "/metrics").body());
      assertThat(jaeger.process().isAlive()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 1000, 5000})
  void everySeriesIsThere(int count) throws Exception {
    Ports ports = FreePorts.forAll();
    try (ManagedProcess prometheus = start(count, ports)) {
      var api = new PrometheusApi(ports.url(Port.PROMETHEUS));
      // The first scrapes, which cost more, are over.
      awaitScrapes(prometheus, 2L * count);
      Duration cpuBefore = prometheus.cpu();
      long before = instances.scrapes();
      long began = System.nanoTime();
      awaitScrapes(prometheus, (long) SCRAPES * count);
      double cpu = prometheus.cpu().minus(cpuBefore).toNanos() / 1e9;
      double seconds = (System.nanoTime() - began) / 1e9;
      double samples = (instances.scrapes() - before) * (double) instances.series();

      double series = value(api, "prometheus_tsdb_head_series");
      double resident = value(api, "process_resident_memory_bytes");
      assertThat(value(api, "sum(scrape_samples_post_metric_relabeling{job=\"instances\"})"))
          .isEqualTo((double) count * instances.series());
      long asked = System.nanoTime();
      api.query("sum by (status) (rate(http_request_duration_seconds_count[1m]))");
      double answered = (System.nanoTime() - asked) / 1e9;
      System.out.printf(
          "%,d instances of %d series, scraped every %d s: %,.0f series, %,.0f MB resident (%.2f KB each),"
              + " %.2f µs of CPU a sample (%.0f %% of a core), slowest scrape %.2f s, requests by status summed in %.2f s%n",
          count,
          instances.series(),
          INTERVAL.toSeconds(),
          series,
          resident / 1e6,
          resident / 1e3 / series,
          cpu * 1e6 / samples,
          100 * cpu / seconds,
          value(api, "max(scrape_duration_seconds)"),
          answered);
    }
  }

  private ManagedProcess start(int count, Ports ports) throws IOException {
    Path folder = SharedStack.newFolder("series");
    Files.writeString(folder.resolve("instances.yml"), instances.targets(count));
    Path configuration =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: {scrape_interval: %1$ds, scrape_timeout: %1$ds}
            scrape_configs:
              - job_name: instances
                file_sd_configs: [{files: [instances.yml]}]
              - job_name: prometheus
                static_configs: [{targets: ["127.0.0.1:%2$d"]}]
            """
                .formatted(INTERVAL.toSeconds(), ports.of(Port.PROMETHEUS)));
    ManagedProcess process =
        ManagedProcess.start(
            "prometheus",
            List.of(
                project.prometheus().toString(),
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + ports.of(Port.PROMETHEUS)),
            Map.of(),
            folder,
            folder.resolve("prometheus.log"));
    process.awaitReady(ports.url(Port.PROMETHEUS) + "/-/ready");
    return process;
  }

  /** Waits until instances have been scraped a number of times more. */
  private void awaitScrapes(ManagedProcess prometheus, long more) {
    long until = instances.scrapes() + more;
    await()
        .atMost(SCRAPED)
        .failFast("Prometheus has ended", prometheus::requireAlive)
        .untilAsserted(() -> assertThat(instances.scrapes()).isGreaterThanOrEqualTo(until));
  }

  private static double value(PrometheusApi api, String query) throws IOException {
    return api.query(query).get(0).path("value").path(1).asDouble();
  }
}
