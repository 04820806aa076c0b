package lapalma.compare.result;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.plan.Plan;

/**
 * The folder of one run: its plan, the environment of each session, and a file for each trial, so
 * that a run can continue after a stop.
 */
public record RunFolder(Path path) {

  /**
   * Opens the folder of a run.
   *
   * @throws LabException when there is no run in the folder
   */
  public static RunFolder existing(Path path) {
    return existing(path, path);
  }

  /**
   * Opens the folder of a run that may be inside of an archive.
   *
   * @param source the folder or the archive, for the message
   */
  static RunFolder existing(Path path, Path source) {
    var folder = new RunFolder(path.toAbsolutePath());
    if (!Files.exists(folder.planFile())) {
      throw new LabException("There is no run in %s: it has no plan.json.".formatted(source));
    }
    return folder;
  }

  private Path planFile() {
    return path.resolve("plan.json");
  }

  public Optional<Plan> plan() {
    return Files.exists(planFile())
        ? Optional.of(Json.read(planFile(), Plan.class))
        : Optional.empty();
  }

  public void write(Plan plan) {
    Json.write(planFile(), plan);
  }

  Path trialFile(int round, String variant) {
    return path.resolve("trials/round-%03d-%s.json".formatted(round, variant));
  }

  public boolean has(Plan.Step step) {
    return Files.exists(trialFile(step.round(), step.variant().name()));
  }

  public void write(Trial trial) {
    Json.write(trialFile(trial.round(), trial.variant()), trial);
  }

  public List<Trial> trials() {
    return read("trials", Trial.class).stream()
        .sorted(Comparator.comparing(Trial::round).thenComparing(Trial::variant))
        .toList();
  }

  public void write(RunEnvironment environment) {
    Json.write(
        path.resolve("sittings/%s.json".formatted(environment.at().toString().replace(":", ""))),
        environment);
  }

  /**
   * Returns the environment of each session. The files keep the name that earlier builds gave them.
   */
  public List<RunEnvironment> sessions() {
    return read("sittings", RunEnvironment.class);
  }

  public boolean hasCoverage(String variant) {
    return Files.exists(coverageFile(variant));
  }

  public void write(Coverage coverage) {
    Json.write(coverageFile(coverage.variant()), coverage);
  }

  public Optional<Coverage> coverage(String variant) {
    return hasCoverage(variant)
        ? Optional.of(Json.read(coverageFile(variant), Coverage.class))
        : Optional.empty();
  }

  private Path coverageFile(String variant) {
    return path.resolve("coverage/%s.json".formatted(variant));
  }

  public void write(Score score) {
    Json.write(scoreFile(score.variant()), score);
  }

  public Optional<Score> score(String variant) {
    Path file = scoreFile(variant);
    return Files.exists(file) ? Optional.of(Json.read(file, Score.class)) : Optional.empty();
  }

  private Path scoreFile(String variant) {
    return path.resolve("score/%s.json".formatted(variant));
  }

  private <T> List<T> read(String folder, Class<T> type) {
    if (!Files.isDirectory(path.resolve(folder))) {
      return List.of();
    }
    List<T> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(path.resolve(folder))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".json")).sorted().toList()) {
        all.add(Json.read(file, type));
      }
    } catch (IOException e) {
      throw LabException.because("%s cannot be listed".formatted(path.resolve(folder)), e);
    }
    return all;
  }
}
