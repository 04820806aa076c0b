package lapalma.dice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiceServerTest {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static DiceServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new DiceServer(Settings.from(Map.of("PORT", "0", "APP_VERSION", "1.2.3")));
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop();
  }

  @Test
  void rootRollsTheDice() throws Exception {
    var response = send("GET", "/");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).matches("\\{\"dice_value\": [1-6]}");
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
  }

  @Test
  void healthNamesAppAndVersion() throws Exception {
    var response = send("GET", "/health");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .isEqualTo("{\"status\": \"ok\", \"app\": \"dice-api\", \"version\": \"1.2.3\"}");
  }

  @Test
  void failAnswersAsTheReferenceDoes() throws Exception {
    var response = send("GET", "/fail");

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body())
        .isEqualTo(
            "{\"error\": \"internal_server_error\", \"app\": \"dice-api\", \"message\": \"Intentional failure\"}");
  }

  @Test
  void anUnknownPathIsNotFoundInJson() throws Exception {
    var response = send("GET", "/nosuch");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body())
        .isEqualTo(
            "{\"error\": \"not_found\", \"app\": \"dice-api\", \"message\": \"There is nothing at this path\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/health", "/fail", "/metrics"})
  void headAnswersAsGetDoesWithoutABody(String path) throws Exception {
    var head = send("HEAD", path);
    var get = send("GET", path);

    assertThat(head.statusCode()).isEqualTo(get.statusCode());
    assertThat(head.headers().firstValue("content-type"))
        .isEqualTo(get.headers().firstValue("content-type"));
    assertThat(head.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "INVENTED"})
  void otherMethodsAreNotAllowedAndToldWhichAre(String method) throws Exception {
    var response = send(method, "/");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("allow")).contains("GET, HEAD");
    assertThat(response.body()).contains("\"error\": \"method_not_allowed\"");
  }

  @Test
  void methodsAreCaseSensitive() throws Exception {
    assertThat(raw("get / HTTP/1.1\r\nHost: dice\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 405 ")
        .contains("Allow: GET, HEAD\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: dice\r\nTransfer-Encoding: nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: dice\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      })
  void anUnknownTransferCodingIsRefusedAndItsConnectionClosed(String request) throws Exception {
    assertThat(raw(request))
        .startsWith("HTTP/1.1 400 ")
        .contains("Connection: close\r\n")
        .endsWith(
            "{\"error\": \"bad_request\", \"app\": \"dice-api\", \"message\": \"Use no transfer coding but chunked\"}");
  }

  @Test
  void aChunkedBodyIsIgnored() throws Exception {
    String answer =
        raw(
            "GET / HTTP/1.1\r\nHost: dice\r\nConnection: close\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "3\r\nabc\r\n0\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 200 ").contains("dice_value");
  }

  @Test
  void aSmallBodyOnGetIsIgnored() throws Exception {
    String answer =
        raw("GET / HTTP/1.1\r\nHost: dice\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");

    assertThat(answer).startsWith("HTTP/1.1 200 ").contains("dice_value");
  }

  @Test
  void aLargeBodyOnGetIsNotReadToItsEnd() throws Exception {
    // One request after the other on a connection: the second would be answered if the body of the
    // first had been taken in.
    String answer =
        raw(
            "GET / HTTP/1.1\r\nHost: dice\r\nContent-Length: 1000000\r\n\r\n"
                + "x".repeat(1_000_000)
                + "GET /health HTTP/1.1\r\nHost: dice\r\nConnection: close\r\n\r\n");

    assertThat(answer).doesNotContain("\"status\": \"ok\"");
  }

  @Test
  void headersBeyondTheLimitAreRefused() throws Exception {
    assertThat(raw("GET / HTTP/1.1\r\nHost: dice\r\nX-Long: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(raw("GET / HTTP/1.1\r\nHost: dice\r\n" + "X-Many: x\r\n".repeat(200) + "\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void anAddressBeyondTheLimitIsRefused() throws Exception {
    assertThat(raw("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: dice\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aClientThatNeverFinishesItsRequestIsCutOff() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: di".getBytes(US_ASCII));

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void metricsComeInTheTextFormatUnlessOpenMetricsIsAccepted() throws Exception {
    var text = send("GET", "/metrics");
    var openMetrics =
        CLIENT.send(
            request("GET", "/metrics")
                .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(text.headers().firstValue("content-type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(openMetrics.headers().firstValue("content-type"))
        .contains("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(openMetrics.body()).endsWith("# EOF\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/openmetrics-text|application/openmetrics-text",
        "APPLICATION/OpenMetrics-Text; version=1.0.0|application/openmetrics-text",
        "text/plain, application/openmetrics-text;q=0.5|application/openmetrics-text",
        ";|text/plain",
        ",|text/plain",
        ";,;|text/plain",
        "*/*|text/plain",
        "image/png|text/plain",
        "text/plain;a=application/openmetrics-text|text/plain",
        "application/openmetrics-texts|text/plain",
      })
  void anyAcceptHeaderGetsAnExposition(String accept, String format) throws Exception {
    var response = metricsFor(accept);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type").orElseThrow())
        .startsWith(format + ";");
  }

  @Test
  void noAcceptHeaderIsTooStrange() throws Exception {
    var random = new Random(20_261_126);
    String[] pieces = {
      ";", ",", "=", "/", "*", "\"", " ", "\t", "q", "0.5", "application/openmetrics-text", "é", "%"
    };
    for (int i = 0; i < 500; i++) {
      String accept =
          random
              .ints(random.nextInt(12), 0, pieces.length)
              .mapToObj(piece -> pieces[piece])
              .collect(Collectors.joining());

      assertThat(metricsFor(accept).statusCode()).as(accept).isEqualTo(200);
    }
  }

  private static HttpResponse<String> metricsFor(String accept) throws Exception {
    return CLIENT.send(
        request("GET", "/metrics").header("Accept", accept).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void metricsCountRequestsByMethodRouteAndStatus() throws Exception {
    String series =
        "http_request_duration_seconds_count{app=\"dice-api\",method=\"%s\",route=\"%s\",status=\"%s\",}";
    var before = metrics();

    send("GET", "/fail");
    send("GET", "/a/path/of/its/own");
    send("DELETE", "/");
    send("MADEUP", "/");

    var after = metrics();
    assertThat(increase(before, after, series.formatted("GET", "/fail", 500))).isPositive();
    assertThat(increase(before, after, series.formatted("GET", "none", 404))).isPositive();
    assertThat(increase(before, after, series.formatted("DELETE", "none", 405))).isPositive();
    assertThat(increase(before, after, series.formatted("_OTHER", "none", 405))).isPositive();
    assertThat(after.keySet())
        .noneMatch(name -> name.contains("/a/path") || name.contains("MADEUP"));
  }

  @Test
  void metricsCountRollsByFaceAndNameTheVersion() throws Exception {
    String face = "dice_rolls_total{app=\"dice-api\",face=\"%d\",}";
    var before = metrics();

    String body = send("GET", "/").body();

    int value =
        Integer.parseInt(
            Pattern.compile("[1-6]").matcher(body).results().findFirst().orElseThrow().group());
    var after = metrics();
    assertThat(increase(before, after, face.formatted(value))).isPositive();
    assertThat(after).containsEntry("app_info{app=\"dice-api\",version=\"1.2.3\",}", 1.0);
  }

  private static double increase(
      Map<String, Double> before, Map<String, Double> after, String series) {
    return after.getOrDefault(series, 0.0) - before.getOrDefault(series, 0.0);
  }

  private static Map<String, Double> metrics() throws Exception {
    return new HashMap<>(
        send("GET", "/metrics")
            .body()
            .lines()
            .filter(line -> !line.startsWith("#"))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.lastIndexOf(' ')),
                    line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))));
  }

  private static HttpResponse<String> send(String method, String path) throws Exception {
    return CLIENT.send(request(method, path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String method, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .method(method, HttpRequest.BodyPublishers.noBody());
  }

  /** Sends bytes as they are and returns all that comes back until the server closes. */
  private static String raw(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(30_000);
      var answer = new StringBuilder();
      try {
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        for (int c = socket.getInputStream().read(); c >= 0; c = socket.getInputStream().read()) {
          answer.append((char) c);
        }
      } catch (IOException e) {
        // The server may cut a request off that is larger than it takes.
      }
      return answer.toString();
    }
  }
}
