package lapalma.agent.server;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.incubator.metrics.BoundDoubleHistogram;
import io.opentelemetry.api.incubator.metrics.ExtendedDoubleHistogram;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/**
 * A histogram of one series, on agents whose SDK binds instruments to attributes: 1.65 and later.
 */
public final class BoundHistogram {
  private static final boolean SUPPORTED = isSupported();

  private final BoundDoubleHistogram bound;

  private BoundHistogram(BoundDoubleHistogram bound) {
    this.bound = bound;
  }

  /** Returns null on an agent that cannot bind. */
  static @Nullable BoundHistogram of(DoubleHistogram histogram, Attributes attributes) {
    return SUPPORTED && histogram instanceof ExtendedDoubleHistogram extended
        ? new BoundHistogram(extended.bind(attributes))
        : null;
  }

  void record(double value, Context context) {
    bound.record(value, context);
  }

  private static boolean isSupported() {
    try {
      ExtendedDoubleHistogram.class.getMethod("bind", Attributes.class);
      return true;
    } catch (NoSuchMethodException | LinkageError e) {
      return false;
    }
  }
}
