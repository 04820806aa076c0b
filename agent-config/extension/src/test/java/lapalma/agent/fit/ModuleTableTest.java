package lapalma.agent.fit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import lapalma.agent.fit.ModuleTable.Module;
import org.junit.jupiter.api.Test;

/** What the build wrote of the pinned agent. */
class ModuleTableTest {
  private static final Path PINNED = Path.of("target/agent/pinned.jar");
  private static final String MODULES =
      "inst/META-INF/services/io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule";

  private final ModuleTable table = ModuleTable.read();

  @Test
  void eachModuleOfTheAgentHasARow() throws IOException {
    try (var jar = new JarFile(PINNED.toFile())) {
      List<String> modules =
          new String(jar.getInputStream(jar.getJarEntry(MODULES)).readAllBytes(), UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .distinct()
              .toList();

      assertThat(modules).hasSizeGreaterThan(300);
      assertThat(table.modules()).hasSameSizeAs(modules);
      assertThat(table.agentVersion())
          .isEqualTo(jar.getManifest().getMainAttributes().getValue("Implementation-Version"));
    }
  }

  @Test
  void aRowSaysWhatItsModuleNeeds() {
    assertThat(row("undertow-1.4"))
        .satisfies(
            row -> {
              assertThat(row.names()).containsExactly("undertow", "undertow-1.4");
              assertThat(row.server()).isTrue();
              assertThat(row.optIn()).isFalse();
              assertThat(row.needs()).contains("io/undertow/server/HttpServerExchange");
              assertThat(row.types()).contains("io/undertow/server/HttpServerExchange");
            });
    assertThat(row("executors").needsNoLibrary()).isTrue();
    assertThat(row("micrometer-1.5").optIn()).isTrue();
    // Its classes are of a JDK newer than the oldest one that builds this.
    assertThat(row("avaje-jex-3.0").needs()).anyMatch(name -> name.startsWith("io/avaje/jex/"));
  }

  private Module row(String name) {
    return table.modules().stream()
        .filter(module -> module.names().contains(name))
        .findFirst()
        .orElseThrow();
  }
}
