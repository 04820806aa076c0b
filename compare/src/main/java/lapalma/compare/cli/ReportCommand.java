package lapalma.compare.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import lapalma.compare.LabException;
import lapalma.compare.report.Report;
import lapalma.compare.result.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description = "Prints the table of each run, and writes results.json and report.html.")
final class ReportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      arity = "1..*",
      description = "The run's folder, or its archive that publish has written")
  private List<Path> runs = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to write the report (default: the folder of the only run)")
  private Optional<Path> out;

  @Override
  public Integer call() {
    if (out.isEmpty() && (runs.size() > 1 || Files.isRegularFile(runs.get(0)))) {
      throw new LabException(
          "Give --out, the folder for a report of several runs or of an archive.");
    }
    var report = Report.of(runs.stream().map(Results::read).toList());
    System.out.println(report.text());
    System.out.println(report.write(out.orElse(runs.get(0)).toAbsolutePath()));
    return 0;
  }
}
