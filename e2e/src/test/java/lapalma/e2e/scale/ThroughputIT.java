package lapalma.e2e.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.process.ManagedProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Project;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Measures in turns how many spans the form of one process and that of many machines accept on this
 * machine, until all are written and found. It asserts that nothing is lost, and prints the figures
 * of docs/scale.md.
 */
@Tag("throughput")
class ThroughputIT {
  private static final int ROUNDS = Integer.getInteger("throughput.rounds", 3);
  private static final int TRACES = Integer.getInteger("throughput.traces", 20_000);

  /** The most spans that the agent puts into one request, 512. */
  private static final int TRACES_EACH = 512 / RollSpans.SPANS_EACH;

  private static final int SENDERS = 4;
  private static final int WARM_UP_TRACES = 5_000;
  private static final int MARKERS = 20;
  private static final int SOUGHT = 1000;
  private static final Duration WRITTEN = Duration.ofMinutes(10);
  private static final Duration LOOK = Duration.ofMillis(10);

  private static final Duration ANSWERS = Duration.ofSeconds(30);

  private final Project project = SharedStack.project();

  private record Figures(
      double acceptedEachSecond,
      double writtenEachSecond,
      long refusals,
      Map<String, Double> cpuSeconds,
      double searchableMillis,
      double slowestMillis,
      Map<String, Double> bytesEach) {}

  @Test
  void eachSpanThatIsAcceptedIsWrittenAndFound() throws Exception {
    for (int round = 1; round <= ROUNDS; round++) {
      measure(round, TraceStore.embedded(project));
      measure(round, TraceStore.distributed(project, ""));
      measure(round, TraceStore.distributed(project, "error,http.route,http.response.status_code"));
    }
  }

  private static void measure(int round, TraceStore opened) throws Exception {
    try (TraceStore store = opened) {
      var random = new SplittableRandom(round);
      flood(store, WARM_UP_TRACES, random);
      awaitWritten(store, WARM_UP_TRACES);
      List<Double> delays = untilSearchable(store, random);

      long before = store.written();
      Map<String, Double> cpuBefore = store.cpu();
      long began = System.nanoTime();
      Flood flood = flood(store, TRACES, random);
      double accepted = secondsSince(began);
      awaitWritten(store, before / RollSpans.SPANS_EACH + TRACES);
      double written = secondsSince(began);
      Map<String, Double> cpu = store.cpu();
      cpu.replaceAll((part, seconds) -> seconds - cpuBefore.get(part));
      seek(store, flood.traceIds());

      double spans = TRACES * RollSpans.SPANS_EACH;
      double all = spans + before;
      report(
          round,
          store.name(),
          new Figures(
              spans / accepted,
              spans / written,
              flood.refusals(),
              perSpan(cpu, spans / 1000),
              delays.get(delays.size() / 2),
              delays.get(delays.size() - 1),
              perSpan(store.closeAndWeigh(), all)));
    }
  }

  /** Divides each amount by {@code count}, to three digits. */
  private static Map<String, Double> perSpan(Map<String, ? extends Number> amounts, double count) {
    Map<String, Double> each = new TreeMap<>();
    amounts.forEach(
        (what, amount) ->
            each.put(
                what,
                new BigDecimal(amount.doubleValue() / count)
                    .round(new MathContext(3))
                    .doubleValue()));
    return each;
  }

  private record Flood(List<String> traceIds, long refusals) {}

  /** Sends traces as fast as the receivers accept them, and repeats what they refuse. */
  private static Flood flood(TraceStore store, int traces, SplittableRandom random)
      throws Exception {
    var left = new AtomicLong(traces);
    var refusals = new AtomicLong();
    List<String> all = Collections.synchronizedList(new ArrayList<>());
    List<Callable<Void>> senders = new ArrayList<>();
    for (int sender = 0; sender < SENDERS; sender++) {
      var rolls = new RollSpans("flood", random.split());
      String url = otlp(store.receivers().get(sender % store.receivers().size()));
      senders.add(
          () -> {
            while (true) {
              long before = left.getAndAdd(-TRACES_EACH);
              if (before <= 0) {
                return null;
              }
              List<String> traceIds = new ArrayList<>();
              byte[] request = rolls.request((int) Math.min(before, TRACES_EACH), traceIds);
              long began = System.nanoTime();
              for (int status = post(url, request); status != 200; status = post(url, request)) {
                assertThat(status).as("status of " + url).isIn(429, 503);
                assertThat(secondsSince(began))
                    .as("seconds for which %s refused a request", url)
                    .isLessThan((double) WRITTEN.toSeconds());
                refusals.incrementAndGet();
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
              }
              all.addAll(traceIds);
            }
          });
    }
    var threads = Executors.newFixedThreadPool(SENDERS);
    try {
      for (Future<Void> sender : threads.invokeAll(senders)) {
        sender.get();
      }
    } finally {
      threads.shutdownNow();
    }
    return new Flood(all, refusals.get());
  }

  private static String otlp(Jaeger receiver) {
    return receiver.ports().url(Port.OTLP) + "/v1/traces";
  }

  private static int post(String url, byte[] request) throws IOException {
    return Http.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("content-type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.ofByteArray(request)),
            ANSWERS)
        .statusCode();
  }

  private static void awaitWritten(TraceStore store, long traces) {
    long spans = traces * RollSpans.SPANS_EACH;
    await()
        .atMost(WRITTEN)
        .failFast(
            "a part of the store has ended",
            () -> store.parts().forEach(ManagedProcess::requireAlive))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () ->
                assertThat(store.written())
                    .as("spans written by " + store.name())
                    .isGreaterThanOrEqualTo(spans));
  }

  /**
   * Returns the sorted milliseconds from the sending of a trace until it is found, for one trace
   * after another.
   */
  private static List<Double> untilSearchable(TraceStore store, SplittableRandom random)
      throws Exception {
    var rolls = new RollSpans("marker", random.split());
    List<Double> delays = new ArrayList<>();
    for (int i = 0; i < MARKERS; i++) {
      List<String> traceIds = new ArrayList<>();
      byte[] request = rolls.request(1, traceIds);
      long began = System.nanoTime();
      assertThat(post(otlp(store.receivers().get(0)), request)).isEqualTo(200);
      while (!isWhole(store, traceIds.get(0))) {
        assertThat(secondsSince(began)).as("seconds until a trace is found").isLessThan(60);
        LockSupport.parkNanos(LOOK.toNanos());
      }
      delays.add(secondsSince(began) * 1000);
    }
    Collections.sort(delays);
    return delays;
  }

  /** Looks for a sample of the traces: the spans are counted when they are written. */
  private static void seek(TraceStore store, List<String> traceIds) {
    List<String> sought = new ArrayList<>(traceIds);
    Collections.shuffle(sought, new Random(traceIds.size()));
    for (String traceId : sought.subList(0, Math.min(SOUGHT, sought.size()))) {
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptionsInstanceOf(IOException.class)
          .untilAsserted(
              () ->
                  assertThat(isWhole(store, traceId))
                      .as("whether trace " + traceId + " is found whole")
                      .isTrue());
    }
  }

  private static boolean isWhole(TraceStore store, String traceId) throws IOException {
    return RecordedSpan.ofTrace(store.query(), traceId).size() == RollSpans.SPANS_EACH;
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  private static void report(int round, String form, Figures figures) {
    System.out.printf(
        "round %d, %s: %,.0f spans/s accepted, %,.0f/s written, %d refusals, seconds of CPU for 1,000 spans %s,"
            + " searchable after %.0f ms (median; slowest %.0f), bytes per span %s%n",
        round,
        form,
        figures.acceptedEachSecond(),
        figures.writtenEachSecond(),
        figures.refusals(),
        figures.cpuSeconds(),
        figures.searchableMillis(),
        figures.slowestMillis(),
        figures.bytesEach());
  }
}
