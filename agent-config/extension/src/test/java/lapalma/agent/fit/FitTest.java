package lapalma.agent.fit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import lapalma.agent.fit.ModuleTable.Module;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FitTest {
  private static final byte[] NOTHING = {};

  private static final ModuleTable TABLE =
      new ModuleTable(
          "1.0",
          List.of(
              new Module(List.of("shop", "shop-1.0"), false, true, List.of("a/Shop"), List.of()),
              new Module(
                  List.of("shop", "shop-2.0"), false, true, List.of("a/Shop", "a/New"), List.of()),
              new Module(List.of("bank"), false, false, List.of(), List.of("b/Bank", "b/Till")),
              new Module(List.of("pool"), true, false, List.of("c/Pool"), List.of()),
              new Module(List.of("jdk"), false, false, List.of(), List.of())));

  @TempDir private Path folder;
  private Path app;

  @BeforeEach
  void name() {
    app = folder.resolve("the app.jar");
  }

  @Test
  void aModuleWhoseLibraryIsThereStaysAndAnyOtherIsDisabled() throws IOException {
    jar(app, Map.of("a/Shop.class", NOTHING, "b/Other.class", NOTHING));

    Fit fit = fit();

    assertThat(fit.settings(name -> false)).isEqualTo(Map.of("shop-2.0", false, "bank", false));
    assertThat(fit.used()).extracting(Fit::name).containsExactly("shop-1.0", "jdk");
    assertThat(fit.modules()).isEqualTo(4);
  }

  @Test
  void librariesAreFoundInJarsWithinJarsAndBesideThem() throws IOException {
    byte[] shop = bytes(Map.of("META-INF/versions/17/a/Shop.class", NOTHING));
    byte[] bank = bytes(Map.of("b/Till.class", NOTHING));
    jar(folder.resolve("lib/a b.jar"), Map.of("a/New.class", NOTHING));
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put(
        "META-INF/MANIFEST.MF",
        "Manifest-Version: 1.0\r\nClass-Path: lib/none.jar lib/a%2\r\n 0b.jar\r\n".getBytes(UTF_8));
    entries.put("BOOT-INF/lib/stored.jar", shop);
    entries.put("WEB-INF/lib/deflated.jar", bank);
    jar(app, entries);

    assertThat(fit().settings(name -> false)).isEmpty();
    assertThat(fit().libraries().names())
        .containsExactly("the app.jar", "stored.jar", "deflated.jar", "a b.jar");
  }

  @Test
  void librariesAreFoundInFoldersAndBehindTheScriptOfAnExecutableJar() throws IOException {
    Path classes = Files.createDirectories(folder.resolve("app/BOOT-INF/classes/a"));
    Files.createFile(classes.resolve("Shop.class"));
    Files.createDirectories(folder.resolve("app/BOOT-INF/lib"));
    byte[] jar =
        bytes(Map.of("a/New.class", NOTHING, "b/x.jar", bytes(Map.of("b/Till.class", NOTHING))));
    ByteArrayOutputStream executable = new ByteArrayOutputStream();
    executable.write("#!/bin/sh\n".getBytes(UTF_8));
    executable.write(jar);
    Files.write(folder.resolve("app/BOOT-INF/lib/x.jar"), executable.toByteArray());
    app = folder.resolve("app");

    assertThat(fit().settings(name -> false)).isEmpty();
  }

  @Test
  void whatTheUserSaysOfAModuleCounts() throws IOException {
    jar(app, Map.of("a/Shop.class", NOTHING));

    assertThat(fit().settings(Set.of("bank")::contains)).isEqualTo(Map.of("shop-2.0", false));
    assertThat(fit().settings(Set.of("shop")::contains)).isEqualTo(Map.of("bank", false));
  }

  @Test
  void whereTheLibrariesCannotBeKnownEverythingStaysEnabled() throws IOException {
    jar(app, Map.of("x/Y.class", NOTHING));
    assertThat(fit().all()).contains("none of its libraries is known");
    assertThat(fit().settings(name -> false)).isEmpty();

    Files.writeString(app, "no jar");
    assertThat(fit().all()).contains(app + " cannot be read");

    jar(app, Map.of("a/Shop.class", NOTHING, "lib/broken.jar", "no jar".getBytes(UTF_8)));
    assertThat(fit().all()).contains(app + " cannot be read");

    jar(
        app,
        Map.of(
            "META-INF/MANIFEST.MF",
            "Manifest-Version: 1.0\nMain-Class: org.jboss.modules.Main\n\n".getBytes(UTF_8),
            "a/Shop.class",
            NOTHING));
    assertThat(fit().all()).contains("org.jboss.modules.Main loads it from places of its own");
  }

  @Test
  void undertowGetsTheExtensionsOwnModule() throws IOException {
    Module undertow =
        new Module(List.of("undertow", "undertow-1.4"), false, true, List.of("u/T"), List.of());
    Module servlet = new Module(List.of("servlet"), false, true, List.of("s/S"), List.of());
    ModuleTable table = new ModuleTable("1.0", List.of(undertow, servlet));
    jar(app, Map.of("u/T.class", NOTHING));
    Fit fit = Fit.of(table, App.at(app.toString()));

    assertThat(fit.settings(name -> false))
        .isEqualTo(
            Map.of(
                "servlet", false,
                "undertow", false,
                "undertow-client", true,
                "undertow-route", false,
                "undertow-server", true));
    assertThat(fit.settings(Set.of("undertow-server", "undertow-client")::contains))
        .isEqualTo(Map.of("servlet", false));
  }

  @Test
  void whatWasLoadedFromElsewhereIsNamedAndSoAreServersThatDidNotStart() throws Exception {
    jar(app, Map.of("b/Till.class", NOTHING));
    URL classes = Module.class.getProtectionDomain().getCodeSource().getLocation();
    try (var elsewhere = new URLClassLoader(new URL[] {classes}, null)) {
      Class<?> loaded = elsewhere.loadClass(App.class.getName());
      String library = App.class.getName().replace('.', '/');
      Module late = new Module(List.of("late-1.0"), false, true, List.of(library), List.of());
      Module bank = new Module(List.of("bank"), false, true, List.of(), List.of("b/Till"));
      Fit fit = Fit.of(new ModuleTable("1.0", List.of(late, bank)), App.at(app.toString()));

      assertThat(LoadedLibraries.complaints(fit, new Class<?>[] {loaded}))
          .containsExactly(
              "The module late-1.0 is disabled, but the app has loaded its library, so its telemetry is missing: set OTEL_INSTRUMENTATION_LATE_1_0_ENABLED=true. To have it chosen by itself, report this row: 1.0 | late-1.0 | lapalma.agent.fit.App | %s | java.net.URLClassLoader"
                  .formatted(classes));
      assertThat(LoadedLibraries.complaints(fit, new Class<?>[] {App.class}))
          .containsExactly(
              "No request to this app has a span yet: the modules of HTTP servers that fit its libraries are bank, and none of these servers has started.");
    }
  }

  @Test
  void theCommandExplainsTheChoiceAndWritesItDown() throws IOException {
    jar(app, Map.of("BOOT-INF/lib/undertow.jar", bytes(undertow())));

    assertThat(run(app.toString()))
        .startsWith("2 libraries, ")
        .containsPattern("(?m)^undertow.jar: undertow-1.4$")
        .containsPattern("(?m)^the JDK: executors, ");
    assertThat(run(app.toString(), "--properties"))
        .startsWith("otel.instrumentation.common.default-enabled=true\n")
        .contains("\notel.instrumentation.undertow-server.enabled=true\n")
        .contains("\notel.instrumentation.netty-4.1.enabled=false\n")
        .doesNotContain("executors");
    assertThat(run(app.toString(), "--yaml"))
        .startsWith(
            "distribution:\n  javaagent:\n    instrumentation:\n      enabled:\n        - undertow_server\n        - undertow_client\n      disabled:\n")
        .contains("\n        - netty_4.1\n");
    assertThat(run("none.jar")).isEqualTo("There is no none.jar: name the jar of an app.\n");
    assertThat(run()).startsWith("Usage: fit APP");
  }

  /** The classes that the pinned agent's module for Undertow needs. */
  private static Map<String, byte[]> undertow() {
    Map<String, byte[]> classes = new LinkedHashMap<>();
    for (Module module : ModuleTable.read().modules()) {
      if (module.names().contains("undertow")) {
        module.needs().forEach(name -> classes.put(name + ".class", NOTHING));
        module.types().forEach(name -> classes.put(name + ".class", NOTHING));
      }
    }
    return classes;
  }

  private static String run(String... arguments) {
    var out = new ByteArrayOutputStream();
    FitCommand.run(arguments, new PrintStream(out, true, UTF_8));
    return out.toString(UTF_8).replace(System.lineSeparator(), "\n");
  }

  private Fit fit() throws IOException {
    return Fit.of(TABLE, App.at(app.toString()));
  }

  private static void jar(Path path, Map<String, byte[]> entries) throws IOException {
    Files.createDirectories(path.getParent());
    Files.write(path, bytes(entries));
  }

  /** Jars in {@code BOOT-INF} are stored, as Spring Boot does; others are deflated. */
  private static byte[] bytes(Map<String, byte[]> entries) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (var entry : entries.entrySet()) {
        var zipEntry = new ZipEntry(entry.getKey());
        if (entry.getKey().startsWith("BOOT-INF/")) {
          var crc = new CRC32();
          crc.update(entry.getValue());
          zipEntry.setMethod(ZipEntry.STORED);
          zipEntry.setSize(entry.getValue().length);
          zipEntry.setCrc(crc.getValue());
        }
        zip.putNextEntry(zipEntry);
        zip.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }
}
