package lapalma.e2e.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lapalma.e2e.jaeger.JaegerFile;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SentTrace;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Project;
import lapalma.stack.api.Exposition;

/**
 * The form of many machines in small: two collectors, its own topic in Kafka, two ingesters,
 * Cassandra and one query.
 */
final class ScaledTraces implements AutoCloseable {
  static final String KEYSPACE = "jaeger";
  private static final int PARTITIONS = 12;
  private static final Duration SETTLED = Duration.ofSeconds(60);
  private static final Duration FOUND = Duration.ofSeconds(240);

  private final Project project;
  private final Kafka kafka;
  private final Cassandra cassandra;
  private final Path folder;
  private final String topic;
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> ingesterConfigurations = new ArrayList<>();
  private final List<Jaeger> collectors = new ArrayList<>();
  private final List<Jaeger> ingesters = new ArrayList<>();
  private Jaeger query;

  /**
   * Starts all parts and waits until the ingesters share the topic.
   *
   * @param topic the name of the topic and of the ingesters' group
   * @param extra variables for all parts
   * @param overlays laid over the ingesters' configuration
   */
  ScaledTraces(
      Project project,
      Kafka kafka,
      Cassandra cassandra,
      String topic,
      Map<String, String> extra,
      String... overlays) {
    this.project = project;
    this.kafka = kafka;
    this.cassandra = cassandra;
    this.topic = topic;
    this.folder = SharedStack.newFolder(topic);
    environment.put("KAFKA_BROKERS", kafka.brokers());
    environment.put("KAFKA_TOPIC", topic);
    environment.put("KAFKA_GROUP", topic);
    environment.put("CASSANDRA_PORT", String.valueOf(cassandra.port()));
    environment.put("CASSANDRA_KEYSPACE", KEYSPACE);
    environment.putAll(extra);
    ingesterConfigurations.add(JaegerFile.of(project, "jaeger/ingester.yaml", folder));
    ingesterConfigurations.addAll(List.of(overlays));
    kafka.createTopic(topic, PARTITIONS);
    try {
      for (int i = 1; i <= 2; i++) {
        collectors.add(start("collector-" + i, List.of("jaeger/collector.yaml")));
        ingesters.add(start("ingester-" + i, ingesterConfigurations));
      }
      query = start("query", List.of("jaeger/query.yaml"));
      awaitShares();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Jaeger start(String name, List<String> configurations) {
    return Jaeger.start(name, project, FreePorts.forAll(), folder, environment, configurations);
  }

  /** Waits until both ingesters read the same number of partitions. */
  private void awaitShares() {
    double half = PARTITIONS / 2.0;
    await()
        .atMost(SETTLED)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () -> assertThat(shares()).as("partitions of " + topic).containsExactly(half, half));
  }

  private List<Double> shares() throws IOException {
    List<Double> shares = new ArrayList<>();
    for (Jaeger ingester : ingesters) {
      String url = ingester.ports().url(Port.JAEGER_METRICS);
      shares.add(
          Exposition.sum(url, "otelcol_kafka_receiver_partition_start_total")
              - Exposition.sum(url, "otelcol_kafka_receiver_partition_close_total"));
    }
    return shares;
  }

  List<Jaeger> collectors() {
    return List.copyOf(collectors);
  }

  List<Jaeger> ingesters() {
    return List.copyOf(ingesters);
  }

  Jaeger query() {
    return query;
  }

  Path folder() {
    return folder;
  }

  long messages() {
    return kafka.messages(topic);
  }

  /** Returns the sum of a metric over collectors or ingesters. */
  static double sum(List<Jaeger> parts, String metric, String... labels) throws IOException {
    double sum = 0;
    for (Jaeger part : parts) {
      sum += Exposition.sum(part.ports().url(Port.JAEGER_METRICS), metric, labels);
    }
    return sum;
  }

  /**
   * Waits until query finds all spans of each trace.
   *
   * @return the number of spans
   */
  int awaitWhole(List<SentTrace> traces) {
    List<SentTrace> missing = new ArrayList<>(traces);
    await()
        .atMost(FOUND)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () -> {
              // Each look ends at the first missing trace.
              while (!missing.isEmpty()) {
                SentTrace next = missing.get(missing.size() - 1);
                assertThat(spanIdsOf(next))
                    .as("spans of %s, one of %d traces not found", next, missing.size())
                    .containsExactlyInAnyOrderElementsOf(next.spanIds());
                missing.remove(missing.size() - 1);
              }
            });
    return traces.size();
  }

  /** Returns the spans of a trace that query finds. */
  Set<String> spanIdsOf(SentTrace trace) throws IOException {
    return RecordedSpan.ofTrace(query, trace.traceId()).stream()
        .map(RecordedSpan::spanId)
        .collect(Collectors.toSet());
  }

  /** Returns the rows of these traces in Cassandra. */
  List<SentTrace.Row> rows(List<SentTrace> traces) {
    Set<String> ids = new HashSet<>();
    traces.forEach(trace -> ids.add(trace.traceId()));
    return cassandra.rows(KEYSPACE).stream().filter(row -> ids.contains(row.traceId())).toList();
  }

  @Override
  public void close() {
    collectors.forEach(Jaeger::close);
    ingesters.forEach(Jaeger::close);
    if (query != null) {
      query.close();
    }
  }
}
