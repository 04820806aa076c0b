package lapalma.compare;

import java.nio.file.Path;
import java.util.function.Consumer;

final class CoverageRunner {
  CoverageRunner(Launcher launcher, Certificate certificate, Path work) {}

  Coverage cover(Variant variant, Consumer<String> phases) {
    return new Coverage(variant.name());
  }
}
