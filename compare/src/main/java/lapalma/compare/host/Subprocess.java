package lapalma.compare.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import lapalma.compare.LabException;
import lapalma.process.Command;

/** Runs programs, and kills those that still run when the lab ends. */
public final class Subprocess {
  private Subprocess() {}

  /**
   * Checks that a program is on the PATH.
   *
   * @throws LabException when it is not; the sentence names the Debian package that has it
   */
  public static void require(String program, String debianPackage) {
    boolean there =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    if (!there) {
      throw new LabException(
          "%s is needed: install it (Debian's package is %s).".formatted(program, debianPackage));
    }
  }

  public static Process start(ProcessBuilder builder) {
    try {
      return Command.start(builder);
    } catch (IOException e) {
      throw LabException.because("%s cannot be run".formatted(builder.command().get(0)), e);
    }
  }

  /**
   * Runs a program to its end and returns its output on stdout.
   *
   * @throws LabException when the program fails, with the last line of its output
   */
  public static String run(List<String> command) {
    return Command.run(command).orElseThrow(LabException::new);
  }

  public static String run(List<String> command, Path folder) {
    return Command.run(folder, command).orElseThrow(LabException::new);
  }
}
