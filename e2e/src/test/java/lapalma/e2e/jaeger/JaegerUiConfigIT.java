package lapalma.e2e.jaeger;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import lapalma.e2e.support.Chromium;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.SharedStack;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Evaluates jaeger/ui.js in a browser, on a page that begins as those of Jaeger do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JaegerUiConfigIT {
  private static final String DICE_ALONE = "{\"services\": [\"dice\"]}";
  private static final String DICE_AND_PLAYER = "{\"services\": [\"dice\", \"player\"]}";
  private static final String DICE_MENU = "Searches of dice";
  private static final String PLAYER_MENU = "Searches of player";

  @AutoClose private final Closer closer = new Closer();
  private HttpServer server;
  private Chromium chromium;

  // What the server answers.
  private volatile String base;
  private volatile int status;
  private volatile String services;

  @BeforeAll
  void start() throws IOException {
    chromium = closer.register(Chromium.start());
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    closer.register(() -> server.stop(0));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.endsWith("/api/v3/services")) {
      // Only below the base.
      boolean found = path.equals((base.isEmpty() ? "/" : base) + "api/v3/services");
      send(exchange, found ? status : 404, "application/json", found ? services : "{}");
    } else {
      send(
          exchange,
          200,
          "text/html",
          "<!doctype html>%s<script>%s</script>"
              .formatted(
                  base.isEmpty() ? "" : "<base href=\"%s\" />".formatted(base),
                  Files.readString(SharedStack.project().root().resolve("jaeger/ui.js"))));
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/, /search",
    "/, /trace/0af7651916cd43dd8448eb211c80319c",
    "/jaeger/, /jaeger/search",
    "/jaeger/ui/, /jaeger/ui/trace/0af7651916cd43dd8448eb211c80319c",
  })
  void withACallerOfDiceTheMenuHasTheArchitectureAndSearchesOfIt(String base, String path) {
    serve(base, 200, DICE_AND_PLAYER);

    assertThat(evaluate(path)).containsExactly(true, List.of(DICE_MENU, PLAYER_MENU));
  }

  @Test
  void aServiceOfAnotherNameHasSearchesToo() {
    serve("/", 200, "{\"services\": [\"dice\", \"shop\"]}");

    assertThat(evaluate("/search")).containsExactly(true, List.of(DICE_MENU, "Searches of shop"));
    assertThat(evaluate("/search", "UIConfig().menu[1].items.map(item => item.url)"))
        .containsExactly(
            "search?service=shop&lookback=1h&tags=%7B%22error%22%3A%22true%22%7D",
            "search?service=shop&lookback=1h&minDuration=100ms");
  }

  @ParameterizedTest
  @ValueSource(strings = {DICE_ALONE, "{\"services\": []}", "{}", "", "<html>"})
  void withOneServiceOrNoneThereIsNoArchitecture(String answer) {
    serve("/", 200, answer);

    assertThat(evaluate("/search")).containsExactly(false, List.of(DICE_MENU));
  }

  @Test
  void anAnswerThatIsNoneIsTakenForNoService() {
    serve("/", 500, DICE_AND_PLAYER);

    assertThat(evaluate("/search")).containsExactly(false, List.of(DICE_MENU));
  }

  @Test
  void aPageThatDoesNotSayWhereThePagesBeginIsAskedForNothing() {
    serve("", 200, DICE_AND_PLAYER);

    assertThat(evaluate("/search")).containsExactly(false, List.of(DICE_MENU));
  }

  @Test
  void everySearchOfTheMenuHasATimeRange() {
    serve("/", 200, DICE_AND_PLAYER);

    assertThat(evaluate("/search", "UIConfig().menu.flatMap(m => m.items).map(item => item.url)"))
        .hasSize(5)
        .allMatch(
            url ->
                JaegerSearchLink.in("/" + url).stream().anyMatch(JaegerSearchLink::hasTimeRange));
  }

  private void serve(String base, int status, String services) {
    this.base = base;
    this.status = status;
    this.services = services;
  }

  /** Returns whether the menu has the architecture, and the labels of its searches. */
  private List<Object> evaluate(String path) {
    return evaluate(
        path, "[UIConfig().dependencies.menuEnabled, UIConfig().menu.map(menu => menu.label)]");
  }

  private List<Object> evaluate(String path, String script) {
    try (Page page =
        chromium.open("http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path))) {
      return List.copyOf((List<?>) page.evaluate(script));
    }
  }
}
