package lapalma.compare.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import lapalma.compare.LabException;
import lapalma.compare.backend.Otlp;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.RunFolder;
import lapalma.compare.result.Score;
import lapalma.compare.result.Score.Name;
import lapalma.compare.result.Score.Outcome;
import lapalma.compare.result.Score.Verdict;
import lapalma.compare.score.Arrived;
import lapalma.compare.score.Scorer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "score",
    description =
        "Prints the Instrumentation Score, with what fails: of each variant that a run covered, or of files of OTLP/JSON.")
final class ScoreCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR or FILE",
      arity = "1..*",
      description = "The run's folder; or files of OTLP/JSON, which are scored together")
  private List<Path> sources = List.of();

  @Override
  public Integer call() {
    Path folder = sources.get(0);
    if (sources.size() > 1 || Files.isRegularFile(folder)) {
      print(
          "OTLP/JSON",
          new Scorer()
              .score(
                  String.join(", ", sources.stream().map(Path::toString).toList()),
                  Instant.now(),
                  new Arrived(List.of(Otlp.ofJson(sources)), Set.of())));
      return 0;
    }
    RunFolder run = RunFolder.existing(folder);
    boolean any = false;
    for (Variant variant : run.plan().orElseThrow().variants()) {
      Optional<Score> score = run.score(variant.name());
      score.ifPresent(known -> print(variant.title(), known));
      any |= score.isPresent();
    }
    if (!any) {
      throw new LabException(
          "%s has no score: compare cover and compare run make it.".formatted(folder));
    }
    return 0;
  }

  private static void print(String title, Score score) {
    System.out.printf("%s (%s): %s%n", title, score.variant(), score.summary());
    for (Outcome outcome : List.of(Outcome.FAILED, Outcome.NOT_JUDGED, Outcome.PASSED)) {
      score.with(outcome).forEach(ScoreCommand::print);
    }
    for (Name name : score.names()) {
      System.out.printf(
          "  %-10s %s, %s: %d times. %s%n",
          words(name.trouble()), name.name(), name.place(), name.count(), name.note());
    }
  }

  private static void print(Verdict rule) {
    System.out.printf(
        "  %-10s %s %s: %s%n", words(rule.outcome()), rule.id(), rule.title(), rule.text());
    rule.examples().forEach(example -> System.out.println("               " + example));
  }

  private static String words(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
