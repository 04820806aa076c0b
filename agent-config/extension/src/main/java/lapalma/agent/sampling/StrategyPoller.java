package lapalma.agent.sampling;

import io.opentelemetry.api.impl.InstrumentationUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the strategy at an interval, and passes on changes.
 *
 * <p>Without a usable answer, the last good strategy stays in force: an outage of Jaeger must
 * change nothing in the app.
 */
final class StrategyPoller implements AutoCloseable {
  private static final Logger log = Logger.getLogger(StrategyPoller.class.getName());

  /** The number of characters of a strategy that are logged. */
  private static final int MAX_LOGGED = 2000;

  /** By how much a pause differs from the interval: JVMs that start together soon ask apart. */
  private static final double JITTER = 0.1;

  private final Callable<String> source;
  private final Consumer<Strategy> follower;
  private @Nullable Strategy followed;
  private String complaint = "";
  private volatile @Nullable Thread polling; // null before the start and after the end

  StrategyPoller(Callable<String> source, Consumer<Strategy> follower) {
    this.source = source;
    this.follower = follower;
  }

  /** Polls on a thread that does not keep the JVM from exiting. */
  void start(Duration interval) {
    var thread = new Thread(() -> pollUntilClosed(interval), "jaeger-sampling");
    thread.setDaemon(true);
    polling = thread;
    thread.start();
  }

  private void pollUntilClosed(Duration interval) {
    while (polling == Thread.currentThread()) {
      try {
        // If HTTP clients are instrumented, each poll would otherwise be a trace.
        InstrumentationUtil.suppressInstrumentation(this::poll);
      } catch (Throwable e) {
        // Even the complaint could not be logged, for example because memory ran out.
      }
      try {
        Thread.sleep(pauseMillis(interval));
      } catch (InterruptedException e) {
        // Closed, or somebody else's interrupt, after which it only asks sooner.
      }
    }
  }

  static long pauseMillis(Duration interval) {
    return Math.round(
        interval.toMillis() * ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER));
  }

  /** Ends the polling, without waiting for an answer that is under way. */
  @Override
  public void close() {
    Thread thread = polling;
    polling = null;
    if (thread != null) {
      thread.interrupt();
    }
  }

  void poll() {
    try {
      Strategy strategy = Strategy.parse(source.call());
      // The same strategy again must not refill its rate limit.
      if (!strategy.equals(followed)) {
        follower.accept(strategy);
        followed = strategy;
        log.log(Level.INFO, "Jaeger now asks for {0}", shortened(strategy.toString()));
      }
      complaint = "";
    } catch (IOException e) {
      // An unavailable Jaeger is no fault of the app or of its configuration.
      complain(Level.INFO, e.toString());
    } catch (Throwable e) {
      // Also an Error, for example of memory: afterwards, the rate must follow Jaeger again.
      complain(Level.WARNING, Objects.requireNonNullElseGet(e.getMessage(), e::toString));
    }
  }

  /** Shortens a strategy of many operations: adaptive sampling changes it often. */
  private static String shortened(String strategy) {
    return strategy.length() <= MAX_LOGGED ? strategy : strategy.substring(0, MAX_LOGGED) + "…";
  }

  /** Logs each complaint once, not once a second. */
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
