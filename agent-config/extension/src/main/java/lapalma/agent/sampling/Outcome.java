package lapalma.agent.sampling;

import static java.util.stream.Collectors.joining;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is decided about a span, and what its trace state tells about that.
 *
 * <p>The entry {@code ot} can contain a threshold {@code th}: of all traces, those whose random
 * value is not below it are sampled. A sampled span stands for as many spans as the threshold tells
 * (<a
 * href="https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/">specification</a>).
 * The random value is {@code rv} in the same entry, or else the last 56 bits of the trace ID.
 *
 * @param decision what the SDK does
 * @param rootState the trace state of a root span; null if this is no decision by a threshold, so
 *     that the caller's threshold, if any, must not stay
 */
record Outcome(SamplingDecision decision, @Nullable TraceState rootState)
    implements SamplingResult {
  static final Outcome SAMPLED = new Outcome(SamplingDecision.RECORD_AND_SAMPLE, null);
  static final Outcome DROPPED = new Outcome(SamplingDecision.DROP, null);

  private static final String ENTRY = "ot";
  private static final String THRESHOLD = "th:";
  private static final String RANDOM = "rv:";
  private static final int DIGITS = 14;
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{1," + DIGITS + "}");

  /** Returns the outcome for a root span that is not below a threshold. */
  static Outcome sampledBy(long threshold) {
    String digits = "%014x".formatted(threshold).replaceFirst("0+$", "");
    String th = THRESHOLD + (digits.isEmpty() ? "0" : digits);
    return new Outcome(
        SamplingDecision.RECORD_AND_SAMPLE, TraceState.builder().put(ENTRY, th).build());
  }

  /**
   * Decides as the caller did, by its flag. Its threshold stays only if it leads to the same
   * decision; upstream's composite sampler decides by the threshold and ignores the flag.
   */
  static SamplingResult asCallerOf(SpanContext caller) {
    if (!caller.isSampled()) {
      return DROPPED;
    }
    return samplesByThreshold(caller) ? SamplingResult.recordAndSample() : SAMPLED;
  }

  private static boolean samplesByThreshold(SpanContext caller) {
    String entry = caller.getTraceState().get(ENTRY);
    if (entry == null) {
      return true; // nothing that could contradict
    }
    long threshold = 0;
    long random = randomBits(caller.getTraceId());
    for (String member : entry.split(";")) {
      String value = member.substring(Math.min(member.length(), THRESHOLD.length()));
      boolean hex = HEX.matcher(value).matches();
      if (member.startsWith(THRESHOLD)) {
        threshold =
            hex ? randomBits(value + "0".repeat(DIGITS - value.length())) : Share.THRESHOLDS;
      } else if (member.startsWith(RANDOM) && hex && value.length() == DIGITS) {
        random = randomBits(value);
      }
    }
    return threshold <= random;
  }

  /** Returns the last 56 bits of a trace ID, which are random. */
  static long randomBits(String traceId) {
    return Long.parseLong(traceId, traceId.length() - DIGITS, traceId.length(), 16);
  }

  @Override
  public SamplingDecision getDecision() {
    return decision;
  }

  @Override
  public Attributes getAttributes() {
    return Attributes.empty();
  }

  @Override
  public TraceState getUpdatedTraceState(TraceState parent) {
    if (rootState != null) {
      return rootState;
    }
    String entry = parent.get(ENTRY);
    if (entry == null || !entry.contains(THRESHOLD)) {
      return parent;
    }
    String rest =
        Arrays.stream(entry.split(";"))
            .filter(member -> !member.startsWith(THRESHOLD))
            .collect(joining(";"));
    var builder = parent.toBuilder();
    return (rest.isEmpty() ? builder.remove(ENTRY) : builder.put(ENTRY, rest)).build();
  }
}
