package lapalma.agent.sampling;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Asks for the strategy again and again, and hands on what has changed.
 *
 * <p>Where there is no usable answer the last good one stays in force: losing Jaeger must change
 * nothing in the app.
 */
final class StrategyPoller {
  private static final Logger log = Logger.getLogger(StrategyPoller.class.getName());

  private static final Span UNSAMPLED =
      Span.wrap(
          SpanContext.create(
              "00000000000000000000000000000001",
              "0000000000000001",
              TraceFlags.getDefault(),
              TraceState.getDefault()));

  private final StrategySource source;
  private final Consumer<Strategy> follower;
  private Strategy followed;
  private String complaint = "";

  StrategyPoller(StrategySource source, Consumer<Strategy> follower) {
    this.source = source;
    this.follower = follower;
  }

  /** Polls on a thread that does not hold the JVM. */
  void start(Duration interval) {
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              var thread = new Thread(task, "jaeger-sampling");
              thread.setDaemon(true);
              return thread;
            });
    var unused =
        executor.scheduleWithFixedDelay(
            this::pollUnsampled, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Throws nothing: the executor does not call again what has thrown. */
  private void pollUnsampled() {
    // Where HTTP clients are instrumented, a question each second would be a trace.
    try (Scope unused = UNSAMPLED.makeCurrent()) {
      poll();
    } catch (Throwable e) {
      // The complaint could not be logged either, for example for want of memory.
    }
  }

  void poll() {
    try {
      Strategy strategy = Strategy.parse(source.ask());
      // The same strategy again must not refill its rate limit.
      if (!strategy.equals(followed)) {
        follower.accept(strategy);
        followed = strategy;
        log.log(Level.INFO, "Jaeger now asks for {0}", strategy);
      }
      complaint = "";
    } catch (IOException e) {
      // Nothing is wrong with the app or its configuration when Jaeger is away.
      complain(Level.INFO, e.toString());
    } catch (Throwable e) {
      // An Error too, such as one of memory: once it has passed, the rate must follow Jaeger again.
      complain(Level.WARNING, Objects.requireNonNullElseGet(e.getMessage(), e::toString));
    }
  }

  /** Says each thing once, not once a second. */
  private void complain(Level level, String why) {
    if (!complaint.equals(why)) {
      complaint = why;
      log.log(
          level,
          "No sampling strategy from {0}, the last one stays in force: {1}",
          new Object[] {source, why});
    }
  }
}
