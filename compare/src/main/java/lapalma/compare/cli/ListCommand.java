package lapalma.compare.cli;

import java.util.concurrent.Callable;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Variant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "list",
    description = "Lists the apps and the variants, and the reasons why some do not run.")
final class ListCommand implements Callable<Integer> {
  @ParentCommand private Compare lab;

  @Option(
      names = "--app",
      paramLabel = "FILE",
      description = "App to which the variants attach (default: dice)",
      defaultValue = "dice")
  private String app;

  @Override
  public Integer call() {
    App measured = lab.apps().find(app);
    System.out.println("Apps, for --app:");
    for (App one : lab.apps().shipped()) {
      System.out.printf("%-26s %s%n", one.name(), one.title());
    }
    System.out.printf("%nVariants of %s, for --variant:%n", measured.name());
    for (Variant variant : lab.variants(measured).all()) {
      System.out.printf(
          "%-26s %s%s%n",
          variant.name(),
          variant.title(),
          variant.runs() ? "" : " (not run: " + variant.cannotRun() + ")");
    }
    return 0;
  }
}
