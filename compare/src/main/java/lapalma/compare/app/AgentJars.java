package lapalma.compare.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import lapalma.compare.LabException;
import lapalma.compare.host.Subprocess;
import lapalma.compare.plan.Variant;

/** Fetches the agents' jars by Maven and checks their SHA-256. */
public final class AgentJars {
  private final Path folder;

  public AgentJars(Path tools) {
    this.folder = tools.resolve("agents");
  }

  /**
   * Returns the jar of a variant's agent.
   *
   * @throws LabException when Maven cannot fetch the jar, or the variant names another SHA-256
   */
  Path get(Variant variant) {
    String[] coordinates = variant.attachment().agent().split(":");
    if (coordinates.length != 3) {
      throw new LabException(
          "The agent of variant %s is '%s': write group:artifact:version."
              .formatted(variant.name(), variant.attachment().agent()));
    }
    Path jar = folder.resolve("%s-%s.jar".formatted(coordinates[1], coordinates[2]));
    if (!Files.exists(jar)) {
      System.out.printf("Fetching %s.%n", variant.attachment().agent());
      Subprocess.run(
          List.of(
              "mvn",
              "--batch-mode",
              "--quiet",
              "dependency:copy",
              "-Dartifact=" + variant.attachment().agent(),
              "-DoutputDirectory=" + folder));
    }
    String sum = sha256(jar);
    if (!sum.equals(variant.attachment().sha256())) {
      throw new LabException(
          "%s has SHA-256 %s, but variant %s names %s: the lab does not run it."
              .formatted(jar, sum, variant.name(), variant.attachment().sha256()));
    }
    return jar;
  }

  public static String sha256(Path file) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new LabException("%s cannot be read.".formatted(file), e);
    } catch (NoSuchAlgorithmException e) {
      throw new LabException("This JDK has no SHA-256.", e);
    }
  }
}
