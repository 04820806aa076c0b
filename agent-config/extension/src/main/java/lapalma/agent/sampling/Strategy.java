package lapalma.agent.sampling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The sampling strategy that Jaeger sets for one service.
 *
 * @param defaultRate the share of root spans of all other operations, from 0 to 1
 * @param rates the share of each operation
 * @param tracesPerSecond the largest number of new traces in each second, over all operations, from
 *     0; empty for no limit
 * @param atLeastPerSecond so many new traces of each operation are sampled in each second, whatever
 *     its rate, from 0; the operations without a rate of their own count as one
 */
record Strategy(
    double defaultRate,
    Map<String, Double> rates,
    OptionalInt tracesPerSecond,
    double atLeastPerSecond) {
  // The agent contains Jackson: its declarative configuration reads YAML with it.
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String LOWER_BOUND = "defaultLowerBoundTracesPerSecond";

  static Strategy probabilistic(double rate) {
    return new Strategy(rate, Map.of(), OptionalInt.empty(), 0);
  }

  /**
   * Reads an answer of Jaeger's {@code /api/sampling}.
   *
   * <p>Source: {@code SamplingStrategyResponse} of jaeger-idl, api_v2/sampling.proto, as JSON. If
   * it has a rate limit and rates of operations, both apply; Jaeger's own clients ignore the limit.
   *
   * @throws IllegalArgumentException when the answer is no strategy; the message says why
   */
  static Strategy parse(String answer) {
    JsonNode root = json(answer);
    JsonNode probabilistic = root.path("probabilisticSampling");
    JsonNode limiting = root.path("rateLimitingSampling");
    JsonNode byOperation = root.path("operationSampling");
    double atLeast =
        byOperation.has(LOWER_BOUND) ? number(byOperation, LOWER_BOUND, Double.MAX_VALUE) : 0;

    Map<String, Double> rates = new HashMap<>();
    for (JsonNode one : byOperation.path("perOperationStrategies")) {
      rates.put(
          one.required("operation").asText(),
          rate(one.path("probabilisticSampling"), "samplingRate"));
    }
    if (limiting.isObject()) {
      JsonNode most = limiting.required("maxTracesPerSecond");
      if (!most.isInt() || most.asInt() < 0) {
        throw new IllegalArgumentException("maxTracesPerSecond is " + most);
      }
      return new Strategy(1, Map.copyOf(rates), OptionalInt.of(most.asInt()), atLeast);
    }
    double defaultRate =
        byOperation.isObject()
            ? rate(byOperation, "defaultSamplingProbability")
            : rate(probabilistic, "samplingRate");
    return new Strategy(defaultRate, Map.copyOf(rates), OptionalInt.empty(), atLeast);
  }

  private static JsonNode json(String answer) {
    try {
      return JSON.readTree(answer);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static double rate(JsonNode node, String name) {
    return number(node, name, 1);
  }

  private static double number(JsonNode node, String name, double most) {
    JsonNode number = node.path(name);
    if (!number.isNumber() || number.asDouble() < 0 || number.asDouble() > most) {
      throw new IllegalArgumentException(
          number.isMissingNode() ? "it has no " + name : name + " is " + number);
    }
    return number.asDouble();
  }
}
