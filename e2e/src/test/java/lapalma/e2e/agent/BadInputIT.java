package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.SharedStack;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadInputIT {
  private final Project project = SharedStack.project();

  @ParameterizedTest
  @CsvSource({"PORT,abc", "PORT,70000", "LOG_LEVEL,loud", "APP_VERSION,a\"b", "DRAIN_SECONDS,5s"})
  void aBadVariableIsOneSentenceAndExitCodeTwo(String variable, String value) {
    try (ManagedProcess dice = start(List.of(), Map.of(variable, value))) {
      assertThat(dice.awaitExit(Duration.ofSeconds(30))).isEqualTo(2);
      assertThat(dice.logText().lines())
          .singleElement()
          .asString()
          .startsWith("%s is '%s': ".formatted(variable, value));
    }
  }

  @Test
  void aBadVariableIsNoOtherWithTheAgent() {
    Map<String, String> environment =
        Map.of("PORT", "abc", "OTEL_EXPORTER_PROMETHEUS_PORT", String.valueOf(FreePort.find()));
    try (ManagedProcess dice = start(List.of("@" + project.attachArgs()), environment)) {
      assertThat(dice.awaitExit(Duration.ofSeconds(60))).isEqualTo(2);
      assertThat(dice.logText())
          .contains("PORT is 'abc': set it to a whole number from 0 to 65535")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aTakenPortIsOneSentenceAndExitCodeOne() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[4]));
        ManagedProcess dice =
            start(List.of(), Map.of("PORT", String.valueOf(taken.getLocalPort())))) {
      assertThat(dice.awaitExit(Duration.ofSeconds(30))).isEqualTo(1);
      assertThat(dice.logText().lines())
          .singleElement()
          .asString()
          .startsWith("Cannot listen on port %d (".formatted(taken.getLocalPort()))
          .endsWith("): stop what listens there or set PORT to another port.");
    }
  }

  private ManagedProcess start(List<String> jvmArguments, Map<String, String> environment) {
    Path folder = SharedStack.newFolder("bad-input");
    List<String> command = new ArrayList<>();
    command.add(Project.java());
    command.addAll(jvmArguments);
    command.addAll(List.of("-jar", project.diceJar().toString()));
    return ManagedProcess.start("dice", command, environment, folder, folder.resolve("dice.log"));
  }
}
