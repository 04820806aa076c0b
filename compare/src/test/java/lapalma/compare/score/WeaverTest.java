package lapalma.compare.score;

import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_INFO;
import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import lapalma.compare.LabException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeaverTest {
  private static final Arrived ARRIVED =
      Sent.from(Map.of("service.name", "dice"))
          .span(SPAN_KIND_SERVER, "GET /", "01", "", Map.of("http.route", "/"))
          .counter("rolls", "{roll}", Map.of("face", "6"))
          .log(SEVERITY_NUMBER_INFO, "INFO", Map.of())
          .arrived();

  @TempDir Path folder;

  @Test
  void runsOnlyWhereTheProgramIsNamed() {
    assertThat(Weaver.of(Map.of(), "1.44.0")).isEmpty();
    assertThat(Weaver.of(Map.of("WEAVER", "/opt/weaver"), "1.44.0"))
        .contains(
            new Weaver(
                "/opt/weaver",
                "https://github.com/open-telemetry/semantic-conventions.git@v1.44.0[model]"));
    assertThat(Weaver.of(Map.of("WEAVER", "w", "WEAVER_REGISTRY", "model"), "1.44.0"))
        .contains(new Weaver("w", "model"));
  }

  @Test
  void theProgramGetsWhatArrivedAndItsFindingsAreCounted() throws IOException {
    // Given a program that keeps its arguments and answers as Weaver does
    Path program =
        program(
            """
            echo "$@" > %s/arguments
            cat <<'END'
            {"samples": [
              {"metric": {"live_check_result": {"all_advice": [
                {"level": "violation", "id": "missing_metric", "message": "Not there.",
                 "signal_type": "metric", "signal_name": "rolls"}]}}},
              {"span": {"attributes": [{"live_check_result": {"all_advice": [
                {"level": "improvement", "id": "not_stable", "message": "In development."}]}},
                {"live_check_result": {"all_advice": [
                {"level": "improvement", "id": "not_stable", "message": "In development."}]}}]}}]}
            END
            """
                .formatted(folder));

    // When
    var findings = new Weaver(program.toString(), "model").findings(ARRIVED, folder);

    // Then
    assertThat(findings)
        .containsExactly(
            "violation missing_metric: Not there. (metric rolls), 1 times",
            "improvement not_stable: In development. (), 2 times");
    assertThat(folder.resolve("arguments"))
        .hasContent(
            "registry live-check --registry model --input-source %s/weaver-samples.json --input-format json --format json --no-stream --fail-on none"
                .formatted(folder));
    assertThat(Files.readString(folder.resolve("weaver-samples.json")).replaceAll("\\s", ""))
        .startsWith("[{\"resource\":")
        .contains("\"kind\":\"server\"", "\"instrument\":\"updowncounter\"", "\"log\":{");
  }

  @Test
  void aProgramThatFailsIsNamed() throws IOException {
    Path program = program("echo 'no such registry' >&2; exit 1\n");
    assertThatThrownBy(() -> new Weaver(program.toString(), "model").findings(ARRIVED, folder))
        .isInstanceOf(LabException.class)
        .hasMessageContaining(program.toString());
  }

  private Path program(String script) throws IOException {
    Path program = Files.writeString(folder.resolve("weaver"), "#!/bin/sh\n" + script);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program;
  }
}
