package lapalma.dice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

  @Test
  void unsetVariablesTakeTheReferencesDefaults() throws Exception {
    assertThat(Settings.from(Map.of()))
        .isEqualTo(new Settings(5000, "dev", Level.INFO, Duration.ZERO));
  }

  @Test
  void emptyVariablesCountAsUnset() throws Exception {
    var empty = Map.of("PORT", "", "APP_VERSION", " ", "LOG_LEVEL", "", "DRAIN_SECONDS", "");

    assertThat(Settings.from(empty)).isEqualTo(Settings.from(Map.of()));
  }

  @Test
  void variablesAreRead() throws Exception {
    var environment =
        Map.of(
            "PORT", "8080",
            "APP_VERSION", "1.2.3+abc",
            "LOG_LEVEL", "debug",
            "DRAIN_SECONDS", "60");

    assertThat(Settings.from(environment))
        .isEqualTo(new Settings(8080, "1.2.3+abc", Level.DEBUG, Duration.ofMinutes(1)));
  }

  @ParameterizedTest
  @CsvSource({"WARNING,WARN", "CRITICAL,ERROR", "warn,WARN", "Error,ERROR", "TRACE,TRACE"})
  void levelsOfTheReferenceAndOfJavaAreKnown(String value, String level) throws Exception {
    assertThat(Settings.from(Map.of("LOG_LEVEL", value)).logLevel())
        .isEqualTo(Level.valueOf(level));
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "70000", "65536", "-1", "5000.0", "0x50", "1000000000000"})
  void aPortThatIsNoneSaysWhatToSet(String port) {
    assertThatThrownBy(() -> Settings.from(Map.of("PORT", port)))
        .isInstanceOf(BadSettingException.class)
        .hasMessage(
            "PORT is '%s': set it to a whole number from 0 to 65535 (0 takes any free port)."
                .formatted(port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5s", "61", "-1", "2.5", "1000000000000"})
  void aBadDrainSaysWhatToSet(String seconds) {
    assertThatThrownBy(() -> Settings.from(Map.of("DRAIN_SECONDS", seconds)))
        .isInstanceOf(BadSettingException.class)
        .hasMessage(
            "DRAIN_SECONDS is '%s': set it to a whole number from 0 to 60.".formatted(seconds));
  }

  @Test
  void anUnknownLevelSaysWhichThereAre() {
    assertThatThrownBy(() -> Settings.from(Map.of("LOG_LEVEL", "loud")))
        .isInstanceOf(BadSettingException.class)
        .hasMessage("LOG_LEVEL is 'loud': set it to TRACE, DEBUG, INFO, WARN or ERROR.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0\"}", "a b", "1.0\n", "é"})
  void aVersionThatWouldNeedEscapingIsRefused(String version) {
    assertThatThrownBy(() -> Settings.from(Map.of("APP_VERSION", "x" + version + "x")))
        .isInstanceOf(BadSettingException.class)
        .hasMessageStartingWith("APP_VERSION is 'x" + version + "x': use 1 to 128 letters");
  }
}
