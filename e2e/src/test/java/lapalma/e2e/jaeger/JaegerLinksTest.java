package lapalma.e2e.jaeger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.process.Command;
import org.junit.jupiter.api.Test;

/** Checks the links to Jaeger's search page in this repository. */
class JaegerLinksTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void everyLinkToASearchHasATimeRange() throws IOException {
    List<String> links = new ArrayList<>();
    List<String> withoutTimeRange = new ArrayList<>();
    for (String file : tracked()) {
      for (JaegerSearchLink link : JaegerSearchLink.in(textOf(file))) {
        links.add(file + ": " + link.text());
        if (!link.hasTimeRange()) {
          withoutTimeRange.add(file + ": " + link.text());
        }
      }
    }

    // The test must find the links that exist.
    assertThat(links)
        .anyMatch(link -> link.startsWith("README.md"))
        .anyMatch(link -> link.startsWith("prometheus/pages/"));
    assertThat(withoutTimeRange).isEmpty();
  }

  /** Returns all files except the sources that put links together from parts. */
  private static List<String> tracked() {
    Command files = Command.run(ROOT, Map.of(), List.of("git", "ls-files"));
    assertThat(files.exitCode()).as(files.errors()).isZero();
    return files
        .output()
        .lines()
        .filter(file -> !file.startsWith("grafana/build/") && !file.endsWith(".java"))
        .filter(file -> Files.isRegularFile(ROOT.resolve(file)))
        .toList();
  }

  private static String textOf(String file) throws IOException {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (MalformedInputException e) {
      return ""; // not a text file
    }
  }
}
