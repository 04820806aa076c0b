package lapalma.compare.coverage;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import lapalma.compare.LabException;

/** The requests for which the lab looks for telemetry. */
final class Script {
  static final int ROLLS = 10;
  static final int FAILS = 3;
  static final int MISSING = 3;
  static final int HEALTH_CHECKS = 10;

  /** Includes the requests that continue a trace. */
  static final int ALL_ROLLS = ROLLS + 2;

  static final int REQUESTS = ALL_ROLLS + FAILS + MISSING;

  static final String W3C_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  static final String B3_TRACE = "80f198ee56343ba864fe8b2a57d3eff7";

  private static final String W3C_PARENT = "00f067aa0ba902b7";
  private static final String B3_PARENT = "e457b5a2e4d86bd1";

  /** The spans of the lab's own that its requests name as their parents. */
  static final Set<String> PARENTS = Set.of(W3C_PARENT, B3_PARENT);

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Long, because the app may share its core with others and speed does not matter here. */
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final String url;

  Script(String url) {
    this.url = url;
  }

  void play() {
    for (int i = 0; i < ROLLS; i++) {
      get("/", 200);
    }
    get("/", 200, "traceparent", "00-%s-%s-01".formatted(W3C_TRACE, W3C_PARENT));
    get("/", 200, "b3", "%s-%s-1".formatted(B3_TRACE, B3_PARENT));
    for (int i = 0; i < FAILS; i++) {
      get("/fail", 500);
    }
    for (int i = 0; i < MISSING; i++) {
      get("/missing", 404);
    }
    for (int i = 0; i < HEALTH_CHECKS; i++) {
      get("/health", 200);
    }
  }

  void roll(int times) {
    for (int i = 0; i < times; i++) {
      get("/", 200);
    }
  }

  /** Sends a request, which must get the status that the app gives without an agent. */
  private void get(String path, int status, String... headers) {
    var request = HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      int answered =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
      if (answered != status) {
        throw new LabException("%s answered %d, not %d.".formatted(path, answered, status));
      }
    } catch (IOException e) {
      throw new LabException("%s was not answered: %s".formatted(path, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("Interrupted.", e);
    }
  }
}
