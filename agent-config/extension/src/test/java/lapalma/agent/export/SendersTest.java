package lapalma.agent.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfiguration;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import okio.GzipSource;
import okio.Okio;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Exports through the configuration to a server that answers as a test wants. */
class SendersTest {
  private static final Duration ARRIVES = Duration.ofSeconds(30);

  /** A form of OTLP. */
  private enum Form {
    HTTP("otlp_http", "/v1/traces"),
    GRPC("otlp_grpc", "/opentelemetry.proto.collector.trace.v1.TraceService/Export");

    final String exporter;
    final String path;

    Form(String exporter, String path) {
      this.exporter = exporter;
      this.path = path;
    }

    /** Returns an answer that has this meaning in the form. */
    MockResponse accepted() {
      return this == HTTP ? new MockResponse.Builder().code(200).build() : grpc(0).build();
    }

    MockResponse unavailable() {
      return this == HTTP ? new MockResponse.Builder().code(503).build() : grpc(14).build();
    }

    MockResponse tooLarge() {
      return this == HTTP ? new MockResponse.Builder().code(413).build() : grpc(8).build();
    }
  }

  @AutoClose private final MockWebServer server = new MockWebServer();
  @TempDir private Path folder;
  private boolean secure;

  private static MockResponse.Builder grpc(int status) {
    return new MockResponse.Builder()
        .addHeader("content-type", "application/grpc")
        .body(new Buffer().write(new byte[5]))
        .trailers(okhttp3.Headers.of("grpc-status", String.valueOf(status)));
  }

  @ParameterizedTest
  @EnumSource
  void aBatchIsSentWithItsHeaders(Form form) throws Exception {
    serve(form, form.accepted());
    try (OpenTelemetrySdk sdk = sdk(form, "headers: [{ name: tenant, value: a b }]")) {
      record(sdk, "one");

      RecordedRequest request = next();
      assertThat(request.getUrl().encodedPath()).isEqualTo(form.path);
      assertThat(request.getMethod()).isEqualTo("POST");
      assertThat(request.getHeaders().values("tenant")).containsExactly("a b");
      assertThat(request.getHeaders().values("content-type"))
          .containsExactly(form == Form.HTTP ? "application/x-protobuf" : "application/grpc");
      assertThat(request.getHeaders().get("user-agent")).startsWith("OTel-OTLP-Exporter-Java/");
      assertThat(request.getBody().utf8()).contains("one");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBatchIsCompressedIfTheConfigurationSaysSo(Form form) throws Exception {
    serve(form, form.accepted());
    try (OpenTelemetrySdk sdk = sdk(form, "compression: gzip")) {
      record(sdk, "one");

      RecordedRequest request = next();
      assertThat(request.getHeaders().get(form == Form.HTTP ? "content-encoding" : "grpc-encoding"))
          .isEqualTo("gzip");
      var body = new Buffer().write(request.getBody());
      body.skip(form == Form.HTTP ? 0 : 5);
      assertThat(Okio.buffer(new GzipSource(body)).readString(UTF_8)).contains("one");
    }
  }

  @ParameterizedTest
  @EnumSource
  void bothSidesShowTheirCertificates(Form form) throws Exception {
    HeldCertificate own =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    var both =
        new HandshakeCertificates.Builder()
            .heldCertificate(own)
            .addTrustedCertificate(own.certificate())
            .build();
    secure = true;
    server.useHttps(both.sslSocketFactory());
    server.requireClientAuth();
    serve(form, form.accepted());
    Path certificate = Files.writeString(folder.resolve("certificate.pem"), own.certificatePem());
    Path key = Files.writeString(folder.resolve("key.pem"), own.privateKeyPkcs8Pem());
    try (OpenTelemetrySdk sdk =
        sdk(
            form,
            "tls: { ca_file: '%1$s', cert_file: '%1$s', key_file: '%2$s' }"
                .formatted(certificate, key))) {
      record(sdk, "one");

      RecordedRequest request = next();
      assertThat(request.getHandshake()).isNotNull();
      assertThat(request.getHandshake().peerCertificates()).containsExactly(own.certificate());
      assertThat(request.getBody().utf8()).contains("one");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStrangersCertificateGetsNothing(Form form) throws Exception {
    HeldCertificate own =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    secure = true;
    server.useHttps(
        new HandshakeCertificates.Builder().heldCertificate(own).build().sslSocketFactory());
    serve(form, form.accepted());
    try (OpenTelemetrySdk sdk = sdk(form, "")) {
      record(sdk, "one");

      assertThat(server.takeRequest(500, TimeUnit.MILLISECONDS)).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatTheServerCannotTakeNowIsSentAgain(Form form) throws Exception {
    serve(form, form.unavailable(), form.unavailable(), form.accepted(), form.accepted());
    try (OpenTelemetrySdk sdk = sdk(form, "")) {
      record(sdk, "one");
      assertThat(next().getBody().utf8()).contains("one");
      record(sdk, "two");

      assertThat(next().getBody().utf8()).contains("one").doesNotContain("two");
      assertThat(next().getBody().utf8()).contains("one").doesNotContain("two");
      assertThat(next().getBody().utf8()).contains("two").doesNotContain("one");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatTheServerRefusesForGoodIsNotSentAgain(Form form) throws Exception {
    serve(form, form.tooLarge(), form.accepted());
    try (OpenTelemetrySdk sdk = sdk(form, "")) {
      record(sdk, "one");
      assertThat(next().getBody().utf8()).contains("one");
      record(sdk, "two");

      assertThat(next().getBody().utf8()).contains("two").doesNotContain("one");
    }
  }

  @Test
  void anExhaustedServerOfGrpcMayAskForAnotherAttempt() throws Exception {
    MockResponse again =
        grpc(8)
            .trailers(
                okhttp3.Headers.of(
                    "grpc-status",
                    "8",
                    "grpc-status-details-bin",
                    Base64.getEncoder()
                        .encodeToString(
                            "type.googleapis.com/google.rpc.RetryInfo".getBytes(UTF_8))))
            .build();
    serve(Form.GRPC, again, Form.GRPC.accepted());
    try (OpenTelemetrySdk sdk = sdk(Form.GRPC, "")) {
      record(sdk, "one");

      assertThat(next().getBody().utf8()).contains("one");
      assertThat(next().getBody().utf8()).contains("one");
    }
  }

  @Test
  void theServerSaysHowLongToWait() throws Exception {
    serve(
        Form.HTTP,
        new MockResponse.Builder().code(429).addHeader("Retry-After", "3").build(),
        Form.HTTP.accepted());
    try (OpenTelemetrySdk sdk = sdk(Form.HTTP, "")) {
      record(sdk, "one");
      next();
      long refused = System.nanoTime();

      next();
      // Without the header, the wait would be 1.2 s at most.
      assertThat(Duration.ofNanos(System.nanoTime() - refused))
          .isGreaterThan(Duration.ofSeconds(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionThatTheServerClosesCostsNoWait(Form form) throws Exception {
    var closes = new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()).build();
    serve(form, closes, form.accepted());
    try (OpenTelemetrySdk sdk = sdk(form, "")) {
      record(sdk, "one");
      next();
      long closed = System.nanoTime();

      assertThat(next().getBody().utf8()).contains("one");
      // The first wait is 0.8 s at least.
      assertThat(Duration.ofNanos(System.nanoTime() - closed)).isLessThan(Duration.ofMillis(800));
    }
  }

  @ParameterizedTest
  @CsvSource({"401, 'Basic realm=\"a\"'", "404,", "302,"})
  void anAnswerThatIsNoAcceptanceIsOne(int status, String authenticate) throws Exception {
    var refused = new MockResponse.Builder().code(status);
    if (authenticate != null) {
      refused.addHeader("WWW-Authenticate", authenticate);
    }
    serve(Form.HTTP, refused.addHeader("Location", "/other").build(), Form.HTTP.accepted());
    try (OpenTelemetrySdk sdk = sdk(Form.HTTP, "")) {
      record(sdk, "one");
      next();
      record(sdk, "two");

      assertThat(next().getBody().utf8()).contains("two").doesNotContain("one");
    }
  }

  private void serve(Form form, MockResponse... answers) throws IOException {
    if (form == Form.GRPC && !secure) {
      server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
    }
    for (MockResponse answer : answers) {
      server.enqueue(answer);
    }
    server.start();
  }

  private RecordedRequest next() throws InterruptedException {
    RecordedRequest request = server.takeRequest(ARRIVES.toSeconds(), TimeUnit.SECONDS);
    assertThat(request).as("the next request").isNotNull();
    return request;
  }

  private OpenTelemetrySdk sdk(Form form, String settings) {
    String endpoint =
        "%s://localhost:%d%s"
            .formatted(
                secure ? "https" : "http", server.getPort(), form == Form.HTTP ? form.path : "");
    String yaml =
        """
        file_format: "1.0"
        tracer_provider:
          processors:
            - bounded_batch:
                schedule_delay: 10
                exporter:
                  %s:
                    endpoint: %s
                    %s
        """
            .formatted(form.exporter, endpoint, settings);
    return DeclarativeConfiguration.parseAndCreate(new ByteArrayInputStream(yaml.getBytes(UTF_8)))
        .getSdk();
  }

  private static void record(OpenTelemetrySdk sdk, String name) {
    Tracer tracer = sdk.getTracer("test");
    tracer.spanBuilder(name).startSpan().end();
  }
}
