package lapalma.compare.coverage;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import lapalma.compare.backend.Telemetry.Span;
import lapalma.compare.plan.App;

/**
 * The server spans that arrived for the scripted requests.
 *
 * @param spans all server spans
 */
record RequestSpans(App app, List<Span> spans) {

  boolean areNone() {
    return requests().isEmpty();
  }

  /** Returns the spans that are not of probes, as far as they name a path. */
  List<Span> requests() {
    List<String> others = probePaths();
    if (!paths(request -> true).contains(app.ready())) {
      others.add(app.ready());
    }
    return spans.stream().filter(span -> !others.contains(span.path())).toList();
  }

  /** Returns the spans of probes, which name a path. */
  List<Span> probes() {
    return spans.stream().filter(span -> probePaths().contains(span.path())).toList();
  }

  /** Returns the paths of probes only: where one is a request too, its spans are of requests. */
  private List<String> probePaths() {
    List<String> probes = paths(App.Request::probe);
    probes.removeAll(paths(request -> !request.probe()));
    return probes;
  }

  private List<String> paths(Predicate<App.Request> which) {
    return app.requests().stream()
        .filter(which)
        .map(App.Request::pathOnly)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  boolean havePaths() {
    return spans.stream().anyMatch(span -> !span.path().isEmpty());
  }

  /** Returns how many of the requests were sent, with those that continue a trace. */
  static int sent(App app, Predicate<App.Request> which) {
    List<App.Request> requests = app.requests();
    return requests.stream()
        .filter(which)
        .mapToInt(request -> request.times() + (request == requests.get(0) ? Script.CONTINUING : 0))
        .sum();
  }

  /**
   * Counts the requests that have a span. A path's spans count as often as it was requested: the
   * lab's question whether the app is ready may have made more.
   *
   * @param which of the scripted requests
   * @param good tells whether a span is the one that a request should have
   */
  long of(Predicate<App.Request> which, BiPredicate<App.Request, Span> good) {
    List<App.Request> asked = app.requests().stream().filter(which).toList();
    if (!havePaths()) {
      long found =
          spans.stream()
              .filter(span -> asked.stream().anyMatch(request -> good.test(request, span)))
              .count();
      return Math.min(found, sent(app, which));
    }
    return asked.stream()
        .map(App.Request::pathOnly)
        .distinct()
        .mapToLong(
            path -> {
              Predicate<App.Request> there = which.and(request -> request.pathOnly().equals(path));
              long found =
                  spans.stream()
                      .filter(span -> span.path().equals(path))
                      .filter(
                          span ->
                              asked.stream()
                                  .filter(there)
                                  .anyMatch(request -> good.test(request, span)))
                      .count();
              return Math.min(found, sent(app, there));
            })
        .sum();
  }
}
