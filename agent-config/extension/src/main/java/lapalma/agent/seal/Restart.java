package lapalma.agent.seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts the app again without its cache, in a JVM of its own, and ends with it.
 *
 * <p>Some JDKs run the cached classes of a jar that has changed since (JDK-8377932: 25 before
 * 25.0.4, and 26.0.0). When this is found out, the JVM has them already.
 */
final class Restart {
  /** The system property that says that this JVM runs without the cache. */
  private static final String RESTARTED = "lapalma.seal.restarted";

  private Restart() {}

  /** Returns only where no old class can run. */
  static void unlessJdkComparesJars() throws IOException {
    if (Boolean.getBoolean(RESTARTED) || comparesJars(Runtime.version())) {
      return;
    }
    List<String> command = new ArrayList<>(commandOfThisJvm());
    command.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(1, List.of("-XX:AOTMode=off", "-D" + RESTARTED + "=true"));
    Process app = new ProcessBuilder(command).inheritIO().start();
    // The end of this JVM is that of the app: it stops as if the signal had been sent to it.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(app)));
    try {
      Runtime.getRuntime().halt(app.waitFor());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      app.destroy();
    }
  }

  static boolean comparesJars(Runtime.Version jdk) {
    return switch (jdk.feature()) {
      case 25 -> jdk.update() >= 4;
      case 26 -> jdk.update() >= 1;
      default -> true;
    };
  }

  private static List<String> commandOfThisJvm() throws IOException {
    Path command = Path.of("/proc/self/cmdline");
    return Files.isReadable(command)
        ? List.of(Files.readString(command, StandardCharsets.UTF_8).split("\0"))
        : ProcessHandle.current()
            .info()
            .arguments()
            .map(
                arguments -> {
                  List<String> all = new ArrayList<>(List.of("java"));
                  all.addAll(List.of(arguments));
                  return all;
                })
            .orElseThrow(
                () ->
                    new IOException(
                        "start it without -XX:AOTCache, which has classes of old jars"));
  }

  private static void end(Process app) {
    app.destroy();
    try {
      app.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
