package lapalma.e2e.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.api.FoundTrace;

/**
 * Counts the traces of requests that come without a caller, on which the sampler decides. Those
 * that are kept although it has dropped them do not count.
 */
final class NewTraces {
  private static final Duration ARRIVES = Duration.ofSeconds(30);

  private NewTraces() {}

  /**
   * Sends {@code times} requests for each path and counts their traces in Jaeger, by the name of
   * the request's span.
   */
  static Map<String, Integer> of(Jaeger jaeger, DiceProcess dice, int times, String... paths)
      throws IOException {
    Instant began = Instant.now();
    for (int i = 0; i < times; i++) {
      for (String path : paths) {
        dice.get(path);
      }
    }
    // The sampler follows a sampled caller at any rate. Spans leave in the order in which they
    // end: once this one is there, no earlier one is still to come.
    var last = TraceContext.random();
    last.get(dice.url() + "/");
    await("the last request's trace " + last.traceId())
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(jaeger.api().trace(last.traceId())).isNotEmpty());

    Set<String> others = new HashSet<>(Set.of(last.traceId()));
    for (String reason : List.of("error", "slow")) {
      others.addAll(jaeger.api().traceIds("dice", "sampling.reason", reason));
    }
    Map<String, Integer> counts = new TreeMap<>();
    for (FoundTrace trace : jaeger.api().traces("dice", began)) {
      if (!others.contains(trace.id())) {
        counts.merge(trace.rootName(), 1, Integer::sum);
      }
    }
    return counts;
  }
}
