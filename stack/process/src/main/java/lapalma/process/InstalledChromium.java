package lapalma.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the Chromium of this machine. */
public final class InstalledChromium {
  private InstalledChromium() {}

  /** Returns the one that the variable {@code CHROMIUM} names, or one in a usual place. */
  public static Optional<Path> find() {
    return Stream.of(
            System.getenv().getOrDefault("CHROMIUM", ""),
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome")
        .filter(path -> !path.isEmpty())
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }
}
