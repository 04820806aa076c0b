package lapalma.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rules as they are written, on a dice that nothing is wrong with. */
@Tag("soak")
class HealthSoakIT {
  private static final Duration SOAK = Duration.ofMinutes(10);

  @Test
  void tenMinutesOfHealthyTrafficAlertNobody() throws Exception {
    Project project = SharedStack.project();
    Ports ports = FreePorts.forAll();
    Path folder = SharedStack.newFolder("soak");
    try (Jaeger jaeger = Jaeger.start(project, ports, folder);
        var alertmanager = new Alertmanager(project, folder, Rules.AS_WRITTEN);
        Dice dice = Dice.startAttached(project, ports, folder, Map.of("LOG_LEVEL", "WARN"));
        Prometheus prometheus =
            Prometheus.start(project, ports, folder, alertmanager.target(), Rules.AS_WRITTEN);
        Load load = Load.start(ports.of(Port.DICE), 4, 50)) {
      await("ten minutes without an alert")
          .atMost(SOAK.plusMinutes(2))
          .pollInterval(Duration.ofSeconds(5))
          .failFast(
              () ->
                  assertThat(prometheus.query("ALERTS{alertstate=\"firing\", severity!=\"none\"}"))
                      .as("firing alerts")
                      .isEmpty())
          .untilAsserted(
              () ->
                  assertThat(prometheus.query("count_over_time(dice:health:state[15m:15s]) >= 40"))
                      .as("ten minutes of health states")
                      .isNotEmpty());

      assertThat(prometheus.query("max_over_time(dice:health:state[15m]) == 0")).isNotEmpty();
      assertThat(alertmanager.notifications()).isEmpty();
      assertThat(load.lost()).isEmpty();
      System.out.printf("%d requests, no alert%n", load.answered().size());
    }
  }
}
