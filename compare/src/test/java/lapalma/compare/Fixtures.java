package lapalma.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Apps;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Protocol;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Delivered;
import lapalma.compare.result.Delivered.Spans;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;

/** Data for tests. */
public final class Fixtures {
  public static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");

  private Fixtures() {}

  /** Returns the apps of the repository. */
  public static Apps apps() {
    return new Apps(Path.of("..").toAbsolutePath().normalize());
  }

  public static App dice() {
    return apps().get("dice");
  }

  public static Variant variant(String name) {
    return variant(name, "Title of " + name, "", Protocol.NONE);
  }

  public static Variant variant(String name, String title, String agent, Protocol protocol) {
    return new Variant(
        name,
        title,
        dice(),
        0,
        "bare",
        new Variant.Attachment(agent, "", "", List.of(), List.of(), Map.of()),
        new Variant.Telemetry(protocol, "", List.of()),
        "",
        "");
  }

  public static Plan plan(int rounds, String... names) {
    return plan(rounds, Stream.of(names).map(Fixtures::variant).toList());
  }

  public static Plan plan(int rounds, List<Variant> variants) {
    return new Plan(
        1,
        rounds,
        LoadProfile.FULL,
        dice(),
        variants,
        Map.of(),
        Map.of(),
        Map.of("glowroot", "It cannot be had."),
        0);
  }

  /**
   * Makes trials like those of a run. Each variant's CPU per request is that of bare times its
   * effect, with 1 % of noise of its own and 10 % of noise that a round's variants share.
   */
  public static List<Trial> trials(int rounds, Map<String, Double> effects, long seed) {
    var random = new Random(seed);
    List<Trial> trials = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      double shared = Math.exp(0.1 * random.nextGaussian());
      for (var effect : effects.entrySet()) {
        Map<Measure, Double> values = new EnumMap<>(Measure.class);
        for (Measure measure : Measure.values()) {
          double own = Math.exp(0.01 * random.nextGaussian());
          values.put(
              measure, measure == Measure.CPU ? 50 * shared * own * effect.getValue() : 10 * own);
        }
        trials.add(trial(round, effect.getKey(), values));
      }
    }
    return trials;
  }

  public static Trial trial(int round, String variant, Map<Measure, Double> values) {
    return trial(round, variant, BEGAN, values, Map.of(), Optional.empty());
  }

  public static Trial trial(
      int round,
      String variant,
      Instant began,
      Map<Measure, Double> values,
      Map<Measure, String> doubts,
      Optional<Delivered> delivered) {
    return new Trial(
        round,
        variant,
        began,
        30,
        values,
        doubts,
        List.of(0.3, 0.01, 0.0, 0.0),
        true,
        new Trial.Checks(0.5, 1, 0.2, 0, 0.001),
        new Trial.Noise(0.001, 0.02, 1.2, 2600),
        delivered);
  }

  /** Returns a trial that has also counted its spans, of which each load was due as many. */
  public static Trial delivered(Trial trial, long saturated, long fixedRate, double due) {
    return trial(
        trial.round(),
        trial.variant(),
        trial.began(),
        trial.values(),
        trial.doubts(),
        Optional.of(new Delivered(new Spans(saturated, due), new Spans(fixedRate, due))));
  }

  /** Describes a machine with JDK 17. */
  public static RunEnvironment machine(String cpu, String jdk) {
    return new RunEnvironment(
        BEGAN,
        cpu,
        2,
        1L << 34,
        "6.1",
        "a system",
        Map.of(17, jdk),
        "wrk 4",
        "vegeta 12",
        "0123abc",
        "f".repeat(64),
        Map.of(),
        List.of("-XX:+UseSerialGC"));
  }

  /** Describes telemetry that gives each of some aspects the same grade. */
  public static Coverage coverage(String variant, Finding finding, Aspect... aspects) {
    Map<Aspect, Finding> findings = new EnumMap<>(Aspect.class);
    for (Aspect aspect : aspects) {
      findings.put(aspect, finding);
    }
    return new Coverage(variant, Instant.EPOCH, findings, Set.of());
  }

  public static String text(String resource) {
    try (InputStream stream = Fixtures.class.getResourceAsStream(resource)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(resource, e);
    }
  }
}
