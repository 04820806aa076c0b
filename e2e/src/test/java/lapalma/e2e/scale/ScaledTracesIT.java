package lapalma.e2e.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SentTrace;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SpanSender;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Project;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Breaks collectors, Kafka, ingesters and Cassandra once each. It compares the sent spans, one by
 * one, with the spans that query finds and with the rows in Cassandra.
 */
@Tag("scale")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScaledTracesIT {
  private static final String[] TAIL_SAMPLING = {
    "jaeger/tail-sampling.yaml", "jaeger/ingester-tail-sampling.yaml"
  };

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("engines");
  @AutoClose private final Closer closer = new Closer();
  private Kafka kafka;
  private Cassandra cassandra;

  @BeforeAll
  void start() throws Exception {
    kafka = closer.register(new Kafka(project, folder));
    cassandra = closer.register(new Cassandra(project, folder));
  }

  /**
   * The search of the Instances dashboard and of Grafana's Jaeger datasource. Unlike the newer
   * search of the API, it takes tags on every version of Jaeger.
   */
  private static void assertFoundByResourceAttributes(Jaeger query, String traceId)
      throws IOException {
    Map<String, Object> resource = RecordedSpan.ofTrace(query, traceId).get(0).resource();
    for (String attribute : List.of("service.instance.id", "service.version", "host.name")) {
      String tags = "{\"%s\":\"%s\"}".formatted(attribute, resource.get(attribute));
      String search =
          "%s/api/traces?service=dice&limit=5&start=0&end=%d000&tags=%s"
              .formatted(query.url(), Instant.now().toEpochMilli(), Http.encode(tags));
      assertThat(Http.json(search).path("data")).as(search).isNotEmpty();
    }
  }

  @Test
  void eachTraceIsFoundOnce() throws Exception {
    try (ScaledTraces form = form("once", Map.of())) {
      var sender = new SpanSender("once");
      for (int i = 0; i < 50; i++) {
        sender.sendInHalves(
            form.collectors().get(0), form.collectors().get(1), SpanSender.traces(20, 4));
      }
      List<SentTrace> sent = sender.taken();
      assertThat(sent).hasSize(1000);

      form.awaitWhole(sent);

      assertStoredOnce(form, sent);
      // One message for each half, each written once: nothing was delivered twice.
      assertThat(form.messages()).isEqualTo(2000);
      assertThat(
              ScaledTraces.sum(
                  form.ingesters(),
                  "otelcol_exporter_sent_spans_total",
                  "exporter=\"jaeger_storage_exporter\""))
          .isEqualTo(4000);
      // The key sends a trace to one partition, and both ingesters had work.
      for (Jaeger ingester : form.ingesters()) {
        assertThat(ScaledTraces.sum(List.of(ingester), "otelcol_exporter_sent_spans_total"))
            .isPositive();
      }
      report("once", "1,000 traces of 4 spans by both collectors: 2,000 messages, 4,000 rows");
    }
  }

  @Test
  void theDiceUnderTheAgentIsFound() throws Exception {
    try (ScaledTraces form = form("dice", Map.of())) {
      Jaeger collector = form.collectors().get(0);
      Jaeger sampling = form.collectors().get(1);
      List<String> rolls = new ArrayList<>();
      try (DiceProcess dice =
          DiceProcess.startAttached(
              project,
              collector.ports(),
              form.folder(),
              Map.of(
                  "JAEGER_SAMPLING_ENDPOINT",
                  sampling.ports().url(Port.JAEGER_SAMPLING) + "/api/sampling"))) {
        for (int i = 0; i < 100; i++) {
          var context = TraceContext.random();
          assertThat(context.get(dice.url() + "/").statusCode()).isEqualTo(200);
          rolls.add(context.traceId());
        }
        for (String traceId : rolls) {
          await()
              .atMost(Duration.ofSeconds(60))
              .ignoreExceptionsInstanceOf(IOException.class)
              .untilAsserted(
                  () ->
                      assertThat(RecordedSpan.ofTrace(form.query(), traceId))
                          .extracting(RecordedSpan::name)
                          .hasSize(2)
                          .contains("GET /"));
        }
        assertFoundByResourceAttributes(form.query(), rolls.get(0));
        // The collector that received the spans has counted them, for the Monitor tab.
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptionsInstanceOf(IOException.class)
            .untilAsserted(
                () ->
                    assertThat(
                            Exposition.sum(
                                collector.ports().url(Port.JAEGER_SPAN_METRICS),
                                "traces_span_metrics_calls_total",
                                "span_name=\"GET /\""))
                        .isEqualTo(100));
      }
    }
  }

  @Test
  void aKilledIngesterLosesNothing() throws Exception {
    try (ScaledTraces form = form("ingester-killed", Map.of())) {
      var sender = new SpanSender("ingester-killed");
      sender.sendFor(Duration.ofSeconds(8), form.collectors());
      form.ingesters().get(0).process().kill();
      sender.sendFor(Duration.ofSeconds(8), form.collectors());
      assertThat(sender.refused()).isEmpty();

      Instant stopped = Instant.now();
      form.awaitWhole(sender.taken());

      assertStoredOnce(form, sender.taken());
      report(
          "ingester killed",
          "%d spans, 0 missing; all found %d s after the last was sent"
              .formatted(2 * sender.taken().size(), secondsSince(stopped)));
    }
  }

  /** Shows the loss that the ingesters' configuration avoids, and that these tests see it. */
  @Test
  void aBatchBeforeTheWriteWouldLoseSpans() throws Exception {
    try (ScaledTraces form = form("ingester-batch", Map.of(), "e2e/scale/ingester-batch.yaml")) {
      var sender = new SpanSender("ingester-batch");
      sender.sendFor(Duration.ofSeconds(8), form.collectors());
      form.ingesters().get(0).process().kill();
      sender.sendFor(Duration.ofSeconds(2), form.collectors());

      form.ingesters().get(1).close();
      Set<SentTrace.Row> lost = awaitMissing(form, sender.taken());

      assertThat(lost).isNotEmpty();
      report(
          "the same with a batch of 30 s in the ingesters",
          "%d spans, %d missing".formatted(2 * sender.taken().size(), lost.size()));
    }
  }

  @Test
  void aMinuteWithoutKafkaLosesNothing() throws Exception {
    try (ScaledTraces form = form("kafka-away", Map.of())) {
      var sender = new SpanSender("kafka-away");
      sender.sendFor(Duration.ofSeconds(5), form.collectors());
      // Kafka first hangs with all connections open, then is dead, then runs again.
      kafka.hang();
      double held;
      try {
        sender.sendFor(Duration.ofSeconds(30), form.collectors());
        kafka.process().kill();
        sender.sendFor(Duration.ofSeconds(30), form.collectors());
        held = ScaledTraces.sum(form.collectors(), "otelcol_exporter_queue_size");
      } finally {
        // After a failure it may still hang.
        kafka.close();
        kafka.start();
      }
      sender.sendFor(Duration.ofSeconds(5), form.collectors());
      assertThat(sender.refused()).isEmpty();

      Instant stopped = Instant.now();
      form.awaitWhole(sender.taken());

      assertStoredOnce(form, sender.taken());
      assertThat(held).as("spans that the collectors held at the end").isGreaterThan(5_000);
      report(
          "Kafka hung for 30 s, dead for 30 s",
          "%d spans, 0 missing, at most %.0f in the collectors; all found %d s after the last was sent"
              .formatted(2 * sender.taken().size(), held, secondsSince(stopped)));
    }
  }

  @Test
  void beyondItsBufferACollectorSaysWhatItRefuses() throws Exception {
    try (ScaledTraces form = form("buffer-full", Map.of("JAEGER_QUEUE_SPANS", "1000"))) {
      var sender = new SpanSender("buffer-full");
      sender.sendFor(Duration.ofSeconds(2), form.collectors());
      form.awaitWhole(sender.taken());
      kafka.process().kill();
      kafka.process().awaitExit(Duration.ofSeconds(10));
      double refused;
      try {
        sender.sendFor(Duration.ofSeconds(20), form.collectors());
        refused =
            ScaledTraces.sum(form.collectors(), "otelcol_exporter_enqueue_failed_spans_total");
      } finally {
        kafka.start();
      }

      form.awaitWhole(sender.taken());

      assertThat(sender.attempts())
          .extracting(SpanSender.Attempt::status)
          .as("answers")
          .containsOnly(200, 503);
      assertThat(refused).isEqualTo(2.0 * sender.refused().size());
      assertStoredOnce(form, sender.taken());
      assertThat(form.rows(sender.refused())).isEmpty();
      report(
          "Kafka dead for 20 s, a buffer of 1,000 spans in each collector",
          "%d spans taken, 0 of them missing; %d refused, otelcol_exporter_enqueue_failed_spans_total %.0f"
              .formatted(2 * sender.taken().size(), 2 * sender.refused().size(), refused));
    }
  }

  @Test
  void cassandraStoppedAndStartedAgainLosesNothing() throws Exception {
    try (ScaledTraces form = form("cassandra-stopped", Map.of())) {
      var sender = new SpanSender("cassandra-stopped");
      sender.sendFor(Duration.ofSeconds(5), form.collectors());
      cassandra.close();
      try {
        sender.sendFor(Duration.ofSeconds(20), form.collectors());
      } finally {
        cassandra.start();
      }
      sender.sendFor(Duration.ofSeconds(5), form.collectors());
      assertThat(sender.refused()).isEmpty();

      Instant stopped = Instant.now();
      form.awaitWhole(sender.taken());

      assertStoredOnce(form, sender.taken());
      report(
          "Cassandra stopped, for 20 s and a start",
          "%d spans, 0 missing; all found %d s after the last was sent"
              .formatted(2 * sender.taken().size(), secondsSince(stopped)));
    }
  }

  @Test
  void aKilledCassandraThatIsAloneLosesWhatItsLogHadNotMarked() throws Exception {
    try (ScaledTraces form = form("cassandra-killed", Map.of())) {
      var sender = new SpanSender("cassandra-killed");
      sender.sendFor(Duration.ofSeconds(5), form.collectors());
      cassandra.process().kill();
      Instant kill = Instant.now();
      cassandra.process().awaitExit(Duration.ofSeconds(10));
      try {
        sender.sendFor(Duration.ofSeconds(5), form.collectors());
      } finally {
        cassandra.start();
      }
      assertThat(sender.refused()).isEmpty();

      form.awaitWhole(sentAfter(kill, sender));
      Set<SentTrace.Row> lost = awaitMissing(form, sender.taken());

      Duration oldest = ageOfOldest(sender, lost, kill);
      report(
          "Cassandra killed at 200 spans/s",
          "%d spans, %d missing, the oldest sent %d ms before the kill"
              .formatted(2 * sender.taken().size(), lost.size(), oldest.toMillis()));
      // Cassandra marks its log every 100 ms, and a span takes some time until it is written.
      assertThat(oldest).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void aKilledCollectorLosesWhatItHadNotHandedOn() throws Exception {
    try (ScaledTraces form = form("collector-killed", Map.of())) {
      var sender = new SpanSender("collector-killed");
      sender.sendFor(Duration.ofSeconds(5), form.collectors());
      Jaeger killed = form.collectors().get(0);
      killed.process().kill();
      Instant kill = Instant.now();
      sender.sendFor(Duration.ofSeconds(3), form.collectors());

      // The other collector's spans come after those that the killed one still handed to Kafka.
      form.awaitWhole(
          sender.attempts().stream()
              .filter(attempt -> attempt.taken() && attempt.collector() != killed)
              .map(SpanSender.Attempt::trace)
              .toList());
      Set<SentTrace.Row> lost = awaitMissing(form, sender.taken());

      Duration oldest = ageOfOldest(sender, lost, kill);
      report(
          "collector killed at 100 spans/s",
          "%d spans taken, %d lost, the oldest %d ms before the kill"
              .formatted(2 * sender.taken().size(), lost.size(), oldest.toMillis()));
      // 200 ms of batching, and the time in which Kafka answers on a busy machine.
      assertThat(oldest).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void tailSamplingKeepsWholeTraces() throws Exception {
    try (ScaledTraces form = form("tail", Map.of(), TAIL_SAMPLING)) {
      var sender = new SpanSender("tail");
      for (int i = 0; i < 40; i++) {
        List<SentTrace> traces = new ArrayList<>(SpanSender.traces(9, 6));
        // The error is in the half that goes to the second collector.
        traces.add(SentTrace.of(6, true));
        sender.sendInHalves(form.collectors().get(i % 2), form.collectors().get(1 - i % 2), traces);
      }
      List<SentTrace> sent = sender.taken();
      assertThat(sent).hasSize(400);
      List<SentTrace> failed = sent.stream().filter(SentTrace::failed).toList();
      List<SentTrace> others = sent.stream().filter(trace -> !trace.failed()).toList();

      form.awaitWhole(failed);
      awaitDecided(form, sent.size());

      Map<String, Long> stored =
          form.rows(sent).stream()
              .collect(Collectors.groupingBy(SentTrace.Row::traceId, Collectors.counting()));
      assertThat(stored.values()).as("spans of each kept trace").containsOnly(6L);
      assertThat(failed).allMatch(trace -> stored.containsKey(trace.traceId()));
      long kept = others.stream().filter(trace -> stored.containsKey(trace.traceId())).count();
      // A tenth of 360 is kept. None: 0.9^360 < 1e-16. 90 or more: < 1e-13 by Chernoff's bound.
      assertThat(kept).isBetween(1L, 89L);
      for (Jaeger ingester : form.ingesters()) {
        assertThat(ScaledTraces.sum(List.of(ingester), "otelcol_exporter_sent_spans_total"))
            .isPositive();
      }
      report(
          "tail sampling",
          "40 of 40 failed traces and %d of 360 others kept, each with its 6 spans"
              .formatted(kept));
    }
  }

  @Test
  void aKilledIngesterThatSamplesLosesWhatItHadNotDecided() throws Exception {
    try (ScaledTraces form =
        form("tail-killed", Map.of("JAEGER_TAIL_PERCENT", "100"), TAIL_SAMPLING)) {
      var sender = new SpanSender("tail-killed");
      sender.sendFor(Duration.ofSeconds(15), form.collectors());
      form.ingesters().get(0).process().kill();
      Instant kill = Instant.now();
      sender.sendFor(Duration.ofSeconds(5), form.collectors());
      assertThat(sender.refused()).isEmpty();

      form.awaitWhole(sentAfter(kill.plusSeconds(2), sender));
      Set<SentTrace.Row> lost = awaitMissing(form, sender.taken());

      Duration oldest = ageOfOldest(sender, lost, kill);
      report(
          "one of two ingesters with tail sampling killed at 200 spans/s",
          "%d spans taken, %d lost, the oldest %d ms before the kill"
              .formatted(2 * sender.taken().size(), lost.size(), oldest.toMillis()));
      assertThat(lost).as("a kill loses what is held in memory").isNotEmpty();
      // 5 s until the decision, which is made once a second, and the time through Kafka.
      assertThat(oldest).isLessThan(Duration.ofSeconds(8));
    }
  }

  private ScaledTraces form(String topic, Map<String, String> extra, String... overlays) {
    return new ScaledTraces(project, kafka, cassandra, topic, extra, overlays);
  }

  /** Checks that each span is one row, and that these traces have no other rows. */
  private static void assertStoredOnce(ScaledTraces form, List<SentTrace> traces) {
    assertThat(form.rows(traces))
        .containsExactlyInAnyOrderElementsOf(traces.stream().flatMap(SentTrace::rows).toList());
  }

  /** Waits until the ingesters have decided on this many traces. */
  private static void awaitDecided(ScaledTraces form, int traces) {
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () -> {
              assertThat(
                      ScaledTraces.sum(
                          form.ingesters(),
                          "otelcol_processor_tail_sampling_global_count_traces_sampled_total"))
                  .as("traces decided on")
                  .isEqualTo(traces);
              assertThat(ScaledTraces.sum(form.ingesters(), "otelcol_exporter_queue_size"))
                  .as("spans to write")
                  .isZero();
            });
  }

  private static List<SentTrace> sentAfter(Instant instant, SpanSender sender) {
    return sender.attempts().stream()
        .filter(attempt -> attempt.at().isAfter(instant))
        .map(SpanSender.Attempt::trace)
        .toList();
  }

  /**
   * Returns the spans that are missing when no more arrive: when two looks, which take seconds
   * each, find nothing new.
   */
  private static Set<SentTrace.Row> awaitMissing(ScaledTraces form, List<SentTrace> traces) {
    List<Set<SentTrace.Row>> looks = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(120))
        .untilAsserted(
            () -> {
              looks.add(new HashSet<>(form.rows(traces)));
              assertThat(looks).hasSizeGreaterThan(2);
              assertThat(looks.get(looks.size() - 1))
                  .as("rows of this look and of the second before it")
                  .isEqualTo(looks.get(looks.size() - 3));
            });
    Set<SentTrace.Row> rows = looks.get(looks.size() - 1);
    Set<SentTrace.Row> missing =
        traces.stream().flatMap(SentTrace::rows).collect(Collectors.toSet());
    missing.removeAll(rows);
    return missing;
  }

  private static Duration ageOfOldest(SpanSender sender, Set<SentTrace.Row> lost, Instant kill) {
    Set<String> ids = lost.stream().map(SentTrace.Row::traceId).collect(Collectors.toSet());
    return sender.attempts().stream()
        .filter(attempt -> ids.contains(attempt.trace().traceId()))
        .map(SpanSender.Attempt::at)
        .min(Comparator.naturalOrder())
        .map(at -> Duration.between(at, kill))
        .orElse(Duration.ZERO);
  }

  private static long secondsSince(Instant instant) {
    return Duration.between(instant, Instant.now()).toSeconds();
  }

  private static void report(String what, String measured) {
    System.out.printf("%s: %s%n", what, measured);
  }
}
