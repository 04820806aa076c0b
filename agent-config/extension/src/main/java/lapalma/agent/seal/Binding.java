package lapalma.agent.seal;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * What decides which classes the agent changes: the JVM, the agent, its configuration and the jars.
 *
 * @param files the state of each file by its path
 * @param settings all else, by what a person calls it
 */
record Binding(Map<String, String> files, Map<String, String> settings) {
  private static final String JDK = "the JDK";
  private static final String CLASS_PATH = "the class path";
  private static final String CONFIGURATION = "the agent's configuration";

  /** The sections of a declarative configuration that decide what is instrumented. */
  private static final Pattern SECTION =
      Pattern.compile(
          "^(?:distribution|instrumentation/development):.*(?:\\R(?:[ \\t#].*)?)*",
          Pattern.MULTILINE);

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(?:(env|sys):)?([\\w.]+)");

  /** What holds now, of the class path and the agent of this JVM. */
  static Binding now() throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    for (Path file : Jars.ofThisJvm()) {
      files.put(file.toString(), FileState.of(file));
    }
    return new Binding(files, settingsNow());
  }

  private static Map<String, String> settingsNow() throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(
        JDK, System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version"));
    settings.put(CLASS_PATH, System.getProperty("java.class.path"));
    settings.put(CONFIGURATION, configuration());
    return settings;
  }

  /** Returns a sentence's part on the first difference, or nothing if all is as it was. */
  Optional<String> differenceToNow() throws IOException {
    for (var file : files.entrySet()) {
      String state = FileState.of(Path.of(file.getKey()));
      if (!state.equals(file.getValue())) {
        return Optional.of(file.getKey() + " " + FileState.change(file.getValue(), state));
      }
    }
    for (var now : settingsNow().entrySet()) {
      if (!now.getValue().equals(settings.get(now.getKey()))) {
        return Optional.of(now.getKey() + " has changed");
      }
    }
    return Optional.empty();
  }

  private static String configuration() throws IOException {
    Map<String, String> values = new TreeMap<>();
    System.getenv().forEach((name, value) -> putIfItDecides(values, name, value));
    System.getProperties()
        .forEach((name, value) -> putIfItDecides(values, name.toString(), value.toString()));
    for (String name : new String[] {"otel.config.file", "otel.javaagent.configuration-file"}) {
      String file = Jars.setting(name);
      if (file != null) {
        String text = Files.readString(Path.of(file), StandardCharsets.UTF_8);
        values.put(name, text);
        putVariables(values, text);
      }
    }
    var crc = new CRC32();
    crc.update(values.toString().getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }

  /** The variables of a deployment, such as where to send telemetry, decide about no class. */
  private static void putIfItDecides(Map<String, String> values, String name, String value) {
    String property = name.replace('_', '.').toLowerCase(Locale.ROOT);
    if (property.startsWith("otel.instrumentation.") || property.startsWith("otel.javaagent.")) {
      values.put(name, value);
    }
  }

  private static void putVariables(Map<String, String> values, String yaml) {
    Matcher section = SECTION.matcher(yaml);
    while (section.find()) {
      Matcher variable = VARIABLE.matcher(section.group());
      while (variable.find()) {
        String name = variable.group(2);
        values.put(
            "${" + name,
            String.valueOf(
                "sys".equals(variable.group(1)) ? System.getProperty(name) : System.getenv(name)));
      }
    }
  }

  static Binding read(DataInput in) throws IOException {
    return new Binding(readMap(in), readMap(in));
  }

  void write(DataOutput out) throws IOException {
    for (Map<String, String> map : List.of(files, settings)) {
      out.writeInt(map.size());
      for (var entry : map.entrySet()) {
        out.writeUTF(entry.getKey());
        out.writeUTF(entry.getValue());
      }
    }
  }

  private static Map<String, String> readMap(DataInput in) throws IOException {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = in.readInt(); i > 0; i--) {
      map.put(in.readUTF(), in.readUTF());
    }
    return map;
  }
}
