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
            Map.ofEntries(
                Map.entry("client", Set.of("server")),
                Map.entry("config", Set.of()),
                Map.entry("context", Set.of()),
                Map.entry("export", Set.of("config")),
                Map.entry("fit", Set.of()),
                Map.entry("log", Set.of()),
                Map.entry("method", Set.of()),
                Map.entry("metrics", Set.of("config")),
                Map.entry("route", Set.of()),
                Map.entry("sampling", Set.of("config")),
                Map.entry("seal", Set.of()),
                Map.entry("server", Set.of("context", "route"))))
        .check(Path.of("target/classes"));
  }
}
