package lapalma.stack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A program that was run to its end.
 *
 * @param exitCode 0 where it did what it was asked for
 * @param output what it wrote to stdout, without white space at its ends
 * @param errors the same of stderr
 */
record Command(int exitCode, String output, String errors) {

  static Command run(Path folder, Map<String, String> environment, List<String> command) {
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      // Side by side: a program stops where nobody reads what it writes.
      var errors = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
      String output = read(process.getInputStream());
      return new Command(process.waitFor(), output, errors.join());
    } catch (IOException e) {
      throw new StackException("%s cannot be run: %s".formatted(command.get(0), e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("Interrupted while running " + command);
    }
  }

  private static String read(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /**
   * @throws StackException with what it wrote to stderr when its exit code is not 0
   */
  String orFail(String what) {
    if (exitCode != 0) {
      throw new StackException("%s: exit code %d, %s".formatted(what, exitCode, errors));
    }
    return output;
  }
}
