package lapalma.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StrategyPollerTest {
  private static final Logger LOG = Logger.getLogger(StrategyPoller.class.getName());

  private final List<Strategy> followed = new ArrayList<>();
  private final LogLevels levels = new LogLevels();
  private String answer;
  private final StrategyPoller poller =
      new StrategyPoller(
          () -> {
            if (answer == null) {
              throw new IOException("away");
            }
            return answer;
          },
          followed::add);

  @BeforeEach
  void listen() {
    LOG.setUseParentHandlers(false);
    LOG.addHandler(levels);
  }

  @AfterEach
  void stopListening() {
    LOG.removeHandler(levels);
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

    assertThat(levels.seen).containsExactly(Level.INFO, Level.WARNING, Level.INFO, Level.INFO);
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

  private static final class LogLevels extends Handler {
    private final List<Level> seen = new ArrayList<>();

    @Override
    public void publish(LogRecord record) {
      seen.add(record.getLevel());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
