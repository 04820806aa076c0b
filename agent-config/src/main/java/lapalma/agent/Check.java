package lapalma.agent;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts a JVM that only loads the agent, with the variables that are set, and names what the agent
 * complains of. An app under the agent would run on, without telemetry.
 */
final class Check {
  private static final String PORT = "OTEL_EXPORTER_PROMETHEUS_PORT";

  private static final Pattern COMPLAINT =
      Pattern.compile("\\[otel\\.javaagent [^]]*] \\[[^]]*] (?:WARN|ERROR) [\\w.$]+ - (.*)");

  /** Lines below a complaint that say why. */
  private static final Pattern REASON =
      Pattern.compile(
          "(?:OpenTelemetry Javaagent failed|Caused by:|[\\w.$]+Exception:| in reader|found |expected ).*");

  private Check() {}

  /**
   * Runs the check.
   *
   * @param arguments more arguments of the JVM, such as system properties or {@code -cp APP_JAR}
   * @return 0, or 1 if there are faults
   */
  static int run(File agent, String[] arguments, PrintStream out)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-javaagent:" + agent);
    command.addAll(List.of(arguments));
    command.add("-version");
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("OTEL_JAVAAGENT_LOGGING", "simple");
    // Any free port: the agent of a running app may use the configured one.
    environment.put(PORT, "0");
    Process jvm = builder.start();
    jvm.getOutputStream().close();
    List<String> faults = new ArrayList<>();
    List<String> all = new ArrayList<>();
    boolean attached = false;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(jvm.getInputStream(), Charset.defaultCharset()))) {
      for (String line; (line = lines.readLine()) != null; ) {
        all.add(line);
        attached |= line.contains("opentelemetry-javaagent - version");
        Matcher complaint = COMPLAINT.matcher(line);
        if (complaint.matches()) {
          if (complaint.group(1).startsWith(PORT + " is set, but has no effect")) {
            continue; // it was set here
          }
          faults.add(complaint.group(1));
        } else if (REASON.matcher(line).matches()) {
          faults.add(line.strip());
        }
      }
    }
    if (jvm.waitFor() != 0) {
      out.println("The JVM does not start with these arguments:");
      faults = all;
    } else if (!attached) {
      out.println("The agent does not start: OTEL_JAVAAGENT_ENABLED or a property disables it.");
      return 1;
    } else if (faults.isEmpty()) {
      out.println("The agent starts, and complains of nothing.");
      return 0;
    } else {
      out.println("The agent complains of its configuration:");
    }
    faults.forEach(out::println);
    return 1;
  }
}
