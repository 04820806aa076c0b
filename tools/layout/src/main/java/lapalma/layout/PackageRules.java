package lapalma.layout;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The imports that are allowed between the packages of a module.
 *
 * @param root the parent package: every package may import it, and it imports none of them
 * @param mayKnow the names of all packages, relative to the root, and for each those that it may
 *     import
 */
public record PackageRules(String root, Map<String, Set<String>> mayKnow) {
  /** The maximum number of classes in a package. */
  private static final int MOST_CLASSES = 16;

  /**
   * Checks the classes of a module and the size of its packages.
   *
   * @param folders the folders with the compiled classes, such as {@code target/classes}
   * @throws AssertionError that names each import or package that breaks a rule
   */
  public void check(Path... folders) {
    JavaClasses all =
        new ClassFileImporter()
            .importPaths(folders)
            .that(describe("in " + root, one -> isIn(one.getPackageName())));
    requireListed(all);
    requireNoCycles();
    for (String name : mayKnow.keySet()) {
      requireKnown(all, name);
    }
    classes()
        .that()
        .resideInAPackage(root)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(root).or(resideOutsideOfPackage(root + "..")))
        .allowEmptyShould(true)
        .check(all);
    for (Path folder : folders) {
      requireNoneCrowded(folder);
    }
  }

  private boolean isIn(String name) {
    return name.equals(root) || name.startsWith(root + ".");
  }

  private void requireListed(JavaClasses all) {
    Set<String> found =
        all.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> !name.equals(root))
            .map(name -> name.substring(root.length() + 1))
            .collect(Collectors.toCollection(TreeSet::new));
    if (!found.equals(mayKnow.keySet())) {
      throw new AssertionError(
          "The packages of %s are %s, and the rules list %s."
              .formatted(root, found, new TreeSet<>(mayKnow.keySet())));
    }
  }

  /**
   * Looks at the list, which has all imports that are allowed. Packages that begin with the same
   * name count as one.
   */
  private void requireNoCycles() {
    Map<String, Set<String>> left = new TreeMap<>();
    mayKnow.forEach(
        (name, others) -> {
          Set<String> known = left.computeIfAbsent(firstName(name), first -> new TreeSet<>());
          others.stream()
              .map(PackageRules::firstName)
              .filter(other -> !other.equals(firstName(name)))
              .forEach(known::add);
        });
    // A package that imports no remaining package is in no cycle.
    while (left.values().removeIf(Set::isEmpty)) {
      left.values().forEach(known -> known.retainAll(left.keySet()));
    }
    if (!left.isEmpty()) {
      throw new AssertionError(
          "The rules of %s let these packages import each other: %s.".formatted(root, left));
    }
  }

  private static String firstName(String name) {
    return name.split("\\.", 2)[0];
  }

  private void requireKnown(JavaClasses all, String name) {
    String[] known =
        Stream.concat(
                Stream.of(root, root + "." + name),
                mayKnow.get(name).stream().map(other -> root + "." + other))
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAPackage(root + "." + name)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(known).or(resideOutsideOfPackage(root + "..")))
        .as("%s imports only %s".formatted(name, mayKnow.get(name)))
        .check(all);
  }

  /** Counts top-level classes: nested ones have a $ in their file's name. */
  private static void requireNoneCrowded(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(file -> file.toString().endsWith(".class"))
          .filter(file -> !file.getFileName().toString().matches(".*\\$.*|package-info.class"))
          .collect(Collectors.groupingBy(Path::getParent, Collectors.counting()))
          .forEach(
              (one, count) -> {
                if (count > MOST_CLASSES) {
                  throw new AssertionError(
                      "%s has %d classes: divide it, %d are the most."
                          .formatted(one, count, MOST_CLASSES));
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
