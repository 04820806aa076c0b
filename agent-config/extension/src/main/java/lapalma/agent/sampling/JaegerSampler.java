package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.ComposableSampler;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import io.opentelemetry.sdk.trace.data.LinkData;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Samples by the latest strategy of Jaeger. */
final class JaegerSampler implements ComposableSampler, AutoCloseable {
  private final LongSupplier nanoClock;
  private volatile StrategyDecision latest;
  private @Nullable StrategyPoller poller; // null if it never asks

  JaegerSampler(Strategy initial, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.latest = new StrategyDecision(initial, nanoClock);
  }

  void follow(Strategy strategy) {
    latest = new StrategyDecision(strategy, nanoClock);
  }

  StrategyDecision latest() {
    return latest;
  }

  /** Follows the strategy that this source answers, until it is closed. */
  void ask(Callable<String> source, Duration interval) {
    poller = new StrategyPoller(source, this::follow);
    poller.start(interval);
  }

  /** Stops asking. The latest strategy stays in force. */
  @Override
  public void close() {
    if (poller != null) {
      poller.close();
    }
  }

  @Override
  public SamplingIntent getSamplingIntent(
      Context parentContext,
      String name,
      SpanKind spanKind,
      Attributes attributes,
      List<LinkData> parentLinks) {
    return latest.intent(name, attributes);
  }

  @Override
  public String getDescription() {
    return "JaegerSampler{" + latest.strategy() + "}";
  }

  @Override
  public String toString() {
    return getDescription();
  }
}
