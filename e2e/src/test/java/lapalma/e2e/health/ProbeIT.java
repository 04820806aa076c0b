package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TraceContext;
import lapalma.process.FreePort;
import lapalma.process.SelfSignedCertificate;
import lapalma.stack.BlackboxExporter;
import lapalma.stack.Port;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks what a real blackbox exporter takes for a right answer, and what its rolls leave. */
@ExtendWith(SharedStack.class)
class ProbeIT {
  private static final Duration ARRIVES = Duration.ofMinutes(2);
  private static final String RIGHT =
      "{\"status\": \"ok\", \"dice_value\": 6, \"database\": \"ok\"}";

  private final Stack stack;

  ProbeIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void aRollOfTheProbeIsAnsweredAndLeavesNeitherATraceNorAnExportedLine() throws IOException {
    String traceId = traceOfTheProbe();
    await("a roll of the probe")
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              assertThat(stack.prometheus().api().query("probe_success{job=\"probe-roll\"} == 1"))
                  .hasSize(1);
              assertThat(stack.dice().process().logText())
                  .containsPattern(
                      "\"Dice rolled\".*" + traceId + "|" + traceId + ".*\"Dice rolled\"");
            });

    // Spans and lines leave in the order in which they end: once these are there, no earlier one is
    // still to come.
    var later = TraceContext.random();
    later.get(stack.dice().url() + "/");
    await("what a sampled roll leaves")
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              assertThat(stack.jaeger().api().trace(later.traceId())).isNotEmpty();
              assertThat(stack.logs().api().trace(later.traceId())).isNotEmpty();
            });
    assertThat(stack.jaeger().api().trace(traceId)).isEmpty();
    assertThat(stack.logs().api().trace(traceId)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/right, 1",
    "/wrong, 0",
    "/draining, 0",
    "/moved, 0",
    "/late, 0",
  })
  void onlyTheRightAnswerWithinASecondIsASuccess(String path, int success) throws IOException {
    HttpServer server = HttpServer.create(loopback(), 0);
    serve(server);
    try {
      String target = "http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path);
      for (String module : List.of("health", "roll", "grafana")) {
        assertThat(probe(exporterOfTheStack(), module, target, "probe_success"))
            .as(module)
            .isEqualTo(success);
      }
    } finally {
      server.stop(0);
    }
  }

  private static void serve(HttpServer server) {
    answer(server, "/right", 200, RIGHT, 0);
    answer(server, "/wrong", 200, "<h1>Welcome</h1>", 0);
    answer(server, "/draining", 503, RIGHT, 0);
    answer(server, "/moved", 302, RIGHT, 0);
    answer(server, "/late", 200, RIGHT, 1_500);
    server.start();
  }

  @Test
  void whereThereIsTlsTheProbeTellsWhenTheCertificateExpires() throws Exception {
    Path folder = SharedStack.newFolder("probe-tls");
    var certificate = SelfSignedCertificate.in(folder, "dice", "ip:127.0.0.1");
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls(certificate)));
    serve(server);
    String address = "127.0.0.1:" + FreePort.find();
    // The exporter trusts the CAs of the machine. SSL_CERT_FILE adds this certificate.
    List<String> command =
        Stream.concat(
                Stream.of("env", "SSL_CERT_FILE=" + certificate.pem()),
                BlackboxExporter.command(SharedStack.project()).stream())
            .toList();
    try (var exporter = BlackboxExporter.start(command, SharedStack.project(), address, folder)) {
      String target = "https://127.0.0.1:%d/right".formatted(server.getAddress().getPort());
      String url = "http://" + exporter.address();

      assertThat(probe(url, "health", target, "probe_success")).isEqualTo(1);
      assertThat(probe(url, "health", target, "probe_ssl_earliest_cert_expiry"))
          .isBetween(
              inDays(SelfSignedCertificate.VALID_DAYS - 1),
              inDays(SelfSignedCertificate.VALID_DAYS + 1));
      // The exporter of the stack does not trust it.
      assertThat(probe(exporterOfTheStack(), "health", target, "probe_success")).isZero();
    } finally {
      server.stop(0);
    }
  }

  private String exporterOfTheStack() {
    return stack.ports().url(Port.BLACKBOX_EXPORTER);
  }

  private static double inDays(int days) {
    return System.currentTimeMillis() / 1000.0 + Duration.ofDays(days).toSeconds();
  }

  private static SSLContext tls(SelfSignedCertificate certificate) throws Exception {
    char[] password = SelfSignedCertificate.PASSWORD.toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(certificate.keystore())) {
      keys.load(in, password);
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static double probe(String exporter, String module, String target, String metric)
      throws IOException {
    String page = "%s/probe?module=%s&target=%s".formatted(exporter, module, Http.encode(target));
    return Exposition.sumIn(Http.get(page).body(), metric);
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static void answer(
      HttpServer server, String path, int status, String body, long delayMillis) {
    server.createContext(
        path,
        exchange -> {
          try {
            Thread.sleep(delayMillis);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Location", "/right");
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  /** Returns the trace ID that the exporter's configuration names. */
  private static String traceOfTheProbe() throws IOException {
    String configuration =
        Files.readString(SharedStack.project().root().resolve("prometheus/blackbox/blackbox.yml"));
    return configuration.replaceFirst("(?s).*traceparent: 00-([0-9a-f]{32})-.*", "$1");
  }
}
