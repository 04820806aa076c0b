package lapalma.compare.plan;

import static lapalma.compare.plan.YamlFile.inherited;
import static lapalma.compare.plan.YamlFile.or;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import org.jspecify.annotations.Nullable;

/** The variants of a folder, one YAML file each. */
public final class Variants {
  /** The content of a file. A key that it omits comes from the variant that it is like. */
  private record File(
      @Nullable String like,
      @Nullable String title,
      @Nullable String app,
      @Nullable Integer jdk,
      @Nullable String baseline,
      @Nullable String agent,
      @Nullable String sha256,
      @Nullable String released,
      @Nullable List<String> size,
      @Nullable List<String> jvm,
      @Nullable Map<String, String> environment,
      @Nullable String sink,
      @Nullable String scrape,
      @Nullable List<String> claims,
      @Nullable String note,
      @JsonProperty("cannot-run") @Nullable String cannotRun) {}

  private final Path folder;
  private final Apps apps;
  private final App measured;
  private final Map<String, File> files = new TreeMap<>();
  private final Map<String, Variant> variants = new LinkedHashMap<>();

  private Variants(Path folder, Apps apps, App measured) {
    this.folder = folder;
    this.apps = apps;
    this.measured = measured;
  }

  /**
   * Reads the files of a folder.
   *
   * @param measured the app to which the variants attach, unless they name one of their own
   * @throws LabException when a file is not a variant; the sentence names it and the fault
   */
  public static Variants read(Path folder, Apps apps, App measured) {
    var all = new Variants(folder, apps, measured);
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path : paths.filter(file -> file.toString().endsWith(".yaml")).sorted().toList()) {
        var yaml = new YamlFile(path, "a variant");
        all.files.put(yaml.name(), yaml.read(File.class));
      }
    } catch (IOException e) {
      throw LabException.because("The variants in %s cannot be listed".formatted(folder), e);
    }
    all.files.keySet().forEach(name -> all.variants.put(name, all.build(name)));
    all.variants.values().forEach(all::checkBaseline);
    return all;
  }

  public List<Variant> all() {
    return List.copyOf(variants.values());
  }

  public Variant get(String name) {
    Variant variant = variants.get(name);
    if (variant == null) {
      throw new LabException(
          "There is no variant '%s': use one of %s."
              .formatted(name, String.join(", ", variants.keySet())));
    }
    return variant;
  }

  private Variant build(String name) {
    List<File> lineage = lineage(name);
    File own = lineage.get(lineage.size() - 1);
    List<String> jvm = new ArrayList<>();
    Map<String, String> environment = new LinkedHashMap<>();
    for (File file : lineage) {
      jvm.addAll(or(file.jvm(), List.of()));
      environment.putAll(or(file.environment(), Map.of()));
    }
    String agent = inherited(lineage, File::agent, "");
    String sha256 = inherited(lineage, File::sha256, "");
    if (!agent.isEmpty() && !sha256.matches("[0-9a-f]{64}")) {
      throw bad(name, "sha256 of its agent is '%s', not 64 hexadecimal digits".formatted(sha256));
    }
    String released = inherited(lineage, File::released, "");
    if (!agent.isEmpty() && !released.matches("20\\d\\d-\\d\\d(-\\d\\d)?")) {
      throw bad(name, "released is '%s', not the day of the agent's release".formatted(released));
    }
    if (own.title() == null) {
      throw bad(name, "it has no title");
    }
    String ownApp = inherited(lineage, File::app, "");
    App app = ownApp.isEmpty() ? measured : apps.get(ownApp);
    return new Variant(
        name,
        own.title(),
        app,
        inherited(lineage, File::jdk, 0),
        or(own.baseline(), "bare"),
        new Variant.Attachment(
            agent,
            sha256,
            released,
            inherited(lineage, File::size, List.of()),
            List.copyOf(jvm),
            environment),
        new Variant.Telemetry(
            constant(name, Protocol.class, inherited(lineage, File::sink, "none")),
            inherited(lineage, File::scrape, ""),
            inherited(lineage, File::claims, List.<String>of()).stream()
                .map(claim -> constant(name, Variant.Signal.class, claim))
                .toList()),
        or(own.note(), ""),
        or(own.cannotRun(), whyNot(app, jvm)));
  }

  /** Returns the reason why a variant does not fit the measured app, or an empty string. */
  private String whyNot(App app, List<String> jvm) {
    if (!app.equals(measured) && !app.ancestors().contains(measured.name())) {
      return "It is of the app %s, not of %s.".formatted(app.name(), measured.name());
    }
    if (jvm.toString().contains("{sealed}") && !app.canBeSealed()) {
      return "Only an app that takes its port from a variable and needs no arguments is sealed.";
    }
    return "";
  }

  /** Returns the file and those that it is like, the oldest ancestor first. */
  private List<File> lineage(String name) {
    List<File> lineage = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String next = name; next != null; next = lineage.get(0).like()) {
      File file = files.get(next);
      if (file == null) {
        throw bad(name, "it is like '%s', which does not exist".formatted(next));
      }
      if (!seen.add(next)) {
        throw bad(name, "it is like itself");
      }
      lineage.add(0, file);
    }
    return lineage;
  }

  private void checkBaseline(Variant variant) {
    Variant baseline = variants.get(variant.baseline());
    if (baseline == null || !baseline.isBaseline()) {
      throw bad(
          variant.name(),
          "its baseline '%s' does not exist or has another baseline".formatted(variant.baseline()));
    }
  }

  private <E extends Enum<E>> E constant(String name, Class<E> type, String value) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(value)) {
        return constant;
      }
    }
    throw bad(
        name, "'%s' is no %s".formatted(value, type.getSimpleName().toLowerCase(Locale.ROOT)));
  }

  private LabException bad(String name, String what) {
    return new YamlFile(folder.resolve(name + ".yaml"), "a variant").bad(what);
  }
}
