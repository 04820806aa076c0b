package lapalma.agent.exit;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExitBoundTest {
  /** An exporter, its backend and its bound. */
  private record Bounded(
      String signal,
      Supplier<CompletableResultCode> export,
      Supplier<CompletableResultCode> shutdown,
      Backend backend,
      ExitBound bound) {
    @Override
    public String toString() {
      return signal;
    }
  }

  static Stream<Bounded> exporters() {
    var spanBackend = new Backend();
    var spanBound = new ExitBound();
    var spans = new ExitBoundSpanExporter(spanBackend, spanBound);
    var recordBackend = new Backend();
    var recordBound = new ExitBound();
    var records = new ExitBoundLogRecordExporter(new LogBackend(recordBackend), recordBound);
    return Stream.of(
        new Bounded(
            "spans", () -> spans.export(List.of()), spans::shutdown, spanBackend, spanBound),
        new Bounded(
            "log records",
            () -> records.export(List.of()),
            records::shutdown,
            recordBackend,
            recordBound));
  }

  @ParameterizedTest
  @MethodSource("exporters")
  void anExportEndsAsTheBackendEndsIt(Bounded exporter) {
    CompletableResultCode delivered = exporter.export().get();
    assertThat(delivered.isDone()).isFalse();
    exporter.backend().answer.succeed();
    assertThat(delivered.isSuccess()).isTrue();

    exporter.backend().answer = new CompletableResultCode();
    CompletableResultCode refused = exporter.export().get();
    exporter.backend().answer.fail();
    assertThat(refused.isDone()).isTrue();
    assertThat(refused.isSuccess()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("exporters")
  void givingUpEndsTheExportInProgress(Bounded exporter) {
    CompletableResultCode inProgress = exporter.export().get();

    exporter.bound().giveUp();

    assertThat(inProgress.isDone()).isTrue();
    assertThat(inProgress.isSuccess()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("exporters")
  void afterGivingUpNothingIsWaitedFor(Bounded exporter) {
    exporter.bound().giveUp();

    assertThat(exporter.export().get().isDone()).isTrue();
    assertThat(exporter.backend().exports).isZero();
    assertThat(exporter.shutdown().get().isSuccess()).isTrue();
    assertThat(exporter.backend().closed).isTrue();
  }

  @ParameterizedTest
  @MethodSource("exporters")
  void beforeGivingUpTheShutdownIsTheBackends(Bounded exporter) {
    assertThat(exporter.shutdown().get().isDone()).isFalse();
    assertThat(exporter.backend().closed).isTrue();
  }

  private static final class Backend implements SpanExporter {
    private CompletableResultCode answer = new CompletableResultCode();
    private int exports;
    private boolean closed;

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      exports++;
      return answer;
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      closed = true;
      return new CompletableResultCode();
    }
  }

  private record LogBackend(Backend backend) implements LogRecordExporter {
    @Override
    public CompletableResultCode export(Collection<LogRecordData> records) {
      return backend.export(List.of());
    }

    @Override
    public CompletableResultCode flush() {
      return backend.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return backend.shutdown();
    }
  }
}
