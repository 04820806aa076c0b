package lapalma.compare.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import lapalma.compare.LabException;
import lapalma.compare.report.Figures;
import lapalma.compare.stats.Diff;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    description =
        "Checks whether two runs agree on the order of the variants. Exits with 1 if they do not.")
final class DiffCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", index = "0")
  private Path first;

  @Parameters(paramLabel = "DIR", index = "1")
  private Path second;

  @Override
  public Integer call() {
    List<Diff.Pair> pairs = Diff.pairs(Compare.analysis(first), Compare.analysis(second));
    if (pairs.isEmpty()) {
      throw new LabException("The two runs have no pair of variants in common.");
    }
    List<Diff.Pair> contradictions = pairs.stream().filter(Diff.Pair::contradicts).toList();
    System.out.printf(
        "%d comparisons of two variants: %d differ in both runs, %d of them in the same order; %d differ in"
            + " one run only.%n",
        pairs.size(),
        pairs.stream().filter(Diff.Pair::bothDiffer).count(),
        pairs.stream().filter(Diff.Pair::bothDiffer).count() - contradictions.size(),
        pairs.stream().filter(Diff.Pair::oneDiffers).count());
    for (Diff.Pair pair : contradictions) {
      System.out.printf(
          "%s, %s to %s: %s, then %s%n",
          pair.first().measure().title(),
          pair.first().variant(),
          pair.first().baseline(),
          pair.first().ratio().map(Figures::ratio).orElseThrow(),
          pair.second().ratio().map(Figures::ratio).orElseThrow());
    }
    return contradictions.isEmpty() ? 0 : 1;
  }
}
