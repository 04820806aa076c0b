package lapalma;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import lapalma.layout.PackageRules;
import org.junit.jupiter.api.Test;

/** Checks which packages of the launcher each package imports. */
class PackagesTest {
  @Test
  void eachPackageImportsOnlyThoseThatItMay() {
    new PackageRules(
            "lapalma",
            Map.of(
                "process", Set.of(),
                "stack.api", Set.of(),
                "stack", Set.of("process", "stack.api")))
        .check(Path.of("process/target/classes"), Path.of("target/classes"));
  }
}
