package lapalma.e2e.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.process.Children;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.process.SelfSignedCertificate;
import lapalma.stack.Project;

/**
 * A real Kafka broker that is its own controller, from the jars that {@code make scale-test}
 * fetches.
 */
public final class Kafka implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);

  private final Path root;
  private final Path folder;
  private final Path properties;
  private final int port = FreePort.find();
  private final int securedPort = FreePort.find();
  private int starts;
  private ManagedProcess process;

  /** Starts a broker with its data in the folder. */
  public Kafka(Project project, Path folder) throws IOException {
    this(project, folder, Optional.empty());
  }

  /**
   * With credentials, the broker also answers at their address: clients that use TLS and
   * authenticate by SCRAM-SHA-512.
   */
  Kafka(Project project, Path folder, Optional<EngineCredentials> credentials) throws IOException {
    this.root = project.root();
    this.folder = folder;
    this.properties = folder.resolve("kafka.properties");
    int controller = FreePort.find();
    Files.writeString(
        properties,
        Files.readString(root.resolve("e2e/scale/kafka/server.properties"))
            + """
            listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d%4$s
            controller.quorum.voters=1@127.0.0.1:%2$d
            log.dirs=%3$s
            """
                .formatted(
                    port,
                    controller,
                    folder.resolve("kafka"),
                    credentials.map(this::listener).orElse(""))
            + credentials.map(Kafka::asks).orElse(""));
    String cluster = tool("kafka.tools.StorageTool", "random-uuid").lines().reduce("", (a, b) -> b);
    List<String> format =
        new ArrayList<>(List.of("format", "-t", cluster, "-c", properties.toString()));
    credentials.ifPresent(
        g ->
            format.addAll(
                List.of(
                    "--add-scram",
                    "SCRAM-SHA-512=[name=%s,password=%s]".formatted(g.user(), g.password()))));
    tool("kafka.tools.StorageTool", format.toArray(String[]::new));
    start();
  }

  private String listener(EngineCredentials credentials) {
    return ",SASL_SSL://%s:%d".formatted(credentials.address(), securedPort);
  }

  private static String asks(EngineCredentials credentials) {
    String listener = "listener.name.sasl_ssl.";
    return """
    listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
    %1$ssasl.enabled.mechanisms=SCRAM-SHA-512
    %1$sscram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
    %1$sssl.keystore.location=%2$s
    %1$sssl.keystore.password=%3$s
    """
        .formatted(listener, credentials.certificate().keystore(), SelfSignedCertificate.PASSWORD);
  }

  /** Starts the broker, or starts it again with its data. */
  void start() {
    starts++;
    process =
        ManagedProcess.start(
            "kafka",
            java("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "kafka.Kafka", properties.toString()),
            Map.of(),
            root,
            folder.resolve("kafka-%d.log".formatted(starts)));
    process.awaitLogged("Kafka Server started", READY);
  }

  /**
   * Returns the list of brokers for clients. It has two names of the one broker, so that the tests
   * pass a list.
   */
  public String brokers() {
    return "127.0.0.1:%1$d,localhost:%1$d".formatted(port);
  }

  /** Returns the port at the address of the credentials. */
  int securedPort() {
    return securedPort;
  }

  ManagedProcess process() {
    return process;
  }

  /** Suspends the broker: its connections stay open, and nothing answers. */
  void hang() {
    Children.signal("STOP", ProcessHandle.of(process.pid()).orElseThrow());
  }

  void createTopic(String topic, int partitions) {
    tool(
        "org.apache.kafka.tools.TopicCommand",
        "--bootstrap-server",
        "127.0.0.1:" + port,
        "--create",
        "--topic",
        topic,
        "--partitions",
        String.valueOf(partitions),
        "--replication-factor",
        "1");
  }

  /** Returns the number of messages that were ever written to a topic. */
  long messages(String topic) {
    return tool(
            "org.apache.kafka.tools.GetOffsetShell",
            "--bootstrap-server",
            "127.0.0.1:" + port,
            "--topic",
            topic)
        .lines()
        .filter(line -> line.startsWith(topic + ":"))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(':') + 1)))
        .sum();
  }

  private String tool(String main, String... arguments) {
    List<String> options = new ArrayList<>(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", main));
    options.addAll(List.of(arguments));
    return Command.run(root, java(options.toArray(String[]::new))).orFail();
  }

  private List<String> java(String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Project.java(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-cp",
                root.resolve("e2e/target/scale/kafka") + "/*"));
    command.addAll(List.of(options));
    return command;
  }

  @Override
  public void close() {
    process.close();
  }
}
