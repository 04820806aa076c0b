package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import lapalma.compare.plan.Protocol;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Results;
import lapalma.compare.result.RunFolder;
import lapalma.compare.result.Score;
import lapalma.compare.stats.Comparison;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final int ROUNDS = 10;

  @TempDir Path folder;
  private Path page;

  @BeforeEach
  void write() {
    // Given a run of three variants, of which one costs half as much again and one costs the same
    var run = new RunFolder(folder);
    run.write(Fixtures.plan(ROUNDS, "bare", "same", "slow"));
    Fixtures.trials(ROUNDS, Map.of("bare", 1.0, "same", 1.0, "slow", 1.5), 8).forEach(run::write);
    run.write(Fixtures.machine("a processor", "Vendor 17.0.1"));
    run.write(Fixtures.coverage("slow", Finding.of(18, 18), Aspect.SERVER_SPANS, Aspect.ROUTE));
    run.write(
        score(
            "slow",
            new Score.Verdict(
                "MET-002",
                Score.Impact.IMPORTANT,
                "Units",
                "address",
                Score.Outcome.FAILED,
                "1 of 2 metrics fail",
                2,
                1,
                List.of("x has no unit")),
            new Score.Name(Score.Trouble.DEPRECATED, "span", "code.lineno", 3, "Use it.")));
    run.write(Fixtures.coverage("same", Finding.of(17, 18), Aspect.SERVER_SPANS));

    // When
    page = report(folder);
  }

  private static Score score(String variant, Score.Verdict verdict, Score.Name name) {
    return new Score(
        variant, Instant.EPOCH, "0.1", "1.44.0", List.of(verdict), List.of(name), List.of(), "");
  }

  private static Path report(Path run) {
    return new Report(List.of(Results.read(run))).write(run);
  }

  @Test
  void saysWhatDiffersAndWhatCannotBeToldApart() throws IOException {
    assertThat(Files.readString(folder.resolve("comparisons.csv")).lines())
        .anyMatch(line -> line.matches("dice,cpu,µs,slow,bare,10,.*,MORE"))
        .anyMatch(line -> line.matches("dice,cpu,µs,same,bare,10,.*,CANNOT_BE_TOLD_APART"));
    assertThat(Files.readString(folder.resolve("report.md")))
        .containsPattern("Title of same .*×1\\.0. [^|]* ~")
        .containsPattern("Title of slow .*×1\\.5. [^~|]*\\|")
        .contains("17 of 18", "glowroot: It cannot be had.");
  }

  @Test
  void saysWhichRulesFailAndWhichNamesAreWrong() throws IOException {
    assertThat(Files.readString(folder.resolve("score.csv")).lines())
        .contains("dice,slow,MET-002,IMPORTANT,FAILED,2,1,\"1 of 2 metrics fail\",address");
    assertThat(Files.readString(folder.resolve("names.csv")).lines())
        .contains("dice,slow,DEPRECATED,span,\"code.lineno\",3,\"Use it.\"");
    assertThat(Files.readString(page))
        .contains("<button type=\"button\">MET-002</button>", "1/2 fail", "code.lineno");
  }

  @Test
  void saysWhichDifferenceTheRunCouldHaveFound() throws IOException {
    assertThat(Files.readString(folder.resolve("report.md")))
        .containsPattern(
            "Power: with a chance of 80 %.*CPU per request, saturated \\+\\d\\.\\d+ %");
    assertThat(Files.readString(folder.resolve("comparisons.csv")).lines())
        .anyMatch(line -> line.matches("dice,cpu,µs,slow,bare,10(,[-0-9.e+]+){10},MORE"));
  }

  @Test
  void keepsEveryRawValue() throws IOException {
    assertThat(Files.readString(folder.resolve("results.csv")).lines())
        .hasSize(1 + ROUNDS * 3)
        .allSatisfy(line -> assertThat(line.split(",", -1)).hasSize(5 + Measure.values().length));
  }

  @Test
  void needsNoNetwork() throws IOException {
    assertThat(Files.readString(page))
        .doesNotContain("<script src", "<link rel=\"stylesheet", "@import");
  }

  @Test
  void tellsWhatArrivedWhereNoCostHasBeenMeasured() throws IOException {
    var run = new RunFolder(folder.resolve("told"));
    run.write(Fixtures.plan(ROUNDS, "bare", "slow"));
    var known = Map.of(Aspect.SERVER_SPANS, Finding.of(18, 18));
    run.write(new Coverage("slow", Instant.EPOCH, known, Set.of()));

    report(run.path());

    assertThat(Files.readString(run.path().resolve("report.md")))
        .contains("No cost has been measured.", "18 of 18");
  }

  @Test
  void namesOnItsRowWhatIsAttachedAndThatItsBackendIsAStandIn() {
    var vendor =
        Fixtures.variant(
            "vendor",
            "Vendor",
            "com.example:agent:1.2",
            Protocol.DATADOG,
            Fixtures.dice().workload());

    var row = tables(List.of(vendor), Map.of()).requests(List.of(vendor)).rows().get(0);

    assertThat(row.get(0).detail()).isEqualTo("agent 1.2, to a stand-in for its backend");
  }

  @Test
  void beginsWithTheBaselineOfMostVariants() {
    // Given names whose order is another
    Tables tables =
        tables(
            List.of(
                Fixtures.variant("a").onJdk(17, "a"),
                Fixtures.variant("a-slow").onJdk(17, "a"),
                Fixtures.variant("bare"),
                Fixtures.variant("slow"),
                Fixtures.variant("quick")),
            Map.of());

    // Then
    assertThat(tables.variants())
        .extracting(Variant::name)
        .containsExactly("bare", "slow", "quick", "a", "a-slow");
    assertThat(tables.mainVariants())
        .extracting(Variant::name)
        .containsExactly("bare", "slow", "quick");
  }

  private static Tables tables(List<Variant> variants, Map<String, Coverage> coverage) {
    var run =
        new Results(
            Path.of("run"),
            Fixtures.plan(ROUNDS, variants),
            List.of(),
            List.of(),
            coverage,
            Map.of());
    return new Tables(AppResults.of(List.of(run)).get(0));
  }

  @Test
  void sortsAFindingByItsCountAndOneWithoutACountByItsText() {
    var findings =
        Map.of(
            Aspect.SERVER_SPANS, Finding.some(5, 2, "half of 5"),
            Aspect.OUTGOING, Finding.named(List.of("traceparent"), "traceparent"));
    var coverage = Map.of("slow", new Coverage("slow", Instant.EPOCH, findings, Set.of()));

    var row = tables(List.of(Fixtures.variant("slow")), coverage).coverages().rows().get(0);

    assertThat(row.get(1).sort()).isEqualTo(2);
    assertThat(row.get(2).sort()).isNaN();
  }

  @Test
  void refusesAFolderWithoutARun() {
    assertThatThrownBy(() -> RunFolder.existing(folder.resolve("nothing")))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("There is no run in");
  }

  @Test
  void saysBesideTheCostWhichShareOfItsSpansAVariantDelivered() throws IOException {
    // Given a variant that drops spans at saturation, and trials that did not count
    var run = new RunFolder(folder.resolve("dropped"));
    run.write(Fixtures.plan(ROUNDS, "bare", "same", "slow"));
    Fixtures.trials(ROUNDS, Map.of("bare", 1.0, "same", 1.0, "slow", 1.5), 8).stream()
        .map(one -> one.variant().equals("slow") ? Fixtures.delivered(one, 391, 995, 1000) : one)
        .forEach(run::write);

    // When
    report(run.path());

    // Then
    assertThat(Files.readString(run.path().resolve("report.md")))
        .containsPattern(
            "\\| Title of slow \\|( [^|]*, delivered 39\\.1 % \\|){2}[^|]* ×1\\.5. \\[[^|,]*, [^|,]*] \\|")
        .doesNotContainPattern("Title of same[^\n]*delivered");
    assertThat(Files.readString(folder.resolve("report.md"))).doesNotContain("delivered");
  }

  @Test
  void whatDataContainIsTextAndNoMarkup() throws Exception {
    // Given titles and names that mean something in HTML, XML, or the report's own template
    String title = "a <b> & \"c\"";
    var run = new RunFolder(folder.resolve("markup"));
    var variants =
        List.of(
            Fixtures.variant("bare"),
            titled(Fixtures.variant("zero"), title),
            titled(Fixtures.variant("one"), title));
    run.write(Fixtures.plan(ROUNDS, variants));
    Fixtures.trials(ROUNDS, Map.of("bare", 1.0, "zero", 1.0, "one", 1.0), 8).forEach(run::write);
    run.write(
        score(
            "one",
            new Score.Verdict(
                "MET-002",
                Score.Impact.IMPORTANT,
                "Units",
                "address",
                Score.Outcome.PASSED,
                "1 metrics, none fails",
                1,
                0,
                List.of()),
            new Score.Name(Score.Trouble.UNKNOWN, "span", "<script>x</script>", 1, "{{results}}")));

    // When
    String html = Files.readString(report(run.path()));

    // Then
    assertThat(html)
        .contains("&lt;script>x&lt;/script>", "{{results}}", "a &lt;b> &amp; &quot;c&quot;")
        .doesNotContain("<script>x", "a <b>", "&amp;lt;", "&amp;amp;", "&amp;quot;");
    var svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(run.path().resolve("picture.svg").toFile());
    assertThat(svg.getDocumentElement().getTextContent()).contains(title);
  }

  private static Variant titled(Variant plain, String title) {
    return Fixtures.variant(plain.name(), title, "", Protocol.NONE, plain.workload());
  }

  @Test
  void whatAVariantAddsIsTheMeanDifferenceOfTheRounds() {
    var tables = new Tables(AppResults.of(List.of(Results.read(folder))).get(0));
    var difference =
        tables
            .comparison(Fixtures.variant("slow"), Measure.CPU_SATURATED)
            .flatMap(Comparison::difference)
            .orElseThrow();

    assertThat(Tables.acrossApps(List.of(tables, tables)).rows())
        .filteredOn(row -> row.get(0).text().equals("Title of slow"))
        .singleElement()
        .extracting(row -> row.get(1))
        .returns(
            "%+.1f µs [%.1f, %.1f]"
                .formatted(difference.estimate(), difference.low(), difference.high()),
            Table.Cell::text)
        .returns(difference.estimate(), Table.Cell::sort);
  }

  @Test
  void saysWhyThereIsNoAnswer() throws IOException {
    var run = new RunFolder(folder.resolve("brief"));
    run.write(Fixtures.plan(1, "bare", "slow"));
    Fixtures.trials(1, Map.of("bare", 1.0, "slow", 1.5), 8).forEach(run::write);

    assertThat(Files.readString(report(run.path()))).contains("These results give no answer");
  }
}
