package lapalma.agent.seal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A file of arguments for {@code java}, as {@code man java} describes it under "Argument files".
 */
final class ArgumentFile {
  private static final char COMMENT = '#';
  private static final char ESCAPE = '\\';

  private ArgumentFile() {}

  static List<String> read(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new SealException(
          "The command names the file @%s, which cannot be read.".formatted(file));
    }
    List<String> arguments = new ArrayList<>();
    var argument = new StringBuilder();
    boolean inArgument = false;
    char quote = 0;
    String text = Files.readString(file) + "\n";
    for (int i = 0; i < text.length(); i++) {
      char one = text.charAt(i);
      if (quote != 0) {
        if (one == ESCAPE) {
          argument.append(text.charAt(++i));
        } else if (one == quote) {
          quote = 0;
        } else {
          argument.append(one);
        }
      } else if (one == '"' || one == '\'') {
        quote = one;
        inArgument = true;
      } else if (Character.isWhitespace(one)) {
        if (inArgument) {
          arguments.add(argument.toString());
        }
        argument.setLength(0);
        inArgument = false;
      } else if (one == COMMENT && !inArgument) {
        i = text.indexOf('\n', i);
      } else {
        argument.append(one);
        inArgument = true;
      }
    }
    return arguments;
  }

  static void write(Path file, String comment, List<String> arguments) throws IOException {
    Files.writeString(
        file,
        arguments.stream()
            .map(one -> '"' + one.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n")
            .collect(Collectors.joining("", COMMENT + " " + comment + "\n", "")));
  }
}
