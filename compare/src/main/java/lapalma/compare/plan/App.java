package lapalma.compare.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A program to measure, as its file describes it.
 *
 * @param name the file's name without its ending
 * @param title what the report calls it
 * @param ancestors the names of the files that it is like
 * @param folder of its file: relative to the repository's root, or absolute outside of it
 * @param program what runs
 * @param server the HTTP server inside, or empty
 * @param otelModules the agent's instrumentation modules that this server needs
 * @param ready the path that answers 200 once the app is ready
 * @param requests the scripted requests for which the lab looks for telemetry
 * @param load the request under load
 * @param metrics the path of the app's own metrics, or empty
 * @param relay an app whose outgoing call the lab looks at; null where the app names none
 */
public record App(
    String name,
    String title,
    List<String> ancestors,
    String folder,
    Program program,
    String server,
    List<String> otelModules,
    String ready,
    List<Request> requests,
    Load load,
    String metrics,
    @Nullable App relay) {

  /**
   * What runs, with placeholders.
   *
   * @param jar {@code group:artifact:version}, perhaps with {@code :classifier}, or a path relative
   *     to the app's folder; empty where a command is given
   * @param sha256 of the jar; empty where it is not checked
   * @param classPath more jars, for a main class
   * @param main the main class, or empty for the one that the jar names
   * @param command that runs a program without a JVM, or empty
   */
  public record Program(
      String jar,
      String sha256,
      List<String> classPath,
      String main,
      List<String> command,
      List<String> arguments,
      Map<String, String> environment) {

    @JsonIgnore
    public boolean isFetched() {
      return jar.matches(Apps.COORDINATES);
    }

    /** Returns every text in which a placeholder may stand. */
    Stream<String> texts() {
      return Stream.of(command, arguments, List.copyOf(environment.values())).flatMap(List::stream);
    }

    public boolean mentions(String placeholder) {
      return texts().anyMatch(text -> text.contains(placeholder));
    }
  }

  /**
   * A scripted request.
   *
   * @param path with its slash, perhaps with a query
   * @param times how often it is sent
   * @param status that the app answers
   * @param route that its span is to have, or empty
   * @param method of the app's code that it calls, part of a span's name, or empty
   * @param log the {@code message} of the JSON line that the app logs for it, or empty
   * @param exception whether the app throws one
   * @param probe whether it is a health check, which is to make no span
   */
  public record Request(
      String path,
      int times,
      int status,
      String route,
      String method,
      String log,
      boolean exception,
      boolean probe) {

    /** Returns the path without the query, as spans have it. */
    public String pathOnly() {
      return path.replaceFirst("[?#].*", "");
    }
  }

  /**
   * The request under load, a GET that is answered with 200.
   *
   * @param path with its slash, perhaps with a query
   * @param rate requests per second of the open load
   * @param connections of the closed load
   * @param heap of the JVM, in MiB
   * @param warmUp the longest warm-up of a full run, in seconds
   */
  public record Load(String path, int rate, int connections, int heap, int warmUp) {}

  @JsonIgnore
  public boolean onJvm() {
    return program.command().isEmpty();
  }

  /** Returns whether the lab can seal it. */
  boolean canBeSealed() {
    return program.main().isEmpty()
        && program.arguments().isEmpty()
        && program.environment().equals(Map.of("PORT", "{port}"));
  }
}
