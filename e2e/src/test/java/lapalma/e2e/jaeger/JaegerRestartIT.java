package lapalma.e2e.jaeger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import org.junit.jupiter.api.Test;

class JaegerRestartIT {

  @Test
  void tracesFoundBeforeARestartAreFoundAfterIt() throws Exception {
    Project project = SharedStack.project();
    Ports ports = FreePorts.forAll();
    Path folder = SharedStack.newFolder("restart");
    var context = TraceContext.random();
    Instant began = Instant.now();
    int spans;

    try (Jaeger jaeger = Jaeger.start(project, ports, folder);
        DiceProcess dice = DiceProcess.startAttached(project, ports, folder, Map.of())) {
      context.get(dice.url() + "/");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> assertThat(RecordedSpan.ofTrace(jaeger, context.traceId())).hasSize(2));
      spans = RecordedSpan.ofTrace(jaeger, context.traceId()).size();
    }

    try (Jaeger restarted = Jaeger.start(project, ports, folder)) {
      assertThat(RecordedSpan.ofTrace(restarted, context.traceId())).hasSize(spans);
      assertThat(restarted.api().traces("dice", began)).isNotEmpty();
    }
  }
}
