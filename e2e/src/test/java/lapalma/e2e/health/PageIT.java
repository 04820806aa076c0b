package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import lapalma.e2e.health.AlertReceiver.Notification;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.DiceProcess;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.Prometheus;
import lapalma.stack.Rules;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Measures how long a page takes, with rules and Alertmanager as they are written. */
@Tag("health")
class PageIT {
  private static final Duration READY = Duration.ofMinutes(2);
  private static final Duration PAGED = Duration.ofSeconds(60);

  @Test
  void aDiceThatDiesIsPagedWithinAMinute() throws Exception {
    Project project = SharedStack.project();
    Ports ports = FreePorts.forAll();
    Path folder = SharedStack.newFolder("page");
    try (var alertmanager = new Alertmanager(project, folder, Rules.AS_WRITTEN);
        DiceProcess dice =
            DiceProcess.startAttached(project, ports, folder, Map.of("LOG_LEVEL", "WARN"));
        Prometheus prometheus =
            Prometheus.start(project, ports, folder, alertmanager.target(), Rules.AS_WRITTEN)) {
      await("dice is scraped")
          .atMost(READY)
          .untilAsserted(
              () ->
                  assertThat(prometheus.api().query("up{job=~\"dice|dice-agent\"} == 1"))
                      .hasSize(2));

      dice.process().kill();

      long died = System.nanoTime();
      await("a page")
          .atMost(PAGED)
          .untilAsserted(
              () ->
                  assertThat(alertmanager.notifications())
                      .extracting(Notification::name)
                      .contains("DiceDown"));
      System.out.printf("DiceDown after %.0f s%n", (System.nanoTime() - died) / 1e9);
    }
  }
}
