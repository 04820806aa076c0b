package lapalma.e2e.jaeger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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

    try (Jaeger jaeger = Jaeger.start(project, ports, folder);
        DiceProcess dice = DiceProcess.startAttached(project, ports, folder, Map.of())) {
      context.get(dice.url() + "/");
      RecordedSpan.awaitOfTrace(jaeger, context, 2);
    }

    try (Jaeger restarted = Jaeger.start(project, ports, folder)) {
      assertThat(RecordedSpan.ofTrace(restarted, context.traceId())).hasSize(2);
      assertThat(restarted.api().traces("dice", began)).isNotEmpty();
    }
  }
}
