package lapalma.agent.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class KnownKeysTest {
  /** Otherwise a correct name in {@code enabled} could be called a misspelled one. */
  @Test
  void everyInstrumentationOfThePinnedAgentIsKnown() throws IOException {
    Set<String> names = new TreeSet<>();
    try (InputStream table = getClass().getResourceAsStream("/lapalma/agent/fit/modules.tsv")) {
      new String(table.readAllBytes(), ISO_8859_1)
          .lines()
          .skip(1) // the agent's version
          .map(row -> row.substring(0, row.indexOf('\t')).replace('-', '_'))
          .forEach(row -> names.addAll(List.of(row.split(" ", -1))));
    }

    assertThat(names).contains("undertow", "undertow_1.4").hasSizeGreaterThan(500);
    assertThat(new KnownKeys().instrumentations()).containsAll(names);
  }
}
