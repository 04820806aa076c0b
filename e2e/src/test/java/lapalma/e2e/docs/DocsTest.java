package lapalma.e2e.docs;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Follows the links of the documentation, and looks up what it tells people to type. */
class DocsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern ELSEWHERE = Pattern.compile("^[a-z]+:.*");
  private static final Pattern TARGET = Pattern.compile("(?m)^([a-z][a-z-]*):");
  private static final Pattern MAKE = Pattern.compile("(?:^|\\s)make ([a-z][a-z-]*)");

  private static List<Page> pages;

  @BeforeAll
  static void read() throws IOException {
    pages = Page.below(ROOT);
  }

  @Test
  void everyLinkWithinTheProjectLeadsToAFileAndToAHeadingOfIt() {
    List<String> broken = new ArrayList<>();
    for (Page page : pages) {
      for (String link : page.links()) {
        if (!ELSEWHERE.matcher(link).matches() && !leadsSomewhere(page, link)) {
          broken.add(ROOT.relativize(page.file()) + " -> " + link);
        }
      }
    }

    assertThat(pages).hasSizeGreaterThan(10);
    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(Page page, String link) {
    String[] parts = link.split("#", 2);
    Path target =
        parts[0].isEmpty() ? page.file() : page.file().resolveSibling(parts[0]).normalize();
    return Files.exists(target)
        && (parts.length == 1 || Page.read(target).anchors().contains(parts[1]));
  }

  @Test
  void everyTargetOfMakeThatIsToBeTypedExists() throws IOException {
    Set<String> targets =
        makefiles().stream()
            .flatMap(text -> TARGET.matcher(text).results())
            .map((MatchResult target) -> target.group(1))
            .collect(toSet());

    assertThat(pages)
        .flatExtracting(Page::commands)
        .flatExtracting(
            command -> MAKE.matcher(command).results().map(make -> make.group(1)).toList())
        .isNotEmpty()
        .allSatisfy(target -> assertThat(targets).contains(target));
  }

  private static List<String> makefiles() throws IOException {
    List<String> texts = new ArrayList<>();
    texts.add(Files.readString(ROOT.resolve("Makefile")));
    for (String folder : List.of("e2e", "grafana", "compare", "ansible")) {
      texts.add(Files.readString(ROOT.resolve(folder + "/" + folder + ".mk")));
    }
    return texts;
  }

  @Test
  void everyPageIsInTheIndex() {
    Path index = ROOT.resolve("docs/README.md");
    Set<Path> listed =
        Page.read(index).links().stream()
            .map(link -> index.resolveSibling(link.split("#", 2)[0]).normalize())
            .collect(toSet());

    assertThat(pages)
        .extracting(Page::file)
        .filteredOn(file -> file.startsWith(ROOT.resolve("docs")) && !file.equals(index))
        .allSatisfy(file -> assertThat(listed).contains(file));
  }

  @Test
  void everyPageOpensWithASentence() throws IOException {
    for (Page page : pages) {
      List<String> lines = Files.readAllLines(page.file());

      assertThat(lines.get(0)).as(page.file().toString()).startsWith("# ");
      assertThat(lines.get(2)).as(page.file().toString()).matches("[*A-Z`].*");
    }
  }
}
