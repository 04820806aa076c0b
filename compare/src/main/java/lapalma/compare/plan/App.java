package lapalma.compare.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
    String ready,
    List<Request> requests,
    Load load,
    String metrics,
    @Nullable App relay) {

  /**
   * What runs, with placeholders.
   *
   * @param jar {@code group:artifact:version}, perhaps with {@code :classifier}, or a path relative
   *     to the app's folder
   * @param sha256 of the jar; empty where it is not checked
   * @param classPath more jars, for a main class
   * @param main the main class, or empty for the one that the jar names
   */
  public record Program(
      String jar,
      String sha256,
      List<String> classPath,
      String main,
      List<String> arguments,
      Map<String, String> environment) {

    @JsonIgnore
    public boolean isFetched() {
      return jar.matches(Apps.COORDINATES);
    }

    /** Returns every text in which a placeholder may stand. */
    Stream<String> texts() {
      return Stream.of(arguments, List.copyOf(environment.values())).flatMap(List::stream);
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
   * @param post the JSON of a POST, or empty for a GET
   */
  public record Request(
      String path,
      int times,
      int status,
      String route,
      String method,
      String log,
      boolean exception,
      boolean probe,
      String post) {

    public Request {
      post = Objects.requireNonNullElse(post, ""); // runs of earlier builds have none
    }

    /** Returns the path without the query, as spans have it. */
    public String pathOnly() {
      return path.replaceFirst("[?#].*", "");
    }
  }

  /**
   * The requests under load, which are answered with a status below 300.
   *
   * @param path of a GET, with its slash, perhaps with a query
   * @param post the request that is every second one, in place of the GET; null for none
   * @param rate requests per second of the open load
   * @param connections of the closed load
   * @param cores of the server; 0 for half of the machine's
   * @param collector of the JVM
   * @param heap of the JVM, in MiB
   * @param warmUp the longest warm-up of a full run, in seconds
   */
  public record Load(
      String path,
      @Nullable Request post,
      int rate,
      int connections,
      int cores,
      Collector collector,
      int heap,
      int warmUp) {
    public Load {
      collector = Objects.requireNonNullElse(collector, Collector.SERIAL); // as with post
    }
  }

  /** A garbage collector. */
  public enum Collector {
    SERIAL("-XX:+UseSerialGC"),
    G1("-XX:+UseG1GC");

    private final String flag;

    Collector(String flag) {
      this.flag = flag;
    }

    public String flag() {
      return flag;
    }
  }

  /** Returns whether the lab can seal it. */
  boolean canBeSealed() {
    return program.main().isEmpty()
        && program.arguments().isEmpty()
        && program.environment().containsValue("{port}")
        && Set.of("{port}", "{target}").containsAll(program.environment().values());
  }
}
