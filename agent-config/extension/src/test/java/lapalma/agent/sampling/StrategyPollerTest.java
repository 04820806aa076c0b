package lapalma.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StrategyPollerTest {
  private static final Logger LOG = Logger.getLogger(StrategyPoller.class.getName());

  private final List<Strategy> followed = new ArrayList<>();
  private final SeenLog log = new SeenLog();
  private RuntimeException failure;
  private String answer;
  private final StrategyPoller poller =
      new StrategyPoller(
          () -> {
            if (answer == null) {
              throw new IOException("away");
            }
            if (failure != null) {
              throw failure;
            }
            return answer;
          },
          followed::add);

  @BeforeEach
  void listen() {
    LOG.setUseParentHandlers(false);
    LOG.addHandler(log);
  }

  @AfterEach
  void stopListening() {
    LOG.removeHandler(log);
    LOG.setUseParentHandlers(true);
  }

  @Test
  void onlyAChangeIsHandedOn() {
    polls(rate(1), rate(1), rate(0.5), rate(0.5));

    assertThat(followed).containsExactly(Strategy.probabilistic(1), Strategy.probabilistic(0.5));
  }

  @Test
  void theLastGoodStrategyStaysWhileJaegerIsAwayOrAnswersNonsense() {
    polls(rate(0.5), null, null, "nonsense", "nonsense", rate(0.5), null);

    assertThat(followed).containsExactly(Strategy.probabilistic(0.5));
  }

  @Test
  void eachTroubleIsToldOnceAndOnlyNonsenseIsAWarning() {
    polls(null, null, "nonsense", "nonsense", rate(1), null);

    assertThat(log.levels).containsExactly(Level.INFO, Level.WARNING, Level.INFO, Level.INFO);
  }

  @Test
  void aTroubleWithoutAMessageIsToldOnceToo() {
    failure = new IllegalStateException();
    polls("fails", "fails", "fails");

    assertThat(log.levels).containsExactly(Level.WARNING);
    assertThat(log.last).endsWith(": java.lang.IllegalStateException");
  }

  @Test
  void aStrategyThatCouldNotBeFollowedIsHandedOnAgain() {
    List<Strategy> offered = new ArrayList<>();
    var refusing =
        new StrategyPoller(
            () -> rate(0.5),
            strategy -> {
              offered.add(strategy);
              if (offered.size() == 1) {
                throw new IllegalStateException("not now");
              }
            });

    refusing.poll();
    refusing.poll();
    refusing.poll();

    assertThat(offered).containsExactly(Strategy.probabilistic(0.5), Strategy.probabilistic(0.5));
  }

  @Test
  void nothingThatIsThrownEndsThePolling() throws Exception {
    Queue<Throwable> failures =
        new ConcurrentLinkedQueue<>(
            List.of(
                new IOException("away"),
                new IllegalStateException("broken"),
                new StackOverflowError(),
                new NoClassDefFoundError("a/Class")));
    var handedOn = new CompletableFuture<Strategy>();
    var polled = new CompletableFuture<Thread>();
    var survivor =
        new StrategyPoller(
            () -> {
              Throwable next = failures.poll();
              if (next instanceof IOException exception) {
                throw exception;
              } else if (next instanceof RuntimeException exception) {
                throw exception;
              } else if (next instanceof Error error) {
                throw error;
              }
              polled.complete(Thread.currentThread());
              return rate(0.5);
            },
            handedOn::complete);

    try (survivor) {
      survivor.start(Duration.ofMillis(10));

      assertThat(handedOn.get(30, TimeUnit.SECONDS)).isEqualTo(Strategy.probabilistic(0.5));
    }
    assertThat(polled.join().isDaemon()).isTrue();
    assertThat(log.levels).startsWith(Level.INFO, Level.WARNING, Level.WARNING, Level.WARNING);
  }

  @Test
  void aComplaintThatCannotBeLoggedEndsNoPollingEither() throws Exception {
    var failures = new AtomicInteger(3);
    var handedOn = new CompletableFuture<Strategy>();
    var survivor =
        new StrategyPoller(
            () -> {
              if (failures.getAndDecrement() > 0) {
                throw new OutOfMemoryError("failure " + failures);
              }
              return rate(0.5);
            },
            handedOn::complete);
    log.failure = new OutOfMemoryError("no memory for a line of the log");

    try (survivor) {
      survivor.start(Duration.ofMillis(10));

      assertThat(handedOn.get(30, TimeUnit.SECONDS)).isEqualTo(Strategy.probabilistic(0.5));
    }
  }

  @Test
  void aStrategyOfManyOperationsIsLoggedInPart() {
    String operations =
        IntStream.range(0, 5000)
            .mapToObj(
                "{\"operation\":\"GET /%s\",\"probabilisticSampling\":{\"samplingRate\":1}}"
                    ::formatted)
            .collect(Collectors.joining(","));
    polls(
        "{\"operationSampling\":{\"defaultSamplingProbability\":1,\"perOperationStrategies\":[%s]}}"
            .formatted(operations));

    assertThat(followed.get(0).rates()).hasSize(5000);
    assertThat(log.last).startsWith("Jaeger now asks for ").endsWith("…").hasSizeLessThan(2100);
  }

  @Test
  void jvmsThatStartTogetherDoNotAskTogether() {
    assertThat(
            LongStream.generate(() -> StrategyPoller.pauseMillis(Duration.ofSeconds(1)))
                .limit(1000)
                .boxed()
                .collect(Collectors.toSet()))
        .allMatch(millis -> millis >= 900 && millis <= 1100)
        .hasSizeGreaterThan(50);
  }

  private void polls(String... answers) {
    for (String one : answers) {
      answer = one;
      poller.poll();
    }
  }

  private static String rate(double rate) {
    return "{\"probabilisticSampling\":{\"samplingRate\":%s}}".formatted(rate);
  }

  private static final class SeenLog extends Handler {
    private final List<Level> levels = new CopyOnWriteArrayList<>();
    private volatile String last;
    private volatile Error failure;

    @Override
    public void publish(LogRecord record) {
      if (failure != null) {
        throw failure;
      }
      levels.add(record.getLevel());
      last = new SimpleFormatter().formatMessage(record);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
