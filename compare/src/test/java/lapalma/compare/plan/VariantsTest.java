package lapalma.compare.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VariantsTest {
  @TempDir Path folder;

  @Test
  void readsTheProjectsOwn() throws IOException {
    // Given the files of compare/variants
    String pom = Files.readString(Path.of("../pom.xml"));
    Variants variants = Variants.read(Path.of("variants"), Fixtures.apps(), Fixtures.dice());

    // Then each is a variant, and the agent is the one that the project attaches
    assertThat(variants.all()).hasSizeGreaterThan(20);
    Variant otel = variants.get("otel");
    assertThat(pom)
        .contains(
            otel.attachment().agent().substring(otel.attachment().agent().lastIndexOf(':') + 1))
        .contains(otel.attachment().sha256());
  }

  @Test
  void aVariantWithFlagsIsComparedWithNoAgentThatHasThemToo() {
    Variants variants = Variants.read(Path.of("variants"), Fixtures.apps(), Fixtures.dice());

    assertThat(variants.all())
        .filteredOn(variant -> variant.attachment().jvm().toString().contains("{fast-start}"))
        .hasSizeGreaterThan(5)
        .allSatisfy(
            variant ->
                assertThat(variant.attachment().jvm())
                    .containsAll(variants.get(variant.baseline()).attachment().jvm()));
    assertThat(variants.all())
        .filteredOn(variant -> variant.baseline().equals("bare"))
        .noneMatch(variant -> variant.attachment().jvm().toString().contains("{fast-start}"));
  }

  @Test
  void theVariablesTellHowMuchAVariantSamples() {
    Variants variants = Variants.read(Path.of("variants"), Fixtures.apps(), Fixtures.dice());

    assertThat(Stream.of("otel", "lapalma-agent-sealed", "lapalma-agent-sampled-10"))
        .extracting(name -> variants.get(name).sampled())
        .containsExactly(1.0, 1.0, 0.1);
  }

  @Test
  void takesWhatIsLeftOutFromTheVariantThatItIsLike() throws IOException {
    write("bare", "title: Bare\nbaseline: bare\n");
    write("one", "title: One\njvm: [-a]\nenvironment: { X: x, Y: y }\nsink: otlp\n");
    write("two", "title: Two\nlike: one\njvm: [-b]\nenvironment: { Y: z }\n");

    Variant two = Variants.read(folder, Fixtures.apps(), Fixtures.dice()).get("two");

    assertThat(two.attachment().jvm()).containsExactly("-a", "-b");
    assertThat(two.attachment().environment()).containsEntry("X", "x").containsEntry("Y", "z");
    assertThat(two.telemetry().protocol()).isEqualTo(Protocol.OTLP);
    assertThat(two.baseline()).isEqualTo("bare");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    write("bare", "title: Bare\nbaseline: bare\n");
    refuses("jvm: [-a]\n", "it has no title");
    refuses("title: X\nlike: nothing\n", "it is like 'nothing', which does not exist");
    refuses("title: X\nlike: x\n", "it is like itself");
    refuses("title: X\nsink: pigeon\n", "'pigeon' is no protocol");
    refuses("title: X\nagent: a:b:1\n", "sha256 of its agent is '', not 64 hexadecimal digits");
    refuses(
        "title: X\nagent: a:b:1\nsha256: %s\nreleased: soon\n".formatted("0".repeat(64)),
        "released is 'soon', not the day of the agent's release");
    refuses("title: X\nbaseline: y\n", "its baseline 'y' does not exist");
    refuses("title: X\ncolour: red\n", "'colour' is no key: use agent, app, ");
    refuses("title: X\njdk: old\n", "jdk has a value of another type");
    refuses("title: X\napp: bakery\n", "There is no app 'bakery'");
  }

  @Test
  void namesThoseThatThereAre() throws IOException {
    write("bare", "title: Bare\nbaseline: bare\n");
    assertThatThrownBy(() -> Variants.read(folder, Fixtures.apps(), Fixtures.dice()).get("bear"))
        .isInstanceOf(LabException.class)
        .hasMessage("There is no variant 'bear': use one of bare.");
  }

  @Test
  void aVariantThatDoesNotFitTheAppSaysWhy() throws IOException {
    write("bare", "title: Bare\nbaseline: bare\n");
    write("own", "title: Own\napp: by-hand\n");
    write("sealed", "title: Sealed\njvm: ['-Dx={sealed}']\n");

    Variants ofDice = Variants.read(folder, Fixtures.apps(), Fixtures.dice());
    Variants ofFuseki = Variants.read(folder, Fixtures.apps(), Fixtures.apps().get("fuseki"));

    assertThat(ofDice.all()).filteredOn(variant -> !variant.runs()).isEmpty();
    assertThat(ofFuseki.all())
        .filteredOn(variant -> !variant.runs())
        .extracting(Variant::name, Variant::cannotRun)
        .containsExactly(
            tuple("own", "It is of the app by-hand, not of fuseki."),
            tuple(
                "sealed",
                "Only an app that takes its port from a variable and needs no arguments is sealed."));
  }

  private void refuses(String text, String why) throws IOException {
    write("x", text);
    assertThatThrownBy(() -> Variants.read(folder, Fixtures.apps(), Fixtures.dice()))
        .isInstanceOf(LabException.class)
        .hasMessageContaining(why);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name + ".yaml"), text);
  }
}
