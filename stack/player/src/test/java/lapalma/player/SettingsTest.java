package lapalma.player;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

  @Test
  void unsetAndEmptyVariablesTakeTheDefaults() throws Exception {
    var defaults = new Settings(URI.create("http://127.0.0.1:5000"), new BigDecimal("2"), 0.0005);

    assertThat(Settings.from(Map.of())).isEqualTo(defaults);
    assertThat(
            Settings.from(Map.of("PLAYER_TARGET", "", "PLAYER_RATE", " ", "PLAYER_FAILURES", "")))
        .isEqualTo(defaults);
  }

  @ParameterizedTest
  @CsvSource({
    "http://dice:5000/,http://dice:5000",
    "https://dice.example/app,https://dice.example/app"
  })
  void theTargetIsAnAddressWithoutASlashAtItsEnd(String value, String target) throws Exception {
    assertThat(Settings.from(Map.of("PLAYER_TARGET", value)).target())
        .isEqualTo(URI.create(target));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dice:5000",
        "dice",
        "ftp://dice:5000",
        "http://",
        "http://dice:99999",
        "http://di ce",
        "http://user@dice",
        "http://dice/?a=b",
        "http://dice/#a"
      })
  void aTargetThatIsNoneSaysWhatToSet(String value) {
    assertThatThrownBy(() -> Settings.from(Map.of("PLAYER_TARGET", value)))
        .isInstanceOf(BadSettingException.class)
        .hasMessage(
            "PLAYER_TARGET is '%s': set it to the address of a dice server, such as http://127.0.0.1:5000."
                .formatted(value));
  }

  @ParameterizedTest
  @CsvSource({"0.1,10000", "2,500", "100,10", "100.0,10"})
  void theRateGivesTheTimeBetweenRequests(String rate, long millis) throws Exception {
    assertThat(Settings.from(Map.of("PLAYER_RATE", rate)).interval())
        .isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "0.09", "100.1", "-1", "two", "1e2", "1,5", "1000", "NaN"})
  void aRateThatIsNoneSaysWhatToSet(String value) {
    assertThatThrownBy(() -> Settings.from(Map.of("PLAYER_RATE", value)))
        .isInstanceOf(BadSettingException.class)
        .hasMessage("PLAYER_RATE is '%s': set it to a number from 0.1 to 100.".formatted(value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1", "-0.1", "5%", "NaN"})
  void aShareOfFailuresThatIsNoneSaysWhatToSet(String value) {
    assertThatThrownBy(() -> Settings.from(Map.of("PLAYER_FAILURES", value)))
        .isInstanceOf(BadSettingException.class)
        .hasMessage("PLAYER_FAILURES is '%s': set it to a number from 0 to 1.".formatted(value));
  }

  @ParameterizedTest
  @CsvSource({"2,2", "0.50,0.5", "100,100"})
  void theAnnouncementNamesRateAndTarget(String rate, String shown) throws Exception {
    assertThat(Settings.from(Map.of("PLAYER_RATE", rate)).announcement())
        .isEqualTo("Rolling %s times a second at http://127.0.0.1:5000".formatted(shown));
  }
}
