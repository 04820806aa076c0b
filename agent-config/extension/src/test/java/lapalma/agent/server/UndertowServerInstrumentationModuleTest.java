package lapalma.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.instrumentation.api.internal.InternalInstrumenterCustomizerUtil;
import io.opentelemetry.javaagent.extension.instrumentation.internal.AgentDistributionConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import lapalma.agent.weaving.Weaving;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UndertowServerInstrumentationModuleTest {
  private static final Logger LOG =
      Logger.getLogger(UndertowServerInstrumentationModule.class.getName());

  private final List<String> logged = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          logged.add(record.getLevel() + " " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void asAgentConfigHasIt() {
    Weaving.configureAgent("otel.instrumentation.common.default-enabled", "false");
    LOG.setUseParentHandlers(false);
    LOG.addHandler(handler);
  }

  @AfterEach
  void forget() {
    LOG.removeHandler(handler);
    LOG.setUseParentHandlers(true);
    AgentDistributionConfig.resetForTest();
  }

  @Test
  void itFitsTheAgentThatItIsBuiltFor() {
    var module = new UndertowServerInstrumentationModule();

    assertThat(module.typeInstrumentations()).hasSize(4);
    assertThat(module.getAdditionalHelperClassNames()).isNotEmpty();
    assertThat(logged).isEmpty();
  }

  @Test
  void itIsOffAndSaysSoUnderAnAgentWithOtherInternals() {
    var module =
        new UndertowServerInstrumentationModule(
            () -> {
              throw new NoSuchMethodError("findVersion");
            });

    assertThat(module.typeInstrumentations()).isEmpty();
    assertThat(module.getAdditionalHelperClassNames()).isEmpty();
    assertThat(logged)
        .containsExactly(
            "SEVERE undertow_server is off, because it does not fit this version of the agent: replace it by undertow, undertow_route in enabled.");
  }

  @Test
  void itIsOffAndSaysSoWhereACustomizerOfInstrumentersChangesIt() {
    InternalInstrumenterCustomizerUtil.setInstrumenterCustomizerProviders(
        List.of(customizer -> customizer.addOperationMetrics(meter -> null)));
    try {
      assertThat(new UndertowServerInstrumentationModule().typeInstrumentations()).isEmpty();
    } finally {
      InternalInstrumenterCustomizerUtil.setInstrumenterCustomizerProviders(List.of());
    }
    assertThat(logged)
        .containsExactly(
            "SEVERE undertow_server is off, because an InstrumenterCustomizerProvider changes io.opentelemetry.undertow-1.4 and it has no instrumenter: replace it by undertow, undertow_route in enabled.");
  }

  @ParameterizedTest
  @CsvSource({
    "1.3.33.Final, false",
    "1.4.28.Final, true",
    "2.0.0.Final, true",
    "2.4.4.Final, true",
    "2.10.0.Final, true",
    "3.0.0.Alpha1, false",
    "Unknown, true"
  })
  void itIsForARangeOfVersionsOfUndertow(String version, boolean supported) {
    assertThat(UndertowVersion.isSupported(version)).isEqualTo(supported);
  }
}
