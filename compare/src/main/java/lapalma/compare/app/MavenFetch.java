package lapalma.compare.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import lapalma.compare.LabException;
import lapalma.compare.host.Subprocess;

/**
 * Fetches one artifact by Maven, and shows how far it is.
 *
 * @param terminal whether a line may be written over
 */
record MavenFetch(PrintStream out, boolean terminal) {

  /**
   * Copies an artifact into a folder.
   *
   * @param artifact {@code group:artifact:version}, perhaps with {@code :packaging:classifier}
   * @throws LabException when Maven cannot
   */
  void copy(String artifact, Path folder) {
    Subprocess.require("mvn", "maven");
    out.printf("Fetching %s.%n", artifact);
    // Without --quiet and --batch-mode, in which Maven shows no progress.
    Process maven =
        Subprocess.start(
            new ProcessBuilder(
                    "mvn",
                    "-Dstyle.color=never",
                    "dependency:copy",
                    "-Dmdep.useBaseVersion=true",
                    "-Dartifact=" + artifact,
                    "-DoutputDirectory=" + folder)
                .redirectErrorStream(true));
    try (Reader output =
        new BufferedReader(new InputStreamReader(maven.getInputStream(), StandardCharsets.UTF_8))) {
      maven.getOutputStream().close();
      String error = follow(output);
      if (maven.waitFor() != 0) {
        throw new LabException(
            "Maven cannot fetch %s: %s Check the coordinates and the network, and try again."
                .formatted(artifact, error));
      }
    } catch (IOException e) {
      throw new LabException("Maven's output cannot be read.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("Interrupted.", e);
    }
  }

  /** Reads the output to its end, and returns the first error in it. */
  private String follow(Reader output) throws IOException {
    var line = new StringBuilder();
    String error = "it says nothing.";
    boolean failed = false;
    for (int read = output.read(); read >= 0; read = output.read()) {
      if (read != '\r' && read != '\n') {
        line.append((char) read);
        continue;
      }
      String text = line.toString().strip();
      line.setLength(0);
      if (terminal && text.startsWith("Progress")) {
        out.printf("\r\033[K%s", text);
        out.flush();
      } else if (!failed && text.startsWith("[ERROR]")) {
        error = text.substring("[ERROR]".length()).strip().replaceFirst("[^.]$", "$0.");
        failed = true;
      }
    }
    out.print(terminal ? "\r\033[K" : "");
    return error;
  }
}
