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
            Map.ofEntries(
                Map.entry("support", Set.of()),
                Map.entry("docs", Set.of()),
                Map.entry("agent", Set.of("support")),
                Map.entry("fit", Set.of("scale", "support")),
                Map.entry("jar", Set.of("support")),
                Map.entry("sampling", Set.of("support")),
                Map.entry("undertow", Set.of("support")),
                Map.entry("logs", Set.of("support")),
                Map.entry("jaeger", Set.of("support")),
                Map.entry("health", Set.of("support")),
                Map.entry("launcher", Set.of("jaeger", "support")),
                Map.entry("compose", Set.of("health", "jaeger", "support")),
                Map.entry("scale", Set.of("health", "jaeger", "support"))))
        .check(Path.of("target/test-classes"));
  }
}
