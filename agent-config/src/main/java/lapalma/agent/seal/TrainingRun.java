package lapalma.agent.seal;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Runs JVMs for a seal: with the app from its start over some requests to its stop, or without it.
 *
 * @param java the program
 * @param environment what differs from this process's
 * @param work the folder for the log
 * @param limit until the app is ready
 * @param out where progress is told
 */
record TrainingRun(
    String java, Map<String, String> environment, Path work, Duration limit, PrintStream out) {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** To load 30,000 classes takes a minute or two, and more on a busy machine. */
  private static final Duration END = Duration.ofMinutes(10);

  private static final Duration PROGRESS = Duration.ofSeconds(10);
  private static final int TIMES = 20;
  private static final int LAST_LINES = 15;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER).build();

  /**
   * Runs the app until it is ready and has answered some requests.
   *
   * @param ready a URL that answers, or a regular expression that a line of its output has
   * @param warmUp URLs; {@code $1} in them is the first group of {@code ready}
   * @return its output
   */
  String ofApp(List<String> arguments, String ready, List<String> warmUp) throws IOException {
    Process process = start(arguments);
    try {
      String group = awaitReady(process, ready);
      for (int i = 0; i < TIMES; i++) {
        for (String url : warmUp) {
          status(url.replace("$1", group));
        }
      }
      process.destroy();
      return atItsEnd(process, "to stop and to write its cache");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SealException("Interrupted.");
    } finally {
      process.destroyForcibly();
    }
  }

  /** Runs a JVM that ends by itself, and returns its output. */
  String withoutApp(List<String> arguments) throws IOException {
    Process process = start(arguments);
    try {
      String output = atItsEnd(process, "to end");
      if (process.exitValue() != 0) {
        throw failed("The JVM ended with exit code " + process.exitValue());
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SealException("Interrupted.");
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(java));
    command.addAll(arguments);
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    // It must not outlive this program, as after Ctrl-C.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }

  /** Returns the first group of the expression, or an empty text. */
  private String awaitReady(Process process, String ready)
      throws IOException, InterruptedException {
    boolean isUrl = ready.startsWith("http://") || ready.startsWith("https://");
    var pattern = Pattern.compile(ready);
    var wait = new Wait("to be ready: " + ready, limit);
    while (process.isAlive()) {
      if (isUrl) {
        Optional<String> answer = answer(ready, wait);
        if (answer.isPresent()) {
          return "";
        }
      } else {
        var found = pattern.matcher(output());
        if (found.find()) {
          return found.groupCount() > 0 ? found.group(1) : "";
        }
        wait.seen(lastLines(1));
      }
      wait.on();
    }
    throw failed(
        "The app ended with exit code %d before it was ready".formatted(process.exitValue()));
  }

  private static Optional<String> answer(String url, Wait wait) throws InterruptedException {
    try {
      int status = status(url);
      wait.seen("status " + status);
      return status < 400 ? Optional.of(url) : Optional.empty();
    } catch (IOException e) {
      wait.seen(e.toString());
      return Optional.empty();
    }
  }

  private static int status(String url) throws IOException, InterruptedException {
    return CLIENT
        .send(
            HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private String atItsEnd(Process process, String what) throws IOException, InterruptedException {
    var wait = new Wait(what, END);
    while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
      wait.seen(lastLines(1));
      wait.on();
    }
    return output();
  }

  private Path log() {
    return work.resolve("log");
  }

  private String output() throws IOException {
    return new String(Files.readAllBytes(log()), StandardCharsets.UTF_8);
  }

  private SealException failed(String what) throws IOException {
    return new SealException(
        "%s. The last lines of its output:%n%s".formatted(what, lastLines(LAST_LINES)));
  }

  private String lastLines(int count) throws IOException {
    List<String> lines = output().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
  }

  /** A wait that tells what it has last seen: from time to time, and when it gives up. */
  private final class Wait {
    private final String what;
    private final Duration limit;
    private final long start = System.nanoTime();
    private long told = start;
    private String seen = "nothing";

    Wait(String what, Duration limit) {
      this.what = what;
      this.limit = limit;
    }

    void seen(String now) {
      seen = now.isEmpty() ? "nothing" : now;
    }

    void on() throws IOException, InterruptedException {
      long now = System.nanoTime();
      if (now - start > limit.toNanos()) {
        throw failed(
            "The app had %d s %s (last seen: %s)".formatted(limit.toSeconds(), what, seen));
      }
      if (now - told > PROGRESS.toNanos()) {
        told = now;
        out.printf("  waiting for it %s (last seen: %s) ...%n", what, seen);
      }
      Thread.sleep(100);
    }
  }
}
