package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.Prometheus;
import lapalma.stack.Rules;
import lapalma.stack.VictoriaLogs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the rules as they are written on a dice without a fault. */
@Tag("soak")
class HealthSoakIT {
  private static final Duration SOAK = Duration.ofMinutes(10);

  @Test
  void tenMinutesOfHealthyTrafficAlertNobody() throws Exception {
    Project project = SharedStack.project();
    Ports ports = FreePorts.forAll();
    Path folder = SharedStack.newFolder("soak");
    try (Jaeger jaeger = Jaeger.start(project, ports, folder);
        VictoriaLogs logs = VictoriaLogs.start(project, ports, folder);
        var alertmanager = new Alertmanager(project, folder, Rules.AS_WRITTEN);
        DiceProcess dice =
            DiceProcess.startAttached(project, ports, folder, Map.of("LOG_LEVEL", "WARN"));
        Prometheus prometheus =
            Prometheus.start(project, ports, folder, alertmanager.target(), Rules.AS_WRITTEN);
        Load load = Load.start(ports.of(Port.DICE), 4, 50)) {
      await("ten minutes without an alert")
          .atMost(SOAK.plusMinutes(2))
          .pollInterval(Duration.ofSeconds(5))
          .failFast(
              () ->
                  assertThat(
                          prometheus
                              .api()
                              .query("ALERTS{alertstate=\"firing\", severity!=\"none\"}"))
                      .as("firing alerts")
                      .isEmpty())
          .untilAsserted(
              () ->
                  assertThat(
                          prometheus
                              .api()
                              .query("count_over_time(service:health:state[15m:15s]) >= 40"))
                      .as("ten minutes of health states")
                      .isNotEmpty());

      assertThat(prometheus.api().query("max_over_time(service:health:state[15m]) == 0"))
          .isNotEmpty();
      assertThat(alertmanager.notifications()).isEmpty();
      assertThat(load.lost()).isEmpty();
      System.out.printf("%d requests, no alert%n", load.answered().size());
    }
  }
}
