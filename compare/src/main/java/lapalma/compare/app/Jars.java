package lapalma.compare.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import lapalma.compare.LabException;
import lapalma.compare.host.Project;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Variant;

/** The jars of agents and apps: Maven fetches those with coordinates. */
public final class Jars {
  private final Project project;
  private final Map<Path, String> checked = new HashMap<>();

  public Jars(Project project) {
    this.project = project;
  }

  /**
   * Returns the jar of a variant's agent.
   *
   * @throws LabException when Maven cannot fetch the jar, or the variant names another SHA-256
   */
  Path of(Variant variant) {
    return fetched(
        variant.attachment().agent(), variant.attachment().sha256(), "variant " + variant.name());
  }

  /**
   * Returns the jar of an app.
   *
   * @throws LabException when it is not there, or its file names another SHA-256
   */
  public Path of(App app) {
    App.Program program = app.program();
    String whose = "app " + app.name();
    if (program.isFetched()) {
      return fetched(program.jar(), program.sha256(), whose);
    }
    Path jar = besides(app, program.jar());
    return program.sha256().isEmpty() ? jar : checked(jar, program.sha256(), whose);
  }

  /** Returns a file that an app's file names by a path relative to itself. */
  Path besides(App app, String path) {
    Path file = folder(app).resolve(path).normalize();
    if (!Files.exists(file)) {
      throw new LabException(
          "There is no %s, which the file of app %s names%s."
              .formatted(
                  file,
                  app.name(),
                  file.toString().contains("/target/")
                      ? ": build it, make compare-smoke builds those of the repository"
                      : ""));
    }
    return file;
  }

  Path folder(App app) {
    return project.root().resolve(app.folder());
  }

  private Path fetched(String coordinates, String sha256, String whose) {
    String[] parts = coordinates.split(":");
    if (parts.length != 3 && parts.length != 4) {
      throw new LabException(
          "%s names the jar '%s': write group:artifact:version, perhaps with :classifier."
              .formatted(whose, coordinates));
    }
    String classifier = parts.length == 4 ? parts[3] : "";
    Path jar =
        project
            .tools()
            .resolve("agents")
            .resolve(
                "%s-%s%s.jar"
                    .formatted(parts[1], parts[2], classifier.isEmpty() ? "" : "-" + classifier));
    if (!Files.exists(jar)) {
      String artifact =
          String.join(":", List.of(parts).subList(0, 3))
              + (classifier.isEmpty() ? "" : ":jar:" + classifier);
      new MavenFetch(System.out, System.console() != null)
          .copy(artifact, Objects.requireNonNull(jar.getParent()));
    }
    if (!Files.exists(jar)) {
      throw new LabException(
          "Maven fetched %s, but not as %s: correct the coordinates.".formatted(coordinates, jar));
    }
    return checked(jar, sha256, whose);
  }

  private Path checked(Path jar, String sha256, String whose) {
    String sum = checked.computeIfAbsent(jar, Jars::sha256);
    if (!sum.equals(sha256)) {
      throw new LabException(
          "%s has SHA-256 %s, but %s names %s: the lab does not run it. Correct sha256, or remove the jar and try again."
              .formatted(jar, sum, whose, sha256));
    }
    return jar;
  }

  public static String sha256(Path file) {
    try (InputStream bytes = Files.newInputStream(file);
        var digest = new DigestInputStream(bytes, MessageDigest.getInstance("SHA-256"))) {
      digest.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.getMessageDigest().digest());
    } catch (IOException e) {
      throw LabException.because("%s cannot be read".formatted(file), e);
    } catch (NoSuchAlgorithmException e) {
      throw new LabException("This JDK has no SHA-256.", e);
    }
  }
}
