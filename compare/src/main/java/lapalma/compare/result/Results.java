package lapalma.compare.result;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import lapalma.compare.LabException;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;

/**
 * All that a run has measured, read from its folder or from an archive of the folder.
 *
 * @param source the folder or the archive, for messages
 * @param coverage by variant
 * @param scores by variant
 */
public record Results(
    Path source,
    Plan plan,
    List<RunEnvironment> sessions,
    List<Trial> trials,
    Map<String, Coverage> coverage,
    Map<String, Score> scores) {
  private static final String ARCHIVE = ".zip";

  /** Folders of a run that hold no results. */
  private static final Set<String> NO_RESULTS = Set.of("work", "archives", "sealed");

  /**
   * Reads the results of a run.
   *
   * @param source the run's folder, or an archive that {@link #archive} has written
   * @throws LabException when there is no run in it
   */
  public static Results read(Path source) {
    if (!source.toString().endsWith(ARCHIVE)) {
      return read(source, RunFolder.existing(source));
    }
    try (FileSystem archive = FileSystems.newFileSystem(source)) {
      return read(source, RunFolder.existing(archive.getPath("/"), source));
    } catch (IOException e) {
      throw LabException.because("%s cannot be read".formatted(source), e);
    }
  }

  private static Results read(Path source, RunFolder folder) {
    Plan plan = folder.plan().orElseThrow();
    Map<String, Coverage> coverage = new LinkedHashMap<>();
    Map<String, Score> scores = new LinkedHashMap<>();
    for (Variant variant : plan.variants()) {
      folder.coverage(variant.name()).ifPresent(known -> coverage.put(variant.name(), known));
      folder.score(variant.name()).ifPresent(known -> scores.put(variant.name(), known));
    }
    return new Results(source, plan, folder.sessions(), folder.trials(), coverage, scores);
  }

  /** Returns when the first trial began, or the first session where there is no trial. */
  public Instant began() {
    return Stream.concat(
            trials.stream().map(Trial::began), sessions.stream().map(RunEnvironment::at))
        .min(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }

  private String identity() {
    return plan.seed() == 0 ? plan.app().name() : String.valueOf(plan.seed());
  }

  /**
   * Writes an archive of the results in a run's folder, and returns it. Its name tells the day and
   * the seed of the run, or the app if the run has no trials and so no seed. The archive of a run
   * that has been continued replaces the earlier one.
   *
   * @throws LabException when the run is not a folder
   */
  public static Path archive(Path run, Path into) {
    if (Files.isRegularFile(run)) {
      throw new LabException(
          "%s is a file: name the folder of a run, or unzip the archive first.".formatted(run));
    }
    Results results = read(run);
    Path archive =
        into.resolve(
            "%s-%s%s"
                .formatted(
                    results.began().toString().substring(0, 10), results.identity(), ARCHIVE));
    Path half = archive.resolveSibling(archive.getFileName() + ".part");
    try {
      Files.createDirectories(into);
      try (OutputStream out = Files.newOutputStream(half);
          var zip = new ZipOutputStream(out)) {
        for (Path file : files(run)) {
          var entry = new ZipEntry(run.relativize(file).toString());
          entry.setTime(0); // the same results give the same archive
          zip.putNextEntry(entry);
          Files.copy(file, zip);
        }
      }
      return Files.move(
          half, archive, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw LabException.because("%s cannot be written".formatted(archive), e);
    }
  }

  private static List<Path> files(Path run) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      return files
          .filter(file -> file.toString().endsWith(".json") && Files.isRegularFile(file))
          .filter(file -> !NO_RESULTS.contains(run.relativize(file).getName(0).toString()))
          // A report that an earlier build wrote into the folder.
          .filter(file -> !file.endsWith("comparisons.json"))
          .sorted()
          .toList();
    }
  }
}
