package lapalma.compare.cli;

import java.util.concurrent.Callable;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Variants;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(name = "list", description = "Lists the variants, and the reasons why some do not run.")
final class ListCommand implements Callable<Integer> {
  @ParentCommand private Compare lab;

  @Override
  public Integer call() {
    for (Variant variant : Variants.read(lab.project().variants()).all()) {
      System.out.printf(
          "%-20s %s%s%n",
          variant.name(),
          variant.title(),
          variant.runs() ? "" : " (not run: " + variant.cannotRun() + ")");
    }
    return 0;
  }
}
