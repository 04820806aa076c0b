package lapalma.e2e;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import lapalma.layout.PackageRules;
import org.junit.jupiter.api.Test;

/** Checks which packages of tests each package imports. */
class PackagesTest {
  @Test
  void eachPackageImportsOnlyThoseThatItMay() {
    new PackageRules(
            "lapalma.e2e",
            Map.of(
                "support", Set.of(),
                "docs", Set.of(),
                "agent", Set.of("support"),
                "sampling", Set.of("support"),
                "logs", Set.of("support"),
                "jaeger", Set.of("support"),
                "health", Set.of("support"),
                "launcher", Set.of("jaeger", "support"),
                "compose", Set.of("health", "jaeger", "support"),
                "scale", Set.of("health", "jaeger", "support")))
        .check(Path.of("target/test-classes"));
  }
}
