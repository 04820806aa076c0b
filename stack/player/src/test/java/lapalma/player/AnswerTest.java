package lapalma.player;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{\"dice_value\": 1}|1", "{\"dice_value\":6}|6"})
  void aRollHasAFace(String body, int face) {
    assertThat(Answer.of(200, body)).isEqualTo(new Answer.Rolled(face));
  }

  @Test
  void notFoundIsAMissingPage() {
    assertThat(Answer.of(404, "{}")).isEqualTo(new Answer.Missing());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "500|{\"dice_value\": 1}",
        "503|",
        "302|",
        "200|{\"dice_value\": 7}",
        "200|{\"dice_value\": 12}",
        "200|<html>another server</html>"
      })
  void anythingElseIsAFailure(int status, String body) {
    assertThat(Answer.of(status, body == null ? "" : body)).isEqualTo(new Answer.Failed());
  }
}
