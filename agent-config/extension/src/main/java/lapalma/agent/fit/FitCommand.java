package lapalma.agent.fit;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import lapalma.agent.fit.ModuleTable.Module;

/** Explains which modules of the agent fit an app, or writes them down as settings. */
public final class FitCommand {
  private static final String USAGE =
      """
      Usage: fit APP [--yaml | --properties]
      APP is the app's jar, or its class path. Without an option, the libraries are listed with the modules that fit \
      them; with one, the settings that make the agent choose the same without looking.
      """;

  private FitCommand() {}

  /**
   * Runs the command.
   *
   * @param args the app, and perhaps {@code --yaml} or {@code --properties}
   * @return 0, or 2 where the arguments are unusable, with a sentence on {@code out}
   */
  public static int run(String[] args, PrintStream out) {
    String format = args.length == 2 ? args[1] : "";
    if (args.length < 1
        || args.length > 2
        || args[0].startsWith("-")
        || (args.length == 2 && !format.equals("--yaml") && !format.equals("--properties"))) {
      out.print(USAGE);
      return 2;
    }
    Fit fit;
    try {
      fit = Fit.of(ModuleTable.read(), App.at(args[0]));
    } catch (IOException e) {
      out.println(e.getMessage());
      return 2;
    }
    switch (format) {
      case "--yaml" -> yaml(fit, out);
      case "--properties" -> properties(fit, out);
      default -> explain(fit, out);
    }
    return 0;
  }

  private static void explain(Fit fit, PrintStream out) {
    if (fit.all().isPresent()) {
      out.printf(
          "All %d modules stay enabled, because it cannot be told which libraries the app has: %s.%n",
          fit.modules(), fit.all().get());
      return;
    }
    out.printf(
        "%d libraries, %d of %d modules%n",
        fit.libraries().names().size(), fit.used().size(), fit.modules());
    Map<String, TreeSet<String>> byLibrary = new TreeMap<>();
    for (Module module : fit.used()) {
      String library =
          Stream.concat(module.types().stream(), module.needs().stream())
              .filter(fit.libraries().found()::containsKey)
              .findFirst()
              .map(fit.libraries().found()::get)
              .orElse("the JDK");
      byLibrary.computeIfAbsent(library, any -> new TreeSet<>()).add(Fit.name(module));
    }
    byLibrary.forEach(
        (library, modules) -> out.println(library + ": " + String.join(", ", modules)));
  }

  private static void properties(Fit fit, PrintStream out) {
    out.println(FitCustomizer.DEFAULT_ENABLED + "=true");
    fit.settings(name -> false)
        .forEach((name, enabled) -> out.println(Fit.property(name) + "=" + enabled));
  }

  private static void yaml(Fit fit, PrintStream out) {
    out.println("distribution:\n  javaagent:\n    instrumentation:");
    for (boolean enabled : new boolean[] {true, false}) {
      String names =
          fit.settings(name -> false).entrySet().stream()
              .filter(one -> one.getValue() == enabled)
              .map(one -> "\n        - " + one.getKey().replace('-', '_'))
              .reduce("", String::concat);
      if (!names.isEmpty()) {
        out.println("      " + (enabled ? "enabled:" : "disabled:") + names);
      }
    }
  }
}
