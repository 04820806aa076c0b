package lapalma.agent;

import io.opentelemetry.javaagent.bootstrap.AgentClassLoader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import lapalma.agent.seal.SealCommand;

/** The commands of the jar that is otherwise the agent: {@code java -jar lapalma-agent.jar}. */
public final class Main {
  private static final String USAGE =
      """
      To record an app:  java -javaagent:lapalma-agent.jar -jar app.jar
      Commands:          java -jar lapalma-agent.jar COMMAND
        check [JVM arguments]  starts a JVM with the agent as it is configured, and names the faults
        fit APP                explains which modules of the agent fit an app
        seal …                 makes an app and the agent start sooner; seal alone says how
        --version              prints the versions of this jar and of the agent in it
      """;

  private Main() {}

  public static void main(String[] args) throws Exception {
    System.exit(run(args, System.out));
  }

  /** Returns the exit code: 0, 1 for faults that {@code check} has found, or 2 for wrong usage. */
  private static int run(String[] args, PrintStream out) throws Exception {
    String command = args.length == 0 ? "--help" : args[0];
    String[] others = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
    File jar = jar();
    switch (command) {
      case "check":
        return Check.run(jar, others, out);
      case "fit":
        return fit(jar, others, out);
      case "seal":
        return SealCommand.run(others, out);
      case "--version":
        out.println(version(jar));
        return 0;
      case "--help":
        out.print(USAGE);
        return 0;
      default:
        out.println("There is no command " + command + ".");
        out.print(USAGE);
        return 2;
    }
  }

  private static File jar() throws URISyntaxException {
    return new File(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** The command is in the part of the jar that only the agent's own class loader can load. */
  private static int fit(File jar, String[] args, PrintStream out) throws Exception {
    try (var agent = new AgentClassLoader(jar, "inst", false)) {
      return (int)
          agent
              .loadClass("lapalma.agent.fit.FitCommand")
              .getMethod("run", String[].class, PrintStream.class)
              .invoke(null, args, out);
    }
  }

  private static String version(File file) throws IOException {
    try (var jar = new JarFile(file)) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      return "lapalma-agent %s, with opentelemetry-javaagent %s"
          .formatted(
              manifest.getValue("Lapalma-Agent-Version"),
              manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION));
    }
  }
}
