package lapalma.agent;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import lapalma.layout.PackageRules;
import org.junit.jupiter.api.Test;

/** Which packages of the extension each may import. */
class PackagesTest {
  @Test
  void eachPackageImportsOnlyThoseThatItMay() {
    new PackageRules(
            "lapalma.agent",
            Map.of(
                "config",
                Set.of(),
                "export",
                Set.of("config"),
                "fit",
                Set.of(),
                "log",
                Set.of(),
                "method",
                Set.of(),
                "metrics",
                Set.of("config"),
                "route",
                Set.of(),
                "sampling",
                Set.of("config"),
                "seal",
                Set.of(),
                "server",
                Set.of("route")))
        .check(Path.of("target/classes"));
  }
}
