package lapalma.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategyTest {

  @Test
  void oneRateForAll() {
    assertThat(
            Strategy.parse(
                """
                {"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0}}
                """))
        .isEqualTo(Strategy.probabilistic(0));
  }

  @Test
  void aRateForEachOperation() {
    assertThat(
            Strategy.parse(
                """
                {"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5},
                 "operationSampling":{"defaultSamplingProbability":0.5,
                  "defaultLowerBoundTracesPerSecond":0.5,"perOperationStrategies":[
                   {"operation":"GET /","probabilisticSampling":{"samplingRate":0.25}}],
                  "defaultUpperBoundTracesPerSecond":0}}
                """))
        .isEqualTo(new Strategy(0.5, Map.of("GET /", 0.25), OptionalInt.empty(), 0.5));
  }

  @Test
  void aLimitAndRatesUnderIt() {
    assertThat(
            Strategy.parse(
                """
                {"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":3},
                 "operationSampling":{"defaultSamplingProbability":1,"perOperationStrategies":[
                   {"operation":"GET /","probabilisticSampling":{"samplingRate":0.25}}]}}
                """))
        .isEqualTo(new Strategy(1, Map.of("GET /", 0.25), OptionalInt.of(3), 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                                    | it has no samplingRate",
        "<html>                                                | it is not JSON",
        "{}                                                    | it has no samplingRate",
        "[]                                                    | it has no samplingRate",
        "{\"probabilisticSampling\":{\"samplingRate\":1.5}}        | samplingRate is 1.5",
        "{\"probabilisticSampling\":{\"samplingRate\":\"all\"}}      | samplingRate is \"all\"",
        "{\"rateLimitingSampling\":{\"maxTracesPerSecond\":-1}}    | maxTracesPerSecond is -1",
        "{\"rateLimitingSampling\":{}}                           | maxTracesPerSecond",
        "{\"operationSampling\":{\"perOperationStrategies\":[{}]}} | operation",
        "{\"operationSampling\":{\"defaultLowerBoundTracesPerSecond\":-1}} | defaultLowerBoundTracesPerSecond is -1",
      })
  void whatIsNoStrategyIsRefused(String answer, String why) {
    assertThatThrownBy(() -> Strategy.parse(answer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
