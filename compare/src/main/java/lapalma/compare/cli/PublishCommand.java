package lapalma.compare.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import lapalma.compare.report.Publication;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "publish",
    description =
        "Adds runs to the repository's report in docs/report, and makes the report and the rows of README.md and docs/comparison.md again.")
final class PublishCommand implements Callable<Integer> {
  @ParentCommand private Compare lab;

  @Parameters(paramLabel = "DIR", arity = "0..*", description = "Folders of runs to add")
  private List<Path> runs = List.of();

  @Override
  public Integer call() {
    Path root = lab.project().root();
    var publication = new Publication(root, lab.variants(lab.apps().get("dice")).all());
    publication.add(runs);
    System.out.println(publication.write(root));
    return 0;
  }
}
