package lapalma.agent.exit;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExitBoundSpanExporterTest {
  private final Backend backend = new Backend();
  private final ExitBoundSpanExporter exporter = new ExitBoundSpanExporter(backend);

  @Test
  void anExportEndsAsTheBackendEndsIt() {
    CompletableResultCode delivered = exporter.export(List.of());
    assertThat(delivered.isDone()).isFalse();
    backend.answer.succeed();
    assertThat(delivered.isSuccess()).isTrue();

    backend.answer = new CompletableResultCode();
    CompletableResultCode refused = exporter.export(List.of());
    backend.answer.fail();
    assertThat(refused.isDone()).isTrue();
    assertThat(refused.isSuccess()).isFalse();
  }

  @Test
  void givingUpEndsTheExportInProgress() {
    CompletableResultCode inProgress = exporter.export(List.of());

    exporter.giveUp();

    assertThat(inProgress.isDone()).isTrue();
    assertThat(inProgress.isSuccess()).isFalse();
  }

  @Test
  void afterGivingUpNothingIsWaitedFor() {
    exporter.giveUp();

    assertThat(exporter.export(List.of()).isDone()).isTrue();
    assertThat(backend.exports).isZero();
    assertThat(exporter.shutdown().isSuccess()).isTrue();
    assertThat(backend.closed).isTrue();
  }

  @Test
  void beforeGivingUpTheShutdownIsTheBackends() {
    assertThat(exporter.shutdown().isDone()).isFalse();
    assertThat(backend.closed).isTrue();
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
}
