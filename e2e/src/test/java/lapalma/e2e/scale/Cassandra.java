package lapalma.e2e.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.e2e.support.SentTrace;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.process.SelfSignedCertificate;
import lapalma.process.Wait;
import lapalma.stack.Project;

/** A real Cassandra node, from the jars that {@code make scale-test} fetches. */
public final class Cassandra implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(120);

  /** The packages that Cassandra's start script opens, as far as this node needs them. */
  private static final List<String> OPENS =
      List.of(
          "java.base/java.io",
          "java.base/java.lang",
          "java.base/java.lang.module",
          "java.base/java.lang.reflect",
          "java.base/java.net",
          "java.base/java.nio",
          "java.base/java.util",
          "java.base/java.util.concurrent",
          "java.base/java.util.concurrent.atomic",
          "java.base/jdk.internal.loader",
          "java.base/jdk.internal.math",
          "java.base/jdk.internal.module",
          "java.base/jdk.internal.ref",
          "java.base/jdk.internal.reflect",
          "java.base/jdk.internal.util.jar",
          "java.base/sun.nio.ch",
          "jdk.management/com.sun.management.internal");

  private static final List<String> EXPORTS =
      List.of(
          "java.base/jdk.internal.misc",
          "java.base/jdk.internal.ref",
          "java.base/sun.nio.ch",
          "java.management.rmi/com.sun.jmx.remote.internal.rmi",
          "java.rmi/sun.rmi.registry",
          "java.rmi/sun.rmi.server",
          "java.rmi/sun.rmi.transport.tcp",
          "jdk.attach/sun.tools.attach");

  private final Path root;
  private final Path folder;
  private final Path jars;
  private final Path configuration;
  private final int port = FreePort.find();
  private final int storagePort = FreePort.find();
  private int starts;
  private ManagedProcess process;

  /** Starts a node that answers on the loopback address, without a password. */
  Cassandra(Project project, Path folder) throws IOException {
    this(project, folder, Optional.empty());
  }

  /**
   * With credentials, the node answers only at their address, and only clients that use TLS and
   * authenticate.
   */
  Cassandra(Project project, Path folder, Optional<EngineCredentials> credentials)
      throws IOException {
    this.root = project.root();
    this.folder = folder;
    this.jars = root.resolve("e2e/target/scale/cassandra");
    Path open = root.resolve("e2e/scale/cassandra/cassandra.yaml");
    this.configuration = credentials.isPresent() ? secured(open, credentials.get()) : open;
    start();
    if (credentials.isPresent()) {
      makeKnown(credentials.get());
    }
  }

  private Path secured(Path open, EngineCredentials credentials) throws IOException {
    String text =
        Files.readString(open)
            .replace("rpc_address: 127.0.0.1", "rpc_address: " + credentials.address())
            .replace("AllowAllAuthenticator", "PasswordAuthenticator");
    return Files.writeString(
        folder.resolve("cassandra.yaml"),
        text
            + """
            client_encryption_options:
              enabled: true
              optional: false
              keystore: %s
              keystore_password: %s
            """
                .formatted(credentials.certificate().keystore(), SelfSignedCertificate.PASSWORD));
  }

  /**
   * Adds the user of the credentials, once the node has its first user, seconds after its start.
   */
  private void makeKnown(EngineCredentials credentials) {
    // Not Awaitility: Engines runs without the libraries of the tests.
    Wait.until(
        "Cassandra knows " + credentials.user(),
        READY,
        () -> {
          process.requireAlive();
          Command role = addRole(credentials);
          return role.exitCode() == 0 ? Wait.found(port) : Wait.notYet(role.errors());
        });
  }

  private Command addRole(EngineCredentials credentials) {
    return driver(
        List.of(
            "-Djavax.net.ssl.trustStore=" + credentials.certificate().keystore(),
            "-Djavax.net.ssl.trustStorePassword=" + SelfSignedCertificate.PASSWORD),
        "Role.java",
        List.of(
            credentials.address(),
            String.valueOf(port),
            credentials.user(),
            credentials.password()));
  }

  /** Starts the node, or starts it again with its data. */
  void start() throws IOException {
    starts++;
    List<String> command = new ArrayList<>(List.of(Project.java()));
    command.addAll(
        List.of(
            "-Xms512m",
            "-Xmx512m",
            "-Xss256k",
            "-XX:MaxDirectMemorySize=256m",
            "-XX:+UseSerialGC"));
    OPENS.forEach(name -> command.add("--add-opens=" + name + "=ALL-UNNAMED"));
    EXPORTS.forEach(name -> command.add("--add-exports=" + name + "=ALL-UNNAMED"));
    command.addAll(
        List.of(
            "-Djdk.attach.allowAttachSelf=true",
            "-javaagent:" + jamm(),
            "-Dcassandra.config=" + configuration.toUri(),
            "-Dcassandra.storagedir=" + folder.resolve("cassandra"),
            "-Dcassandra-foreground=yes",
            "-Dcassandra.native_transport_port=" + port,
            "-Dcassandra.storage_port=" + storagePort,
            // A single node need not wait for others.
            "-Dcassandra.skip_wait_for_gossip_to_settle=0",
            "-Dcassandra.ring_delay_ms=100",
            "-cp",
            jars + "/*",
            "org.apache.cassandra.service.CassandraDaemon"));
    process =
        ManagedProcess.start(
            "cassandra",
            command,
            Map.of(),
            root,
            folder.resolve("cassandra-%d.log".formatted(starts)));
    process.awaitLogged("Startup complete", READY);
  }

  private Path jamm() throws IOException {
    try (var files = Files.list(jars)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("jamm-"))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException("No jamm in %s: run make scale-test.".formatted(jars)));
    }
  }

  int port() {
    return port;
  }

  ManagedProcess process() {
    return process;
  }

  /** Returns every row of the table of traces. Jaeger would show several rows of a span as one. */
  List<SentTrace.Row> rows(String keyspace) {
    return driver(List.of(), "Rows.java", List.of("127.0.0.1", String.valueOf(port), keyspace))
        .orFail()
        .lines()
        .filter(line -> line.startsWith("row "))
        .map(line -> line.split(" "))
        .map(words -> new SentTrace.Row(words[1], words[2]))
        .toList();
  }

  /** Runs a program of {@code e2e/scale/cassandra} with the driver that Cassandra brings. */
  private Command driver(List<String> options, String program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(Project.java(), "-Xmx256m"));
    command.addAll(options);
    command.addAll(List.of("-cp", jars + "/*", "e2e/scale/cassandra/" + program));
    command.addAll(arguments);
    return Command.run(root, command);
  }

  @Override
  public void close() {
    process.close();
  }
}
