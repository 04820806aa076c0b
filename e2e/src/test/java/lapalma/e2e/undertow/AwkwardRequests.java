package lapalma.e2e.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is asked of the awkward app. The same request has the same caller in every run. */
final class AwkwardRequests {
  /** How long an app may be silent that never answers. */
  private static final int NEVER_MILLIS = 500;

  private static final int ANSWERS_MILLIS = 30_000;

  /** How the client behaves. */
  private enum Client {
    /** Reads until the server closes the connection. */
    READS_ALL,
    /** Goes away when it has the head of the answer, or after the last byte if there is none. */
    LEAVES,
    /** Gives up when nothing has come for {@link #NEVER_MILLIS}. */
    GIVES_UP
  }

  /**
   * Requests on one connection.
   *
   * @param texts each from the method on; %s is the place of the headers that all have
   */
  private record Conversation(String name, Client client, List<String> texts) {}

  private static final List<Conversation> CONVERSATIONS = new ArrayList<>();

  private static void ask(String name, Client client, String... texts) {
    CONVERSATIONS.add(new Conversation(name, client, List.of(texts)));
  }

  private static void get(String... paths) {
    for (String path : paths) {
      ask(path, Client.READS_ALL, "GET " + path + " HTTP/1.1\r\n%s\r\n");
    }
  }

  static {
    get(
        "/plain",
        "/plain/below/it",
        "/plain/?a=b&sig=secret",
        "/plain;a=b?q",
        "//plain",
        "/pl%61in");
    get("/plain/%C3%A9/%2e%2e/x", "/plain/..;/x", "/plain?", "/nothing/4711", "/");
    get("/items/4711", "/items/a%2Fb", "/items/1/dispatched", "/templates/a/1", "/templates/none");
    get("/resource/lapalma/e2e/undertow/AwkwardApp.class", "/resource/none");
    get("/thrown", "/thrown-dispatched", "/thrown-blocking", "/thrown-error", "/thrown-wrapped");
    get("/thrown-late", "/thrown-handled", "/failed", "/unavailable", "/not-modified");
    get("/dispatched", "/dispatched-task", "/dispatched-twice", "/rejected", "/blocking", "/late");
    get("/answers-and-goes-on", "/answers-and-dispatches", "/closes", "/events");
    get("/rewritten", "/rewritten-by-predicate", "/rewritten-method?a=b", "/rewritten-scheme?a=b");
    get(
        "/rewritten-response",
        "/proxied",
        "/proxied/deep/er?a=b",
        "/proxied-to-failure",
        "/called");
    get("/app", "/app/", "/app/exact", "/app/path/a/b?c=d", "/app/any.do", "/app/none");
    get("/app/throws", "/app/throws-error", "/app/throws-late", "/app/send-error");
    get("/app/send-missing", "/app/redirect", "/app/forward", "/app/include", "/app/flush");
    get("/app/async", "/app/async-dispatch", "/app/async-timeout", "/app/async-throws");
    get("/app/closed/never", "http://other.example:81/plain/absolute?a=b");

    ask("a fragment", Client.GIVES_UP, "GET /plain#part HTTP/1.1\r\n%s\r\n");
    ask("HEAD", Client.READS_ALL, "HEAD /items/1 HTTP/1.1\r\n%s\r\n");
    ask("POST", Client.READS_ALL, "POST /items/1 HTTP/1.1\r\n%sContent-Length: 0\r\n\r\n");
    ask("PUT", Client.READS_ALL, "PUT /items/1 HTTP/1.1\r\n%sContent-Length: 0\r\n\r\n");
    ask("OPTIONS *", Client.READS_ALL, "OPTIONS * HTTP/1.1\r\n%s\r\n");
    ask("a known method", Client.READS_ALL, "BREW /plain HTTP/1.1\r\n%s\r\n");
    ask("an unknown method", Client.READS_ALL, "STEAL /plain HTTP/1.1\r\n%s\r\n");
    ask("a method in lower case", Client.READS_ALL, "get /plain HTTP/1.1\r\n%s\r\n");
    ask("HTTP/1.0", Client.READS_ALL, "GET /plain HTTP/1.0\r\n%s\r\n");
    ask("no version", Client.READS_ALL, "GET /plain HTTP/3.1\r\n%s\r\n");
    ask("a user agent", Client.READS_ALL, "GET /plain HTTP/1.1\r\n%sUser-Agent: a/1\r\n\r\n");
    ask(
        "two user agents",
        Client.READS_ALL,
        "GET /plain HTTP/1.1\r\n%sUser-Agent: a/1\r\nuser-agent: b/1\r\n\r\n");
    ask("an empty user agent", Client.READS_ALL, "GET /plain HTTP/1.1\r\n%sUser-Agent:\r\n\r\n");
    ask(
        "captured headers",
        Client.READS_ALL,
        "GET /plain HTTP/1.1\r\n%sX-Awkward: 1\r\nx-awkward: 2\r\nX-Other: 3\r\n\r\n");
    ask("a second host", Client.READS_ALL, "GET /plain HTTP/1.1\r\n%sHost: b.example\r\n\r\n");
    ask(
        "a proxy",
        Client.READS_ALL,
        "GET /plain HTTP/1.1\r\n%sX-Forwarded-For: 203.0.113.7, 10.0.0.1\r\nX-Forwarded-Proto: https\r\n"
            + "X-Forwarded-Host: dice.example:8443\r\n\r\n");
    ask(
        "a proxy of today",
        Client.READS_ALL,
        "GET /plain HTTP/1.1\r\n%sForwarded: for=\"[2001:db8::1]:99\";host=a.example:8443;proto=https\r\n\r\n");
    ask(
        "a broken proxy",
        Client.READS_ALL,
        "GET /plain HTTP/1.1\r\n%sX-Forwarded-For: ,;\"\r\nForwarded: for=\r\nX-Forwarded-Host: [\r\n\r\n");
    ask(
        "a proxy that is believed",
        Client.READS_ALL,
        "GET /rewritten-peer HTTP/1.1\r\n%sX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"
            + "X-Forwarded-Host: dice.example\r\nX-Forwarded-Port: 8443\r\n\r\n");
    ask(
        "a vendor's state",
        Client.READS_ALL,
        "GET /plain HTTP/1.1\r\n%stracestate: a=1,b=2\r\ntracestate: c=3\r\nbaggage: a=b\r\n\r\n");
    ask(
        "a second caller",
        Client.READS_ALL,
        "GET /plain HTTP/1.1\r\n%straceparent: 00-1234567890abcdef1234567890abcdef-1234567890abcdef-01\r\n\r\n");
    ask(
        "no caller",
        Client.READS_ALL,
        "GET /items/1 HTTP/1.1\r\nHost: awkward.example\r\nConnection: close\r\n\r\n");
    ask(
        "a caller that is none",
        Client.READS_ALL,
        "GET /items/2 HTTP/1.1\r\nHost: awkward.example\r\ntraceparent: 00-00-00-00\r\nConnection: close\r\n\r\n");
    ask("no host", Client.READS_ALL, "GET /items/3 HTTP/1.0\r\n\r\n");
    for (String path : List.of("/body", "/body-blocking", "/app/read", "/plain")) {
      ask(
          "a body to " + path,
          Client.READS_ALL,
          "POST " + path + " HTTP/1.1\r\n%sContent-Length: 5\r\n\r\nhello");
      ask(
          "chunks to " + path,
          Client.READS_ALL,
          "POST "
              + path
              + " HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nagain\r\n0\r\n\r\n");
      ask(
          "a part of a body to " + path,
          Client.LEAVES,
          "POST " + path + " HTTP/1.1\r\n%sContent-Length: 500\r\n\r\nhello");
      ask(
          "a broken chunk to " + path,
          Client.GIVES_UP,
          "POST " + path + " HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\nzz\r\nhello");
    }
    ask(
        "a body that waits",
        Client.READS_ALL,
        "POST /body HTTP/1.1\r\n%sExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
    ask("an endless answer is left", Client.LEAVES, "GET /endless HTTP/1.1\r\n%s\r\n");
    ask("events are left", Client.LEAVES, "GET /events HTTP/1.1\r\n%s\r\n");
    ask("no answer", Client.GIVES_UP, "GET /never HTTP/1.1\r\n%s\r\n");
    ask("a task that throws", Client.GIVES_UP, "GET /dispatched-throws HTTP/1.1\r\n%s\r\n");
    ask(
        "a web socket",
        Client.LEAVES,
        "GET /socket HTTP/1.1\r\n%sUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    ask("no web socket", Client.READS_ALL, "GET /socket HTTP/1.1\r\n%s\r\n");
    ask(
        "another protocol",
        Client.LEAVES,
        "GET /upgraded HTTP/1.1\r\n%sUpgrade: tea\r\nConnection: Upgrade\r\n\r\n");
    ask(
        "five at once",
        Client.READS_ALL,
        "GET /dispatched HTTP/1.1\r\n%s\r\n",
        "GET /thrown HTTP/1.1\r\n%s\r\n",
        "GET /items/1?x=1 HTTP/1.1\r\n%sUser-Agent: a/1\r\n\r\n",
        "GET /app/async HTTP/1.1\r\n%s\r\n",
        "GET /plain HTTP/1.1\r\n%sUser-Agent: b/1\r\n\r\n");
  }

  /** The paths that are asked for over HTTP/2. The first one upgrades the connection. */
  private static final List<String> HTTP_2 =
      List.of(
          "/plain/upgrade",
          "/items/1",
          "/thrown",
          "/dispatched",
          "/late",
          "/blocking",
          "/called",
          "/app/exact",
          "/app/throws",
          "/app/async",
          "/closes",
          "/plain/again");

  /** Spans go out in the order in which they end. */
  static final String LAST = "HTTP/2 /plain/again";

  /** Where the app listens. */
  private final int port;

  /** The names of the requests, by the trace of their caller. */
  private final Map<String, String> names = new LinkedHashMap<>();

  private final Map<String, String> answers = new LinkedHashMap<>();

  AwkwardRequests(int port) {
    this.port = port;
  }

  /** Sends all requests, one conversation after the other. */
  void send() throws IOException, InterruptedException {
    for (Conversation conversation : CONVERSATIONS) {
      answers.put(conversation.name(), answers(conversation));
    }
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    for (String path : HTTP_2) {
      String name = "HTTP/2 " + path;
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .header("traceparent", caller(name))
              .header("User-Agent", "http2/1")
              .build();
      try {
        HttpResponse<String> response =
            client.send(request, HttpResponse.BodyHandlers.ofString(ISO_8859_1));
        var headers = new TreeMap<>(response.headers().map());
        headers.remove("date");
        answers.put(
            name, response.version() + " " + response.statusCode() + headers + response.body());
      } catch (IOException e) {
        answers.put(name, "no answer");
      }
    }
  }

  /** The names of the requests that have a caller, by the ID of their trace. */
  Map<String, String> names() {
    return names;
  }

  /** What came back, by the name of the request. */
  Map<String, String> answers() {
    return answers;
  }

  private String caller(String name) {
    int number = names.size() + 1;
    String traceId = "a".repeat(24) + "%08x".formatted(number);
    names.put(traceId, name);
    return "00-%s-%s-01".formatted(traceId, callersSpan(traceId));
  }

  static String callersSpan(String traceId) {
    return traceId.substring(16);
  }

  private String answers(Conversation conversation) throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < conversation.texts().size(); i++) {
      boolean last = i == conversation.texts().size() - 1;
      String request = conversation.texts().get(i);
      boolean anonymous = !request.contains("%s");
      text.append(
          anonymous
              ? request
              : request.replaceFirst(
                  "%s",
                  "Host: awkward.example:8080\r\ntraceparent: %s\r\n%s"
                      .formatted(
                          caller(conversation.name() + (last ? "" : ", request " + i)),
                          last && !request.contains("Connection: ")
                              ? "Connection: close\r\n"
                              : "")));
    }
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(conversation.client() == Client.GIVES_UP ? NEVER_MILLIS : ANSWERS_MILLIS);
      socket.getOutputStream().write(text.toString().getBytes(ISO_8859_1));
      if (conversation.client() == Client.LEAVES && text.indexOf("Content-Length: 500") > 0) {
        return "";
      }
      return read(
          new BufferedInputStream(socket.getInputStream()), conversation.client() == Client.LEAVES);
    } catch (SocketTimeoutException e) {
      return "nothing came";
    } catch (IOException e) {
      return "reset";
    }
  }

  private String read(InputStream in, boolean onlyHead) throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (int read = in.read(); read >= 0; read = in.read()) {
      bytes.write(read);
      if (onlyHead && read == '\n' && bytes.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        break;
      }
    }
    return bytes
        .toString(ISO_8859_1)
        .replaceAll("Date: .*\r\n", "")
        .replace(String.valueOf(port), "PORT");
  }
}
