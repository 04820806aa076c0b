package lapalma.e2e.scale;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import lapalma.stack.Rules;
import lapalma.stack.api.Http;
import lapalma.stack.api.PrometheusApi;

/**
 * Two Prometheus that scrape the same targets, and the Thanos to which they write, with the files
 * and flags of compose/scale.yml.
 */
final class MetricsStore implements AutoCloseable {
  /** The ports on which a part of Thanos listens. */
  private record Addresses(int http, int grpc) {
    static Addresses free() {
      return new Addresses(FreePort.find(), FreePort.find());
    }

    List<String> flags() {
      return List.of(
          "--http-address=127.0.0.1:" + http,
          "--grpc-address=127.0.0.1:" + grpc,
          "--log.level=info");
    }

    String endpoint() {
      return "127.0.0.1:" + grpc;
    }

    String target() {
      return "127.0.0.1:" + http;
    }
  }

  private static final int REPLICAS = 2;

  /** The receivers' names, and the number of the replica whose series they keep. */
  private static final Map<String, Integer> RECEIVERS =
      new TreeMap<>(
          Map.of("thanos-receive-0", 0, "thanos-receive-0-more", 0, "thanos-receive-1", 1));

  private final Project project;
  private final Path folder;
  private final Rules rules;
  private final Path targets;
  private final Path bucket;

  private final Map<String, Addresses> receiverAddresses = new TreeMap<>();
  private final Map<String, Integer> writePorts = new TreeMap<>();
  private final Addresses queryAddresses = Addresses.free();
  private final Addresses storeAddresses = Addresses.free();
  private final Addresses rulerAddresses = Addresses.free();
  private final List<Integer> prometheusPorts = new ArrayList<>();

  private final Map<ManagedProcess, String> readyUrls = new HashMap<>();
  private final List<ManagedProcess> replicas = new ArrayList<>();
  private final List<ManagedProcess> receivers = new ArrayList<>();
  private final ManagedProcess store;
  private final ManagedProcess query;
  private final ManagedProcess ruler;

  /**
   * Writes the configuration. {@link #start} runs it.
   *
   * @param alertmanagers the list of Alertmanagers, as YAML
   * @param rules the rules, in which time may run faster, as between scrapes
   */
  MetricsStore(Project project, Path folder, Rules rules, String alertmanagers) throws IOException {
    this.project = project;
    this.folder = folder;
    this.rules = rules;
    targets = Files.createDirectories(folder.resolve("config/targets"));
    bucket = Files.createDirectories(folder.resolve("bucket"));
    for (String receiver : RECEIVERS.keySet()) {
      receiverAddresses.put(receiver, Addresses.free());
      writePorts.put(receiver, FreePort.find());
    }
    for (int i = 0; i < REPLICAS; i++) {
      prometheusPorts.add(FreePort.find());
    }
    configure(alertmanagers);
    RECEIVERS.forEach((name, replica) -> receivers.add(receiver(name, replica)));
    for (int i = 0; i < REPLICAS; i++) {
      replicas.add(replica(i));
    }
    store = store();
    query = query();
    ruler = ruler(alertmanagers);
  }

  private void configure(String alertmanagers) throws IOException {
    Path prometheus = project.root().resolve("prometheus");
    Path scale = Files.createDirectories(folder.resolve("config/scale"));
    Files.createDirectories(scale.resolve("targets"));
    rules.copyFile(prometheus.resolve("scrape.yml"), folder.resolve("config/scrape.yml"));
    rules.copy(prometheus.resolve("rules"), folder.resolve("config/rules"));
    rules.copy(prometheus.resolve("scale/rules"), scale.resolve("rules"));
    for (int i = 0; i < REPLICAS; i++) {
      rewrite("replica.yml", scale.resolve("replica-%d.yml".formatted(i)), "thanos-receive-" + i);
    }
    rewrite("ruler-remote-write.yml", scale.resolve("ruler-remote-write.yml"), "none");
    Files.writeString(
        scale.resolve("hashring-0.json"),
        "[{\"endpoints\": [%s]}]"
            .formatted(
                receiversOf(0)
                    .map(at -> "{\"address\": \"%s\"}".formatted(at.endpoint()))
                    .collect(Collectors.joining(","))));
    Files.writeString(
        scale.resolve("bucket.yml"),
        Files.readString(prometheus.resolve("scale/bucket.yml"))
            .replace("/tmp/bucket", bucket.toString()));
    Files.writeString(
        scale.resolve("targets/thanos.yml"),
        """
        - targets: [%s]
          labels: { job: thanos-receive }
        - targets: ["%s"]
          labels: { job: thanos-query }
        - targets: ["%s"]
          labels: { job: thanos-rule }
        - targets: ["%s"]
          labels: { job: thanos-store }
        """
            .formatted(
                receiverAddresses.values().stream()
                    .map(at -> "\"%s\"".formatted(at.target()))
                    .collect(Collectors.joining(",")),
                queryAddresses.target(),
                rulerAddresses.target(),
                storeAddresses.target()));
    target("prometheus", prometheusPorts.stream().map(port -> "127.0.0.1:" + port).toList());
    Files.writeString(targets.resolve("alertmanager.yml"), "- targets: " + alertmanagers + "\n");
  }

  /**
   * Replaces names by addresses.
   *
   * @param own the address for the name of a replica's own receiver
   */
  private void rewrite(String file, Path to, String own) throws IOException {
    rules.copyFile(project.root().resolve("prometheus/scale").resolve(file), to);
    String text =
        Files.readString(to)
            .replace("http://thanos-receive:19291/", "http://%s:19291/".formatted(own));
    String addressed = text;
    for (var port : writePorts.entrySet()) {
      addressed =
          addressed.replace(
              "http://%s:19291/".formatted(port.getKey()),
              "http://127.0.0.1:%d/".formatted(port.getValue()));
    }
    if (addressed.equals(text)) {
      throw new IllegalStateException(file + " writes to no receiver");
    }
    Files.writeString(to, addressed);
  }

  private Stream<Addresses> receiversOf(int replica) {
    return receiverAddresses.entrySet().stream()
        .filter(receiver -> RECEIVERS.get(receiver.getKey()) == replica)
        .map(Map.Entry::getValue);
  }

  private ManagedProcess receiver(String name, int replica) {
    Addresses at = receiverAddresses.get(name);
    List<String> flags = new ArrayList<>();
    flags.addAll(
        List.of(
            "--tsdb.path=" + name,
            "--tsdb.retention=1d",
            "--tsdb.max-exemplars=100000",
            "--label=replica=\"%d\"".formatted(replica),
            "--label=receive=\"%s\"".formatted(name),
            "--remote-write.address=127.0.0.1:" + writePorts.get(name),
            "--receive.capnproto-address=127.0.0.1:" + FreePort.find(),
            "--objstore.config-file=config/scale/bucket.yml"));
    if (receiversOf(replica).count() > 1) {
      flags.addAll(
          List.of(
              "--receive.local-endpoint=" + at.endpoint(),
              "--receive.hashrings-file=config/scale/hashring-%d.json".formatted(replica),
              "--receive.hashrings-algorithm=ketama"));
    }
    return thanos(name, at, "receive", flags);
  }

  private ManagedProcess replica(int number) {
    String name = "prometheus-" + number;
    int port = prometheusPorts.get(number);
    return part(
        name,
        List.of(
            project.prometheus().toString(),
            "--config.file=config/scale/replica-%d.yml".formatted(number),
            "--storage.tsdb.path=" + name,
            "--storage.tsdb.retention.time=6h",
            "--enable-feature=exemplar-storage",
            "--web.listen-address=127.0.0.1:" + port),
        Map.of(
            "METRICS_CLUSTER", "test",
            "STACK_NAME", "lapalma",
            "DEPLOYMENT_ENVIRONMENT", "local",
            "STACK_REGION", "here",
            "RUNBOOK_URL", "docs/runbook.md"),
        "http://127.0.0.1:%d/-/ready".formatted(port));
  }

  private ManagedProcess store() {
    return thanos(
        "thanos-store",
        storeAddresses,
        "store",
        List.of(
            "--data-dir=thanos-store",
            "--objstore.config-file=config/scale/bucket.yml",
            "--sync-block-duration=1s"));
  }

  private ManagedProcess query() {
    List<String> flags = new ArrayList<>();
    flags.add("--query.replica-label=replica");
    flags.add("--query.replica-label=receive");
    receiverAddresses.values().forEach(at -> flags.add("--endpoint=" + at.endpoint()));
    flags.add("--endpoint=" + storeAddresses.endpoint());
    flags.add("--endpoint=" + rulerAddresses.endpoint());
    return thanos("thanos-query", queryAddresses, "query", flags);
  }

  private ManagedProcess ruler(String alertmanagers) {
    return thanos(
        "thanos-rule",
        rulerAddresses,
        "rule",
        List.of(
            "--data-dir=thanos-rule",
            "--rule-file=config/rules/*.yml",
            "--eval-interval=%ds".formatted(Math.max(1, 15 / rules.speed())),
            "--query=http://" + queryAddresses.target(),
            "--remote-write.config-file=config/scale/ruler-remote-write.yml",
            "--alertmanagers.url=http://" + alertmanagers.replaceAll("[\\[\\]\"]", ""),
            "--alert.query-url=http://" + queryAddresses.target(),
            "--label=cluster=\"test\"",
            "--label=stack=\"lapalma\"",
            "--label=environment=\"local\"",
            "--label=region=\"here\"",
            "--label=grafana_url=\"http://127.0.0.1:3000\"",
            "--label=runbook_url=\"docs/runbook.md\"",
            "--label=jaeger_url=\"http://127.0.0.1:16686\"",
            "--label=victorialogs_url=\"\"",
            "--alert.label-drop=grafana_url",
            "--alert.label-drop=runbook_url",
            "--alert.label-drop=jaeger_url",
            "--alert.label-drop=victorialogs_url",
            "--alert.label-drop=runbook"));
  }

  private ManagedProcess thanos(String name, Addresses at, String component, List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(Program.PATH.toString());
    command.add(component);
    command.addAll(at.flags());
    command.addAll(flags);
    return part(name, command, Map.of(), "http://%s/-/ready".formatted(at.target()));
  }

  /**
   * Describes a part.
   *
   * @param readyUrl answers 200 once the part is ready
   */
  private ManagedProcess part(
      String name, List<String> command, Map<String, String> environment, String readyUrl) {
    var process =
        new ManagedProcess(name, command, environment, folder, folder.resolve(name + ".log"));
    readyUrls.put(process, readyUrl);
    return process;
  }

  /** Starts a part, or starts it again, and waits until it is ready. */
  void start(ManagedProcess process) {
    process.start();
    process.awaitReady(readyUrls.get(process));
  }

  /** Sets the targets of a job. The file is replaced at once, as an editor does it. */
  void target(String job, List<String> addresses) throws IOException {
    Path file = targets.resolve(job + ".yml");
    Path written = Files.createTempFile(folder, job, ".yml");
    Files.writeString(
        written,
        "- targets: [%s]%n"
            .formatted(
                String.join(", ", addresses.stream().map(a -> "\"%s\"".formatted(a)).toList())));
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  void start() {
    receivers.forEach(this::start);
    start(store);
    start(query);
    start(ruler);
    replicas.forEach(this::start);
  }

  ManagedProcess replica0() {
    return replicas.get(0);
  }

  List<ManagedProcess> receivers() {
    return receivers;
  }

  /** Runs the compactor once over the bucket. */
  void compact() {
    Addresses at = Addresses.free();
    Command.run(
            folder,
            Map.of(),
            List.of(
                Program.PATH.toString(),
                "compact",
                "--http-address=127.0.0.1:" + at.http(),
                "--data-dir=thanos-compact",
                "--objstore.config-file=config/scale/bucket.yml",
                "--deduplication.replica-label=replica",
                "--deduplication.replica-label=receive",
                "--deduplication.func=penalty",
                // Without delays: new blocks are compacted now, and merged ones removed.
                "--consistency-delay=0s",
                "--delete-delay=0s"))
        .orFail();
  }

  ManagedProcess receiver0() {
    return receivers.get(0);
  }

  ManagedProcess rulerPart() {
    return ruler;
  }

  Path bucket() {
    return bucket;
  }

  /** Returns the API of the store, which has each series once. */
  PrometheusApi api() {
    return new PrometheusApi("http://" + queryAddresses.target());
  }

  /** Returns every copy of each series, with the labels of the part that wrote it. */
  List<JsonNode> queryEveryCopy(String promql) throws IOException {
    List<JsonNode> list = new ArrayList<>();
    Http.json(
            "http://%s/api/v1/query?dedup=false&query=%s"
                .formatted(queryAddresses.target(), Http.encode(promql)))
        .at("/data/result")
        .forEach(list::add);
    return list;
  }

  /** Returns the API of one replica. */
  PrometheusApi ofReplica(int number) {
    return new PrometheusApi("http://127.0.0.1:" + prometheusPorts.get(number));
  }

  @Override
  public void close() {
    replicas.forEach(ManagedProcess::close);
    ruler.close();
    query.close();
    store.close();
    receivers.forEach(ManagedProcess::close);
  }

  private static final class Program {
    private static final Path PATH =
        Project.findProgram(SharedStack.project().root(), "prometheus/thanos");
  }
}
