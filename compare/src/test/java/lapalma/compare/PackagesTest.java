package lapalma.compare;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lapalma.layout.PackageRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks which of the lab's packages each package imports. */
class PackagesTest {
  private static final String LAB = "lapalma.compare";
  private static final Path CLASSES = Path.of("target/classes");

  private static final Map<String, Set<String>> MAY_KNOW =
      Map.ofEntries(
          Map.entry("host", Set.of()),
          Map.entry("plan", Set.of()),
          Map.entry("result", Set.of("plan", "host")),
          Map.entry("load", Set.of("plan", "host")),
          Map.entry("backend", Set.of("plan", "host")),
          Map.entry("app", Set.of("backend", "plan", "host")),
          Map.entry("score", Set.of("backend", "result", "plan", "host")),
          Map.entry("coverage", Set.of("app", "backend", "score", "result", "plan")),
          Map.entry("run", Set.of("coverage", "app", "backend", "load", "result", "plan", "host")),
          Map.entry("stats", Set.of("result", "plan")),
          Map.entry("report", Set.of("stats", "result", "plan", "host")),
          Map.entry(
              "cli",
              Set.of("run", "report", "stats", "score", "backend", "result", "plan", "host")));

  @Test
  void eachPackageImportsOnlyThoseThatItMay() {
    new PackageRules(LAB, MAY_KNOW).check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({"run, coverage", "report, stats"})
  void anImportThatIsNotAllowedIsFound(String name, String other) {
    Map<String, Set<String>> without = new HashMap<>(MAY_KNOW);
    Set<String> others = new TreeSet<>(MAY_KNOW.get(name));
    others.remove(other);
    without.put(name, others);

    assertThatThrownBy(() -> new PackageRules(LAB, without).check(CLASSES))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(LAB + "." + other);
  }

  @Test
  void aPackageThatIsNotListedIsFound() {
    Map<String, Set<String>> without = new HashMap<>(MAY_KNOW);
    without.remove("cli");

    assertThatThrownBy(() -> new PackageRules(LAB, without).check(CLASSES))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("cli");
  }

  @Test
  void packagesThatMayImportEachOtherAreFound() {
    Map<String, Set<String>> both = new HashMap<>(MAY_KNOW);
    both.put("host", Set.of("cli"));

    assertThatThrownBy(() -> new PackageRules(LAB, both).check(CLASSES))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("import each other");
  }
}
