package lapalma.agent.fit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the modules of an agent need of an app. The build asks the modules of the pinned agent and
 * writes the table.
 *
 * @param agentVersion the agent whose modules these are
 */
record ModuleTable(String agentVersion, List<Module> modules) {
  /**
   * A module of the agent. Names of classes are as in a jar, without {@code .class}.
   *
   * @param names by which it can be enabled and disabled; the agent takes the first that is set
   * @param optIn whether it is disabled by default
   * @param server whether it makes the spans of an HTTP server
   * @param needs classes without which it does nothing
   * @param types classes of which it needs one; empty if it may as well instrument others
   */
  record Module(
      List<String> names, boolean optIn, boolean server, List<String> needs, List<String> types) {
    boolean fits(Predicate<String> hasClass) {
      return needs.stream().allMatch(hasClass)
          && (types.isEmpty() || types.stream().anyMatch(hasClass));
    }

    /** Whether it may be of use to an app without any library. */
    boolean needsNoLibrary() {
      return needs.isEmpty() && types.isEmpty();
    }
  }

  /** Reads the table of the agent that this extension was built for. */
  static ModuleTable read() {
    try (var in =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(ModuleTable.class.getResourceAsStream("modules.tsv")),
                ISO_8859_1))) {
      String version = in.readLine();
      List<Module> modules = new ArrayList<>();
      for (String row = in.readLine(); row != null; row = in.readLine()) {
        String[] fields = row.split("\t", -1);
        modules.add(
            new Module(
                words(fields[0]),
                fields[1].equals("opt-in"),
                fields[1].equals("server"),
                words(fields[2]),
                words(fields[3])));
      }
      return new ModuleTable(version, modules);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> words(String field) {
    return field.isEmpty() ? List.of() : List.of(field.split(" "));
  }

  /** Returns all classes that a module asks for. */
  Set<String> classes() {
    Set<String> all = new HashSet<>(8192);
    for (Module module : modules) {
      all.addAll(module.needs);
      all.addAll(module.types);
    }
    return all;
  }
}
