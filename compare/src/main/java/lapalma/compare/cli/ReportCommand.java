package lapalma.compare.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import lapalma.compare.report.Report;
import lapalma.compare.result.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "report", description = "Writes the report of a run.")
final class ReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR")
  private Path folder;

  @Override
  public Integer call() {
    System.out.println(new Report(RunFolder.existing(folder)).write());
    return 0;
  }
}
