package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.api.FoundTrace;

/** Which traces requests leave that come without a caller: those are the sampler's to decide. */
final class NewTraces {
  private static final Duration ARRIVES = Duration.ofSeconds(30);

  private NewTraces() {}

  /**
   * Sends {@code times} requests for each path and counts the traces that they left in Jaeger, by
   * the name of the request's span.
   */
  static Map<String, Integer> of(Jaeger jaeger, DiceProcess dice, int times, String... paths)
      throws IOException {
    Instant began = Instant.now();
    for (int i = 0; i < times; i++) {
      for (String path : paths) {
        dice.get(path);
      }
    }
    // A sampled caller is followed whatever the rates are. Spans go out in the order in which they
    // end: what is not there when this one is will not come.
    var last = TraceContext.random();
    last.get(dice.url() + "/");
    await("the last request's trace " + last.traceId())
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(jaeger.api().trace(last.traceId())).isNotEmpty());

    Map<String, Integer> counts = new TreeMap<>();
    for (FoundTrace trace : jaeger.api().traces("dice", began)) {
      if (!trace.id().equals(last.traceId())) {
        counts.merge(trace.rootName(), 1, Integer::sum);
      }
    }
    return counts;
  }
}
