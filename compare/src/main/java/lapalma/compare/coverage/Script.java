package lapalma.compare.coverage;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import lapalma.compare.LabException;
import lapalma.compare.plan.App;

/** The requests for which the lab looks for telemetry. */
final class Script {
  /** The requests that continue a trace, in addition to the app's own. */
  static final int CONTINUING = 2;

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
  private final App app;

  Script(String url, App app) {
    this.url = url;
    this.app = app;
  }

  /** Sends the requests of the app's file, and the first of them with headers of a trace. */
  void play() {
    for (App.Request request : app.requests()) {
      for (int i = 0; i < request.times(); i++) {
        get(request);
      }
    }
    App.Request first = app.requests().get(0);
    get(first, "traceparent", "00-%s-%s-01".formatted(W3C_TRACE, W3C_PARENT));
    get(first, "b3", "%s-%s-1".formatted(B3_TRACE, B3_PARENT));
  }

  /** Sends the first request again. */
  void repeat(int times) {
    for (int i = 0; i < times; i++) {
      get(app.requests().get(0));
    }
  }

  /** Sends a request, which must get the status that the app gives without an agent. */
  private void get(App.Request scripted, String... headers) {
    var request = HttpRequest.newBuilder(URI.create(url + scripted.path())).timeout(TIMEOUT);
    if (!scripted.post().isEmpty()) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(scripted.post()));
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      int answered =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
      if (answered != scripted.status()) {
        throw new LabException(
            "%s answered %d, not %d: correct the app or the status in its file."
                .formatted(scripted.path(), answered, scripted.status()));
      }
    } catch (IOException e) {
      throw new LabException("%s was not answered: %s".formatted(scripted.path(), e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("Interrupted.", e);
    }
  }
}
