package lapalma.agent.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The content of a JVM argument file: one argument a line, quoted or not, and comments. */
final class JvmArguments {
  private static final String AGENT = "-javaagent:";

  private JvmArguments() {}

  static List<String> read(Path file) throws IOException {
    try (var lines = Files.lines(file)) {
      return lines
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(line -> line.replaceAll("^\"|\"$", ""))
          .toList();
    }
  }

  static boolean attachAnAgent(List<String> arguments) {
    return arguments.stream().anyMatch(argument -> argument.startsWith(AGENT));
  }

  /** The jar of the agent that is attached. */
  static Path agentOf(List<String> arguments) {
    return arguments.stream()
        .filter(argument -> argument.startsWith(AGENT))
        .map(argument -> Path.of(argument.substring(AGENT.length())))
        .findFirst()
        .orElseThrow(() -> new ArchiveException("jvm.args attaches no agent."));
  }

  static List<String> withoutAgents(List<String> arguments) {
    return arguments.stream().filter(argument -> !argument.startsWith(AGENT)).toList();
  }
}
