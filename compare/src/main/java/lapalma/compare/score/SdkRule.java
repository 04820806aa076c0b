package lapalma.compare.score;

import io.opentelemetry.proto.resource.v1.Resource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lapalma.compare.result.Score.Verdict;

/** The rule about the language's version, as far as the resource tells it. */
record SdkRule(Arrived arrived) {
  private static final Pattern VERSION = Pattern.compile("(?:1\\.)?(\\d+)(?:\\.(\\d+))?.*");

  /** The least major and minor version that the SDK of each language supports. */
  private static final Map<String, int[]> LEAST =
      Map.of("java", new int[] {8, 0}, "python", new int[] {3, 9});

  Verdict verdict() {
    var tally = new Tally(Rule.SDK_001);
    for (Resource resource : arrived.resources()) {
      Optional<String> language = attribute(resource, "telemetry.sdk.language");
      Optional<String> version = attribute(resource, "process.runtime.version");
      if (language.isEmpty() || version.isEmpty()) {
        return Tally.notJudged(
            Rule.SDK_001, "a resource names no telemetry.sdk.language or process.runtime.version");
      }
      int[] least = LEAST.get(language.get());
      Matcher number = VERSION.matcher(version.get());
      if (least == null || !number.matches()) {
        return Tally.notJudged(
            Rule.SDK_001,
            "the lab does not know which versions the SDK for %s supports"
                .formatted(language.get()));
      }
      int major = Integer.parseInt(number.group(1));
      int minor = number.group(2) == null ? 0 : Integer.parseInt(number.group(2));
      tally.check(
          major > least[0] || (major == least[0] && minor >= least[1]),
          "%s %s".formatted(language.get(), version.get()));
    }
    return arrived.resources().isEmpty()
        ? Tally.notJudged(Rule.SDK_001, "nothing arrived over OTLP")
        : tally.verdict("resources");
  }

  private static Optional<String> attribute(Resource resource, String key) {
    return Arrived.text(resource.getAttributesList(), key);
  }
}
