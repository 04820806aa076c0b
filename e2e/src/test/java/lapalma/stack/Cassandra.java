package lapalma.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A real Cassandra node, from the jars that {@code make scale-test} has fetched. */
final class Cassandra implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(120);

  /** Part of the list in the start script of Cassandra: with these this node was seen to run. */
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
  private final int port = FreePorts.one();
  private final int storagePort = FreePorts.one();
  private int starts;
  private Part part;

  /** A span as it is stored: a row of the table of traces, ids in hexadecimal. */
  record Row(String traceId, String spanId) {}

  Cassandra(Project project, Path folder) throws IOException {
    this(project, folder, Optional.empty());
  }

  /** With a guard, it answers at that address only: who speaks TLS and is known. */
  Cassandra(Project project, Path folder, Optional<Guard> guard) throws IOException {
    this.root = project.root();
    this.folder = folder;
    this.jars = root.resolve("e2e/target/scale/cassandra");
    Path open = root.resolve("e2e/scale/cassandra/cassandra.yaml");
    this.configuration = guard.isPresent() ? guarded(open, guard.get()) : open;
    start();
    if (guard.isPresent()) {
      makeKnown(guard.get());
    }
  }

  private Path guarded(Path open, Guard guard) throws IOException {
    String text =
        Files.readString(open)
            .replace("rpc_address: 127.0.0.1", "rpc_address: " + guard.address())
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
                .formatted(guard.keystore(), Guard.KEYSTORE_PASSWORD));
  }

  /** Its first user, whom it makes some seconds after its start, makes the other. */
  private void makeKnown(Guard guard) {
    Wait.until(
        "Cassandra knows " + guard.user(),
        READY,
        () -> {
          part.requireAlive();
          Command role =
              driver(
                  List.of(
                      "-Djavax.net.ssl.trustStore=" + guard.keystore(),
                      "-Djavax.net.ssl.trustStorePassword=" + Guard.KEYSTORE_PASSWORD),
                  "Role.java",
                  List.of(guard.address(), "" + port, guard.user(), guard.password()));
          return role.exitCode() == 0 ? Wait.found(port) : Wait.notYet(role.errors());
        });
  }

  /** Starts it, or starts it again with what it had. */
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
            // One node has nobody to wait for.
            "-Dcassandra.skip_wait_for_gossip_to_settle=0",
            "-Dcassandra.ring_delay_ms=100",
            "-cp",
            jars + "/*",
            "org.apache.cassandra.service.CassandraDaemon"));
    part =
        Part.start(
            "cassandra",
            command,
            Map.of(),
            root,
            folder.resolve("cassandra-%d.log".formatted(starts)));
    part.awaitReady(
        "Cassandra is ready",
        READY,
        () ->
            part.logText().contains("Startup complete")
                ? Wait.found(port)
                : Wait.notYet("no such line in " + part.log()));
  }

  private Path jamm() throws IOException {
    try (var files = Files.list(jars)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("jamm-"))
          .findFirst()
          .orElseThrow(
              () -> new StackException("No jamm in %s: run make scale-test.".formatted(jars)));
    }
  }

  int port() {
    return port;
  }

  Part part() {
    return part;
  }

  /** Every row of the table of traces, read without Jaeger, which shows rows of one span as one. */
  List<Row> rows(String keyspace) {
    return driver(List.of(), "Rows.java", List.of("127.0.0.1", String.valueOf(port), keyspace))
        .orFail("Rows.java")
        .lines()
        .filter(line -> line.startsWith("row "))
        .map(line -> line.split(" "))
        .map(words -> new Row(words[1], words[2]))
        .toList();
  }

  /** Runs a program of {@code e2e/scale/cassandra}, with the driver that comes with Cassandra. */
  private Command driver(List<String> options, String program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(Project.java(), "-Xmx256m"));
    command.addAll(options);
    command.addAll(List.of("-cp", jars + "/*", "e2e/scale/cassandra/" + program));
    command.addAll(arguments);
    return Command.run(root, Map.of(), command);
  }

  @Override
  public void close() {
    part.close();
  }
}
