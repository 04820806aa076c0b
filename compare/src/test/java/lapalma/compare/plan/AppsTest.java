package lapalma.compare.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import lapalma.compare.result.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppsTest {
  private static final String SHOP = "jar: shop.jar\nenvironment: { PORT: '{port}' }\n";
  private static final String PATH = "requests: [{ path: / }]\n";

  @TempDir Path folder;

  @Test
  void readsTheProjectsOwn() {
    List<App> apps = Fixtures.apps().shipped();

    assertThat(apps)
        .extracting(App::name)
        .contains("by-hand", "dice", "fuseki", "relay", "shop", "wiremock", "zipkin");
    assertThat(Fixtures.dice().relay()).isEqualTo(Fixtures.apps().get("relay"));
    // The variant of dice that is instrumented by hand is asked what dice is asked.
    assertThat(Fixtures.apps().get("by-hand").requests()).isEqualTo(Fixtures.dice().requests());
  }

  @Test
  void aFileNeedsAJarItsPortAndOneRequest() throws IOException {
    App shop = read(SHOP + PATH);

    assertThat(shop)
        .extracting(App::name, App::title, App::ready, App::folder)
        .containsExactly("shop", "shop", "/", folder.toString());
    assertThat(shop.requests())
        .containsExactly(new App.Request("/", 3, 200, "", "", "", false, false, ""));
    assertThat(shop.load())
        .isEqualTo(new App.Load("/", null, 100, 16, 0, App.Collector.SERIAL, 256, 50));
  }

  @Test
  void theLoadOfTheShopIsAMixOnTheCollectorAndTheCoresOfItsFile() {
    App.Load load = Fixtures.apps().get("shop").load();

    assertThat(load.path()).isEqualTo("/items/1");
    assertThat(load.post()).extracting(App.Request::path).isEqualTo("/items/1/sales");
    assertThat(load.collector()).isEqualTo(App.Collector.G1);
    assertThat(load.cores()).isOne();
  }

  @Test
  void aPlanKeepsAnAppAsItsFileDescribesIt() throws IOException {
    for (App app : Fixtures.apps().shipped()) {
      assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(app), App.class))
          .isEqualTo(app);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          requests: [{ path: / }]                     | jar: name the jar to run
          jar: shop.jar                               | nothing tells the app its port
          SHOP                                        | requests: name one or more
          SHOP requests: [{ path: x }]                | requests[0].path: 'x' is no path
          SHOP requests: [{ path: / x }]              | requests[0].path: '/ x' is no path
          SHOP requests: [{ path: /, status: good }]  | requests[0].status has a value of another type
          SHOP requests: [{ path: /, code: 200 }]     | 'requests[0].code' is no key: use exception, log, method, path, post, probe, route, status, times
          SHOP requests: [{ path: /, times: 0 }]      | requests[0].times: it is 0: use 1 or more
          SHOP requests: [{ path: /, status: 404 }]   | requests[0]: the first one is a GET answered with 200
          SHOP PATH load: { rate: 0 }                 | load.rate: it is 0: use 1 or more
          SHOP PATH heap: 8                           | heap: it is 8: use 16 or more
          SHOP PATH sha256: abc                       | sha256: it is 'abc', not the 64 hexadecimal digits
          SHOP PATH like: mall                        | like: there is no mall.yaml beside it
          SHOP PATH like: shop                        | like: it is like itself
          SHOP PATH relay: mall                       | relay: there is no mall.yaml beside it
          SHOP PATH class-path: [a.jar]               | main: a class-path needs the name of the main class
          SHOP PATH load: { post: /sale }             | load.post: no request posts to '/sale'
          SHOP PATH collector: none                   | collector has a value of another type
          SHOP PATH cores: -1                         | cores: it is -1: use 0 or more
          SHOP PATH arguments: ['{prot}']             | {prot} is no placeholder: use one of {port},
          SHOP PATH colour: red                       | 'colour' is no key: use arguments, class-path
          jar: a:b:1                                  | sha256: it is ''
          jar: a: b                                    | line 1: mapping values
          """)
  void oneSentenceNamesTheFileAndTheKeyAtFault(String text, String why) {
    assertThatThrownBy(
            () -> read(text.replace("SHOP ", SHOP).replace("SHOP", SHOP).replace("PATH ", PATH)))
        .isInstanceOf(LabException.class)
        .hasMessageStartingWith(folder.resolve("shop.yaml") + " is not an app: ")
        .hasMessageContaining(why)
        .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));
  }

  @Test
  void theReferenceListsEachKey() throws IOException {
    String readme = Files.readString(Path.of("README.md"));

    Stream.of(Apps.File.class, Apps.File.Request.class, Apps.File.Load.class)
        .flatMap(type -> Arrays.stream(type.getRecordComponents()))
        .map(AppsTest::key)
        .forEach(key -> assertThat(readme).contains("| `%s` |".formatted(key)));
  }

  private static String key(RecordComponent component) {
    var named = component.getAccessor().getAnnotation(JsonProperty.class);
    return named == null ? component.getName() : named.value();
  }

  private App read(String text) throws IOException {
    return new Apps(Path.of("/nowhere"))
        .find(Files.writeString(folder.resolve("shop.yaml"), text).toString());
  }
}
