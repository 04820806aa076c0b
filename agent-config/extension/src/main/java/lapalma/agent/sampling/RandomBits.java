package lapalma.agent.sampling;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;

/** The 56 random bits of a request that was not dropped before a span was made for it. */
final class RandomBits {
  private static final ContextKey<Long> KEY = ContextKey.named("lapalma-random-bits");

  private RandomBits() {}

  /** Returns a context without a span, which hands the bits to the sampler. */
  static Context context(long bits) {
    return Context.root().with(KEY, bits);
  }

  /** Returns the bits of a context, or null if it has none. */
  static Long in(Context context) {
    return context.get(KEY);
  }
}
