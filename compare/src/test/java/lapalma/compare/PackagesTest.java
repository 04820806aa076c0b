package lapalma.compare;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lab's packages, and which of the others each may know: CONTRIBUTING.md has the same list. */
class PackagesTest {
  private static final String LAB = "lapalma.compare";
  private static final int MOST_CLASSES = 16;

  private static final Map<String, Set<String>> MAY_KNOW =
      Map.ofEntries(
          Map.entry("host", Set.of()),
          Map.entry("plan", Set.of()),
          Map.entry("result", Set.of("plan", "host")),
          Map.entry("load", Set.of("plan", "host")),
          Map.entry("backend", Set.of("plan", "host")),
          Map.entry("app", Set.of("backend", "plan", "host")),
          Map.entry("coverage", Set.of("app", "backend", "result", "plan")),
          Map.entry("run", Set.of("coverage", "app", "backend", "load", "result", "plan", "host")),
          Map.entry("stats", Set.of("result", "plan")),
          Map.entry("report", Set.of("stats", "result", "plan", "host")),
          Map.entry("cli", Set.of("run", "report", "stats", "result", "plan", "host")),
          // The apps that are measured: they know nothing of the lab.
          Map.entry("hello", Set.of()),
          Map.entry("relay", Set.of()));

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(LAB);

  @Test
  void eachPackageIsInTheList() {
    Set<String> packages = new TreeSet<>();
    classes.forEach(one -> packages.add(one.getPackageName()));

    packages.remove(LAB);
    assertThat(packages)
        .containsExactlyInAnyOrderElementsOf(
            MAY_KNOW.keySet().stream().map(name -> LAB + "." + name).toList());
  }

  @Test
  void eachPackageKnowsOnlyThoseThatItMay() {
    MAY_KNOW.forEach((name, others) -> only(name, others).check(classes));
  }

  @Test
  void theRootKnowsNoPackageOfTheLab() {
    classes()
        .that()
        .resideInAPackage(LAB)
        .should()
        .onlyDependOnClassesThat(resideInAPackage(LAB).or(resideOutsideOfPackage(LAB + "..")))
        .check(classes);
  }

  @Test
  void thePackagesHaveNoCycles() {
    slices().matching(LAB + ".(*)..").should().beFreeOfCycles().check(classes);
  }

  @ParameterizedTest
  @CsvSource({"run, coverage", "report, stats"})
  void anImportThatIsNotAllowedIsFound(String name, String other) {
    Set<String> others = new TreeSet<>(MAY_KNOW.get(name));
    others.remove(other);

    assertThatThrownBy(() -> only(name, others).check(classes))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(LAB + "." + other);
  }

  private static ArchRule only(String name, Set<String> others) {
    String[] known =
        Stream.concat(Stream.of(LAB, LAB + "." + name), others.stream().map(one -> LAB + "." + one))
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(LAB + "." + name)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(known).or(resideOutsideOfPackage(LAB + "..")))
        .as("%s knows only %s".formatted(name, others));
  }

  @ParameterizedTest
  @ValueSource(strings = {"src/main/java", "src/test/java"})
  void noPackageIsCrowded(String sources) throws IOException {
    try (Stream<Path> folders = Files.walk(Path.of(sources)).filter(Files::isDirectory)) {
      for (Path folder : folders.toList()) {
        try (Stream<Path> files = Files.list(folder)) {
          assertThat(
                  files
                      .map(file -> file.getFileName().toString())
                      .filter(file -> file.endsWith(".java") && !file.equals("package-info.java")))
              .as(folder.toString())
              .hasSizeLessThanOrEqualTo(MOST_CLASSES);
        }
      }
    }
  }
}
