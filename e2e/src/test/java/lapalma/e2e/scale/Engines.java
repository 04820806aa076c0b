package lapalma.e2e.scale;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import lapalma.stack.Project;

/**
 * Runs a Kafka and a Cassandra that other machines reach by TLS and a password, for tests that are
 * not in Java.
 *
 * <pre>java -cp … lapalma.e2e.scale.Engines FOLDER ADDRESS USER PASSWORD</pre>
 *
 * Prints {@code kafka ADDRESS:PORT}, {@code cassandra ADDRESS:PORT} and {@code ca FILE} once both
 * work, and stops both when its standard input ends.
 */
final class Engines {
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    EngineCredentials credentials =
        EngineCredentials.at(arguments[1], arguments[2], arguments[3], folder);
    Project project = Project.at(Path.of(""));
    try (Kafka kafka = new Kafka(project, folder, Optional.of(credentials));
        Cassandra cassandra = new Cassandra(project, folder, Optional.of(credentials))) {
      System.out.printf("kafka %s:%d%n", credentials.address(), kafka.securedPort());
      System.out.printf("cassandra %s:%d%n", credentials.address(), cassandra.port());
      System.out.printf("ca %s%n", credentials.certificate().pem());
      System.in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
