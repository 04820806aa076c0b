package lapalma.e2e.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes requests like those of broken or hostile clients, the same ones for the same seed. */
final class HostileRequests {

  enum Expected {
    /** The request is valid and its route exists: 2xx. */
    ANSWERED,
    /** The request is valid and asks for a failure: 500. */
    FAILED,
    /**
     * The head is valid and the route exists, but the body, which dice does not read, is invalid.
     */
    ANSWERED_OR_REFUSED,
    /** The server answers 4xx or closes the connection. */
    REFUSED;

    /**
     * @param outcome the status, or a word where there is no status
     */
    boolean isMetBy(String outcome) {
      boolean answered = outcome.startsWith("2");
      boolean refused = outcome.startsWith("4") || outcome.equals(CLOSED);
      return switch (this) {
        case ANSWERED -> answered;
        case FAILED -> outcome.equals("500");
        case ANSWERED_OR_REFUSED -> answered || refused;
        case REFUSED -> refused;
      };
    }
  }

  static final String CLOSED = "closed";

  /**
   * @param kind the kind of trouble that the request makes
   * @param text each character is one byte
   */
  record Request(String kind, String text, Expected expected) {
    @Override
    public String toString() {
      String shown = text.length() > 300 ? text.substring(0, 300) + "…" : text;
      return "%s (%d bytes): %s"
          .formatted(kind, text.length(), shown.replace("\r", "\\r").replace("\n", "\\n"));
    }
  }

  private static final String HEAD_END = "Host: dice\r\n\r\n";
  private static final List<String> ROUTES = List.of("/", "/health", "/metrics");
  private static final String PRINTABLE =
      IntStream.rangeClosed('!', '~').mapToObj(Character::toString).collect(Collectors.joining());
  private static final String IN_A_QUERY =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?";
  private static final String ANY_BYTE =
      IntStream.rangeClosed(0, 255)
          .mapToObj(c -> String.valueOf((char) c))
          .collect(Collectors.joining());

  private final Random random;

  private HostileRequests(long seed) {
    this.random = new Random(seed);
  }

  /** Makes the same number of requests of each kind, in turn. */
  static List<Request> of(long seed, int count) {
    var make = new HostileRequests(seed);
    List<Function<HostileRequests, Request>> kinds =
        List.of(
            HostileRequests::oddMethod,
            HostileRequests::oddPath,
            HostileRequests::oddEncoding,
            HostileRequests::oddQuery,
            HostileRequests::brokenQuery,
            HostileRequests::tooLarge,
            HostileRequests::large,
            HostileRequests::brokenFraming,
            HostileRequests::brokenBody,
            HostileRequests::oddFraming,
            HostileRequests::noHttp,
            HostileRequests::oddTraceHeaders,
            HostileRequests::oddTraceHeadersOnAFailure,
            HostileRequests::oddAccept,
            HostileRequests::oddHeaders);
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(kinds.get(i % kinds.size()).apply(make));
    }
    return requests;
  }

  private Request oddMethod() {
    String method =
        one(
            "get",
            "Get",
            "POST",
            "PUT",
            "DELETE",
            "PATCH",
            "OPTIONS",
            "TRACE",
            "PROPFIND",
            "QUERY",
            "GETGET",
            "G",
            "_OTHER",
            "${jndi:ldap://x}",
            chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1 + random.nextInt(30)),
            chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 100 + random.nextInt(8000)),
            chars("!#$%&'*+-.^_`|~0123456789abcxyz", 1 + random.nextInt(20)));
    return new Request(
        "method",
        method + " " + one("/", "/fail", "/health") + " HTTP/1.1\r\n" + HEAD_END,
        Expected.REFUSED);
  }

  private Request oddPath() {
    String path =
        one(
            "/nosuch",
            "/" + chars(PRINTABLE.replace("?", "").replace(";", ""), 1 + random.nextInt(80)) + "x",
            "/health/" + random.nextInt(1_000_000),
            "/fail/../../etc/passwd",
            "/.env",
            "/metrics.php",
            "/" + "a/".repeat(random.nextInt(500)) + "a",
            "/wp-login.php?user=" + random.nextInt(),
            "http://other.example/nosuch",
            "nosuch",
            "*");
    return new Request(
        "path", one("GET ", "HEAD ") + path + " HTTP/1.1\r\n" + HEAD_END, Expected.REFUSED);
  }

  private Request oddEncoding() {
    String path =
        one(
            "/%zz",
            "/%",
            "/%2",
            "/%00",
            "/%c0%af",
            "/%e0%80%af..",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/%ff%fe",
            "/\\..\\",
            "/" + chars("%0123456789abcdefxyz", 1 + random.nextInt(60)) + "%",
            "/" + chars(ANY_BYTE.substring(128), 1 + random.nextInt(60)),
            "/x"
                + chars(
                    ANY_BYTE.substring(0, 32).replace("\n", "").replace("\r", ""),
                    1 + random.nextInt(8)));
    return new Request("encoding", "GET " + path + " HTTP/1.1\r\n" + HEAD_END, Expected.REFUSED);
  }

  private Request oddQuery() {
    String query =
        one(
            chars(IN_A_QUERY, random.nextInt(300)),
            "a=%41&".repeat(random.nextInt(150)),
            "id=" + random.nextLong(),
            "=&=&&&==",
            "q=%3Cscript%3E",
            "page=" + "9".repeat(random.nextInt(500)));
    return new Request(
        "query",
        one("GET ", "HEAD ") + route() + "?" + query + " HTTP/1.1\r\n" + HEAD_END,
        Expected.ANSWERED);
  }

  /** Makes a request whose query has characters that RFC 3986 does not allow. */
  private Request brokenQuery() {
    String query =
        one(
            "q=<script>alert(1)</script>",
            "${jndi:ldap://127.0.0.1:1/a}",
            chars(PRINTABLE, random.nextInt(300)) + "{}");
    return new Request(
        "broken query",
        "GET " + route() + "?" + query + " HTTP/1.1\r\n" + HEAD_END,
        Expected.REFUSED);
  }

  private Request tooLarge() {
    String large = "x".repeat(16 * 1024 + random.nextInt(50_000));
    String text =
        one(
            "GET /" + large + " HTTP/1.1\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nX-Large: " + large + "\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\n" + large + ": x\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\ntraceparent: " + large + "\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\n" + "X-Many: x\r\n".repeat(101 + random.nextInt(900)) + HEAD_END,
            "GET / HTTP/1.1\r\n" + "baggage: a=%z\r\n".repeat(200) + HEAD_END,
            large + " / HTTP/1.1\r\n" + HEAD_END,
            "GET /?" + "a=b&".repeat(1001 + random.nextInt(2000)) + " HTTP/1.1\r\n" + HEAD_END);
    return new Request("too large", text, Expected.REFUSED);
  }

  private Request large() {
    String large = "x".repeat(1000 + random.nextInt(7000));
    String text =
        one(
            "GET / HTTP/1.1\r\nX-Large: " + large + "\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nCookie: " + large + "\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nCookie: " + "a=b; ".repeat(random.nextInt(190)) + "\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nUser-Agent: " + large + "\r\n" + HEAD_END,
            "GET /?" + large + " HTTP/1.1\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\n" + "X-Many: x\r\n".repeat(random.nextInt(90)) + HEAD_END,
            "GET / HTTP/1.1\r\nContent-Length: " + large.length() + "\r\n" + HEAD_END + large);
    return new Request("large", text, Expected.ANSWERED);
  }

  private Request brokenFraming() {
    String text =
        one(
            "GET / HTTP/1.1\r\nContent-Length: -1\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nContent-Length: abc\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + HEAD_END + "ab",
            "GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
                + HEAD_END
                + "0\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nHost dice\r\n\r\n",
            "GET / HTTP/1.1\r\n: empty\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\n folded\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nX-Control: a\u0000b\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nHost: di",
            "GET / HTTP/1.1",
            "GET /",
            "GET / HTTP/1.1\nHost: dice\n\n",
            "\r\nGET / HTTP/1.1\r\n" + HEAD_END,
            "GET / HTTP/1\r\n" + HEAD_END,
            "GET / FTP/1.1\r\n" + HEAD_END,
            "GET  / HTTP/1.1\r\n" + HEAD_END,
            "GET / extra HTTP/1.1\r\n" + HEAD_END,
            " GET / HTTP/1.1\r\n" + HEAD_END,
            "GET\t/\tHTTP/1.1\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n");
    return new Request("broken framing", text, Expected.REFUSED);
  }

  private Request brokenBody() {
    String text =
        one(
            "GET / HTTP/1.1\r\nContent-Length: 1000000\r\n" + HEAD_END + "x".repeat(100_000),
            "GET / HTTP/1.1\r\nContent-Length: 100\r\n" + HEAD_END + "too short",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HEAD_END + "zz\r\nab\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HEAD_END + "ffffffffffffffff1\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                + HEAD_END
                + "-5\r\nabcde\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HEAD_END + chars(ANY_BYTE, 500));
    return new Request("broken body", text, Expected.ANSWERED_OR_REFUSED);
  }

  private Request oddFraming() {
    String text =
        one(
            "GET / HTTP/1.0\r\n\r\n",
            "GET http://dice.example/health HTTP/1.1\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nConnection: close, upgrade\r\nUpgrade: nonsense\r\n" + HEAD_END,
            "GET / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n" + HEAD_END + "a",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                + HEAD_END
                + "5;ext=1\r\nabcde\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: 5\r\n" + HEAD_END + "abcde",
            ("GET /health HTTP/1.1\r\n" + HEAD_END).repeat(1 + random.nextInt(20)),
            "GET / HTTP/1.1\r\nHost:\r\n\r\n");
    return new Request("odd framing", text, Expected.ANSWERED);
  }

  private Request noHttp() {
    String text =
        one(
            chars(ANY_BYTE, 1 + random.nextInt(2000)),
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"
                + chars(ANY_BYTE, 500),
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + chars(ANY_BYTE, random.nextInt(200)),
            "SSH-2.0-OpenSSH_9.6\r\n",
            "\r\n".repeat(random.nextInt(100)),
            "",
            chars(PRINTABLE, random.nextInt(20_000)));
    return new Request("no HTTP", text, Expected.REFUSED);
  }

  private Request oddTraceHeaders() {
    return new Request(
        "trace headers",
        one("GET ", "HEAD ") + route() + " HTTP/1.1\r\n" + traceHeaders() + HEAD_END,
        Expected.ANSWERED);
  }

  private Request oddTraceHeadersOnAFailure() {
    return new Request(
        "failure", "GET /fail HTTP/1.1\r\n" + traceHeaders() + HEAD_END, Expected.FAILED);
  }

  private Request oddAccept() {
    String[] pieces = {
      ";",
      ",",
      "=",
      "/",
      "*",
      "\"",
      " ",
      "\t",
      "q=",
      "0.5",
      "text/plain",
      "application/openmetrics-text"
    };
    String accept =
        random
            .ints(random.nextInt(30), 0, pieces.length)
            .mapToObj(piece -> pieces[piece])
            .collect(Collectors.joining());
    return new Request(
        "accept",
        "GET /metrics HTTP/1.1\r\nAccept: " + accept + "\r\n" + HEAD_END,
        Expected.ANSWERED);
  }

  private Request oddHeaders() {
    String name =
        one(
            "Accept-Encoding",
            "Range",
            "If-Modified-Since",
            "Authorization",
            "Content-Type",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "Forwarded",
            "Origin",
            "Referer",
            "Connection",
            "Keep-Alive",
            "TE",
            "Via",
            "Date");
    String value =
        one(
            chars(PRINTABLE, random.nextInt(500)),
            "bytes=0-,1-,2-,-1",
            "999999999999999999999999",
            ";;;===,,,",
            "\"".repeat(1 + random.nextInt(50)),
            "${jndi:ldap://127.0.0.1:1/a}",
            chars(ANY_BYTE.substring(160), random.nextInt(300)));
    return new Request(
        "headers",
        "GET " + route() + " HTTP/1.1\r\n" + name + ": " + value + "\r\n" + HEAD_END,
        Expected.ANSWERED);
  }

  private String traceHeaders() {
    String traceId = chars("0123456789abcdef", 32);
    String spanId = chars("0123456789abcdef", 16);
    var headers = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      headers
          .append(
              one(
                  "traceparent: 00-" + traceId + "-" + spanId + "-01",
                  "traceparent: 00-" + "0".repeat(32) + "-" + "0".repeat(16) + "-01",
                  "traceparent: ff-" + traceId + "-" + spanId + "-01",
                  "traceparent: cc-" + traceId + "-" + spanId + "-ff-" + chars(PRINTABLE, 50),
                  "traceparent: " + chars(PRINTABLE, random.nextInt(500)),
                  "traceparent: 00-" + chars("0123456789abcdefXYZ-", 51),
                  "traceparent:",
                  "tracestate: " + "a=b,".repeat(random.nextInt(500)),
                  "tracestate: ot=th:" + chars("0123456789abcdefxyz", random.nextInt(30)),
                  "tracestate: ot=rv:" + chars("0123456789abcdef;:", random.nextInt(30)),
                  "tracestate: " + chars(PRINTABLE, random.nextInt(2000)),
                  "baggage: " + "a=%z,".repeat(random.nextInt(700)),
                  "baggage: " + chars(PRINTABLE, random.nextInt(2000)),
                  "b3: " + traceId + "-" + spanId + "-d",
                  "X-B3-TraceId: " + chars(PRINTABLE, 40),
                  "uber-trace-id: " + traceId + ":" + spanId + ":0:1",
                  "X-Amzn-Trace-Id: Root=1-" + chars(PRINTABLE, 60),
                  "jaeger-debug-id: " + random.nextLong()))
          .append("\r\n");
    }
    return headers.toString();
  }

  private String route() {
    return ROUTES.get(random.nextInt(ROUTES.size()));
  }

  private String one(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private String chars(String alphabet, int count) {
    return random
        .ints(count, 0, alphabet.length())
        .mapToObj(i -> alphabet.substring(i, i + 1))
        .collect(Collectors.joining());
  }
}
