package lapalma.agent.fit;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Where an app has its classes.
 *
 * @param places jars and folders
 * @param elsewhere why it may have classes in other places too; empty if there is no sign of it
 */
record App(List<Path> places, Optional<String> elsewhere) {
  /**
   * Programs that load an app from places which the class path does not name: what the names of
   * their main classes begin with.
   */
  private static final List<String> LAUNCHERS =
      List.of(
          "aQute.launcher.",
          "com.caucho.server.resin.",
          "com.ibm.ws.kernel.boot.",
          "com.ibm.wsspi.bootstrap.",
          "com.simontuffs.onejar.",
          "com.sun.enterprise.glassfish.bootstrap.",
          "executable.Main",
          "fish.payara.",
          "io.quarkus.bootstrap.runner.",
          "org.apache.catalina.startup.",
          "org.apache.felix.main.",
          "org.apache.karaf.main.",
          "org.codehaus.plexus.classworlds.launcher.",
          "org.eclipse.equinox.launcher.",
          "org.eclipse.jdt.internal.jarinjarloader.",
          "org.eclipse.jetty.runner.",
          "org.eclipse.jetty.start.",
          "org.glassfish.",
          "org.jboss.modules.",
          "org.springframework.boot.loader.PropertiesLauncher",
          "org.springframework.boot.loader.launch.PropertiesLauncher",
          "org.wildfly.core.jar.boot.",
          "weblogic.");

  /** The app of this JVM. */
  static App ofThisJvm() {
    String command = System.getProperty("sun.java.command", "");
    List<Path> places = new ArrayList<>(split(System.getProperty("java.class.path", "")));
    for (Path one : split(System.getProperty("jdk.module.path", ""))) {
      places.add(one);
      places.addAll(within(one));
    }
    boolean isJar = places.size() == 1 && command.startsWith(places.get(0).toString());
    String main = isJar ? mainClass(places.get(0)) : command.split(" ", 2)[0];
    return new App(places, launcher(main).or(App::moduleOfTheJdksImage));
  }

  /**
   * The app that {@code java -jar} runs, or that a class path has.
   *
   * @throws IOException when there is no such file or folder
   */
  static App at(String classPath) throws IOException {
    List<Path> places = split(classPath);
    for (Path one : places) {
      if (!Files.exists(one)) {
        throw new IOException("There is no %s: name the jar of an app.".formatted(one));
      }
    }
    return new App(places, launcher(places.size() == 1 ? mainClass(places.get(0)) : ""));
  }

  private static List<Path> split(String path) {
    return Stream.of(path.split(File.pathSeparator))
        .filter(one -> !one.isEmpty())
        .map(Path::of)
        .toList();
  }

  /** A folder of the module path has modules: jars or folders. */
  private static List<Path> within(Path folder) {
    try (Stream<Path> modules = Files.list(folder)) {
      return modules.toList();
    } catch (IOException e) {
      return List.of(); // a module itself, or nothing
    }
  }

  private static String mainClass(Path jar) {
    try (var file = new JarFile(jar.toFile())) {
      return file.getManifest() == null
          ? ""
          : String.valueOf(
              file.getManifest().getMainAttributes().getValue(Attributes.Name.MAIN_CLASS));
    } catch (IOException e) {
      return ""; // a folder, or no jar
    }
  }

  private static Optional<String> launcher(String mainClass) {
    return LAUNCHERS.stream().anyMatch(mainClass::startsWith)
        ? Optional.of(mainClass + " loads it from places of its own")
        : Optional.empty();
  }

  /** An image that jlink made has the app's modules beside those of the JDK. */
  private static Optional<String> moduleOfTheJdksImage() {
    return ModuleLayer.boot().configuration().modules().stream()
        .map(ResolvedModule::reference)
        .filter(module -> module.location().map(URI::getScheme).equals(Optional.of("jrt")))
        .map(ModuleReference::descriptor)
        .map(ModuleDescriptor::name)
        .filter(name -> !name.startsWith("java.") && !name.startsWith("jdk."))
        .findFirst()
        .map(name -> "its module " + name + " is in an image of jlink");
  }
}
