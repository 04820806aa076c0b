package lapalma.compare.plan;

import static lapalma.compare.plan.YamlFile.inherited;
import static lapalma.compare.plan.YamlFile.or;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import org.jspecify.annotations.Nullable;

/**
 * The apps that can be measured, one YAML file each.
 *
 * @param root the repository's root
 */
public record Apps(Path root) {
  static final String COORDINATES = "[\\w.-]+(:[\\w.-]+){2,3}";

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z-]+)}");
  private static final List<String> PLACEHOLDERS = List.of("port", "work", "here", "app", "target");

  /** The content of a file. A key that it omits comes from the app that it is like. */
  record File(
      @Nullable String like,
      @Nullable String title,
      @Nullable String jar,
      @Nullable String sha256,
      @JsonProperty("class-path") @Nullable List<String> classPath,
      @Nullable String main,
      @Nullable List<String> arguments,
      @Nullable Map<String, String> environment,
      @Nullable String ready,
      @Nullable List<Request> requests,
      @Nullable Load load,
      @Nullable Integer cores,
      App.@Nullable Collector collector,
      @Nullable Integer heap,
      @JsonProperty("warm-up") @Nullable Integer warmUp,
      @Nullable String metrics,
      @Nullable String relay) {

    record Request(
        @Nullable String path,
        @Nullable Integer times,
        @Nullable Integer status,
        @Nullable String route,
        @Nullable String method,
        @Nullable String log,
        @Nullable Boolean exception,
        @Nullable Boolean probe,
        @Nullable String post) {}

    record Load(
        @Nullable String path,
        @Nullable String post,
        @Nullable Integer rate,
        @Nullable Integer connections) {}
  }

  private Path folder() {
    return root.resolve("compare/apps");
  }

  /** Returns the apps of the repository. */
  public List<App> shipped() {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .map(this::read)
          .toList();
    } catch (IOException e) {
      throw LabException.because("The apps in %s cannot be listed".formatted(folder()), e);
    }
  }

  /** Returns one of the repository's apps. */
  public App get(String name) {
    Path file = folder().resolve(name + ".yaml");
    if (!Files.exists(file)) {
      throw new LabException(
          "There is no app '%s': use one of %s, or the path of a file."
              .formatted(name, String.join(", ", shipped().stream().map(App::name).toList())));
    }
    return read(file);
  }

  /**
   * Finds an app.
   *
   * @param name of one of the repository's apps; or the path of a file, relative to the working
   *     directory or to the folder compare
   */
  public App find(String name) {
    if (!name.matches(".*\\.ya?ml")) {
      return get(name);
    }
    Path typed = Path.of(name).toAbsolutePath().normalize();
    Path inCompare = root.resolve("compare").resolve(name);
    return read(Files.exists(typed) || !Files.exists(inCompare) ? typed : inCompare);
  }

  /**
   * Reads a file.
   *
   * @throws LabException when it is not an app; the sentence names the file and the key at fault
   */
  App read(Path path) {
    return new Reader(new YamlFile(path, "an app")).app();
  }

  /** Reads one file, with those that it is like. */
  private final class Reader {
    private final YamlFile yaml;
    private final List<File> lineage = new ArrayList<>();
    private final List<String> ancestors = new ArrayList<>();

    Reader(YamlFile yaml) {
      this.yaml = yaml;
      lineage.add(yaml.read(File.class));
      for (String like = lineage.get(0).like(); like != null; like = lineage.get(0).like()) {
        Path file = yaml.path().resolveSibling(like + ".yaml");
        if (like.equals(yaml.name()) || ancestors.contains(like)) {
          throw bad("like", "it is like itself");
        }
        if (!Files.exists(file)) {
          throw bad("like", "there is no %s beside it".formatted(file.getFileName()));
        }
        ancestors.add(like);
        lineage.add(0, new YamlFile(file, "an app").read(File.class));
      }
    }

    App app() {
      App.Program program = program();
      List<App.Request> requests = requests();
      return new App(
          yaml.name(),
          or(own().title(), yaml.name()),
          List.copyOf(ancestors),
          folder(Objects.requireNonNull(yaml.path().toAbsolutePath().normalize().getParent())),
          program,
          path("ready", inherited(lineage, File::ready, requests.get(0).path())),
          requests,
          load(requests),
          optionalPath("metrics", inherited(lineage, File::metrics, "")),
          relay());
    }

    private File own() {
      return lineage.get(lineage.size() - 1);
    }

    private String folder(Path folder) {
      return folder.startsWith(root) ? root.relativize(folder).toString() : folder.toString();
    }

    private App.Program program() {
      Map<String, String> environment = new LinkedHashMap<>();
      lineage.forEach(file -> environment.putAll(or(file.environment(), Map.of())));
      // What runs is one thing: a file that names it takes no part of it from another.
      List<File> naming = lineage.stream().filter(file -> file.jar() != null).toList();
      if (naming.isEmpty()) {
        throw bad("jar", "name the jar to run");
      }
      File what = naming.get(naming.size() - 1);
      var program =
          new App.Program(
              or(what.jar(), ""),
              or(what.sha256(), ""),
              or(what.classPath(), List.of()),
              or(what.main(), ""),
              inherited(lineage, File::arguments, List.of()),
              environment);
      check(program);
      return program;
    }

    private void check(App.Program program) {
      boolean summed = program.sha256().matches("[0-9a-f]{64}");
      if (!summed && (program.isFetched() || !program.sha256().isEmpty())) {
        throw bad(
            "sha256",
            "it is '%s', not the 64 hexadecimal digits of the jar's SHA-256"
                .formatted(program.sha256()));
      }
      if (!program.classPath().isEmpty() && program.main().isEmpty()) {
        throw bad("main", "a class-path needs the name of the main class");
      }
      program
          .texts()
          .flatMap(text -> PLACEHOLDER.matcher(text).results())
          .map(found -> found.group(1))
          .filter(name -> !PLACEHOLDERS.contains(name))
          .findFirst()
          .ifPresent(
              name -> {
                throw bad(
                    "arguments and environment",
                    "{%s} is no placeholder: use one of %s"
                        .formatted(
                            name,
                            PLACEHOLDERS.stream()
                                .map("{%s}"::formatted)
                                .collect(Collectors.joining(", "))));
              });
      if (!program.mentions("{port}")) {
        throw bad(
            "arguments",
            "nothing tells the app its port: write {port} into arguments or environment");
      }
    }

    private List<App.Request> requests() {
      List<File.Request> listed = inherited(lineage, File::requests, List.of());
      if (listed.isEmpty()) {
        throw bad("requests", "name one or more, such as { path: / }");
      }
      List<App.Request> requests = new ArrayList<>();
      for (int i = 0; i < listed.size(); i++) {
        File.Request one = listed.get(i);
        String key = "requests[%d].".formatted(i);
        requests.add(
            new App.Request(
                path(key + "path", or(one.path(), "")),
                atLeast(key + "times", or(one.times(), 3), 1),
                atLeast(key + "status", or(one.status(), 200), 100),
                or(one.route(), ""),
                or(one.method(), ""),
                or(one.log(), ""),
                or(one.exception(), false),
                or(one.probe(), false),
                or(one.post(), "")));
      }
      App.Request first = requests.get(0);
      if (first.probe() || first.status() != 200 || !first.post().isEmpty()) {
        throw bad("requests[0]", "the first one is a GET answered with 200, and is no probe");
      }
      return requests;
    }

    private App.Load load(List<App.Request> requests) {
      File.Load load = inherited(lineage, File::load, new File.Load(null, null, null, null));
      return new App.Load(
          path("load.path", or(load.path(), requests.get(0).path())),
          load.post() == null ? null : post(load.post(), requests),
          atLeast("load.rate", or(load.rate(), 100), 1),
          atLeast("load.connections", or(load.connections(), 16), 1),
          atLeast("cores", inherited(lineage, File::cores, 0), 0),
          inherited(lineage, File::collector, App.Collector.SERIAL),
          atLeast("heap", inherited(lineage, File::heap, 256), 16),
          atLeast("warm-up", inherited(lineage, File::warmUp, 50), 1));
    }

    private App.Request post(String path, List<App.Request> requests) {
      return requests.stream()
          .filter(request -> request.path().equals(path) && !request.post().isEmpty())
          .findFirst()
          .orElseThrow(() -> bad("load.post", "no request posts to '%s'".formatted(path)));
    }

    private @Nullable App relay() {
      String named = inherited(lineage, File::relay, "");
      Path file = yaml.path().resolveSibling(named + ".yaml");
      if (!named.isEmpty() && !Files.exists(file)) {
        throw bad("relay", "there is no %s beside it".formatted(file.getFileName()));
      }
      return named.isEmpty() ? null : read(file);
    }

    private String optionalPath(String key, String value) {
      return value.isEmpty() ? value : path(key, value);
    }

    private String path(String key, String value) {
      Matcher path = Pattern.compile("/[^\\s\"'#]*").matcher(value);
      if (!path.matches()) {
        throw bad(
            key, "'%s' is no path: begin with /, and encode spaces and quotes".formatted(value));
      }
      return value;
    }

    private int atLeast(String key, int value, int least) {
      if (value < least) {
        throw bad(key, "it is %d: use %d or more".formatted(value, least));
      }
      return value;
    }

    private LabException bad(String key, String what) {
      return yaml.bad(key + ": " + what);
    }
  }
}
