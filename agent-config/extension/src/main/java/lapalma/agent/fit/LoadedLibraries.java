package lapalma.agent.fit;

import java.lang.instrument.Instrumentation;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import lapalma.agent.fit.ModuleTable.Module;
import org.jspecify.annotations.Nullable;

/**
 * Looks which libraries an app has loaded, and names once what the fit has missed: a module that is
 * disabled though its library came from somewhere else, and HTTP servers' modules without a server.
 */
final class LoadedLibraries {
  private static final Logger log = Logger.getLogger(LoadedLibraries.class.getName());

  /** In milliseconds: by then most apps have started. Each further look is twice as long after. */
  private static final long LOOKS_AFTER = Long.getLong("lapalma.fit.looks-after", 60_000);

  /** A day: what is not loaded by then was not missed for long. */
  private static final long LAST = 86_400_000;

  /** The server of the JDK is no library. */
  private static final String JDKS_SERVER = "sun/net/httpserver/";

  private LoadedLibraries() {}

  static void lookLater(Fit fit) {
    var thread =
        new Thread(
            () -> {
              try {
                Set<String> said = new HashSet<>();
                for (long after = LOOKS_AFTER; after <= LAST; after *= 2) {
                  Thread.sleep(after);
                  for (String complaint : complaints(fit, loadedClasses())) {
                    if (said.add(complaint)) {
                      log.warning(complaint);
                    }
                  }
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (ReflectiveOperationException | LinkageError e) {
                log.log(Level.FINE, "The loaded classes cannot be read", e);
              }
            },
            "look-at-loaded-libraries");
    thread.setDaemon(true);
    thread.start();
  }

  /** The agent's own, in the boot class loader. */
  private static Class<?>[] loadedClasses() throws ReflectiveOperationException {
    return ((Instrumentation)
            Class.forName("io.opentelemetry.javaagent.bootstrap.InstrumentationHolder", true, null)
                .getMethod("getInstrumentation")
                .invoke(null))
        .getAllLoadedClasses();
  }

  /** Returns a sentence for each thing that the fit has missed. */
  static List<String> complaints(Fit fit, Class<?>[] loaded) {
    Map<String, List<Class<?>>> byName = new HashMap<>();
    boolean jdksServer = false;
    for (String name : fit.table().classes()) {
      byName.put(name, new ArrayList<>());
    }
    for (Class<?> one : loaded) {
      String name = one.getName().replace('.', '/');
      jdksServer |= name.startsWith(JDKS_SERVER);
      List<Class<?>> wanted = byName.get(name);
      // The agent and its extension have libraries of their own.
      if (wanted != null && one.getClassLoader() != LoadedLibraries.class.getClassLoader()) {
        wanted.add(one);
      }
    }
    List<String> complaints = new ArrayList<>();
    missed(fit, byName).forEach((name, type) -> complaints.add(missed(fit, name, type)));
    boolean hasServer =
        jdksServer
            || fit.table().modules().stream()
                .anyMatch(module -> module.server() && evidence(module, byName) != null);
    if (!hasServer && fit.all().isEmpty()) {
      List<String> servers =
          fit.used().stream()
              .filter(module -> module.server() && !module.needsNoLibrary())
              .map(Fit::name)
              .toList();
      if (!servers.isEmpty()) {
        complaints.add(
            "No request to this app has a span yet: the modules of HTTP servers that fit its libraries are %s, and none of these servers has started."
                .formatted(String.join(", ", servers)));
      }
    }
    return complaints;
  }

  /** A class of each library that was loaded while its module is disabled. */
  private static Map<String, Class<?>> missed(Fit fit, Map<String, List<Class<?>>> loaded) {
    Map<String, Class<?>> missed = new LinkedHashMap<>();
    fit.unused()
        .forEach(
            (name, module) -> {
              Class<?> type = evidence(module, loaded);
              if (type != null) {
                missed.put(name, type);
              }
            });
    return missed;
  }

  private static @Nullable Class<?> evidence(Module module, Map<String, List<Class<?>>> loaded) {
    for (String name : module.types().isEmpty() ? module.needs() : module.types()) {
      for (Class<?> type : loaded.getOrDefault(name, List.of())) {
        ClassLoader loader = type.getClassLoader();
        if (loader != null && module.fits(one -> loader.getResource(one + ".class") != null)) {
          return type;
        }
      }
    }
    return null;
  }

  private static String missed(Fit fit, String name, Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    String from = source == null ? "" : String.valueOf(source.getLocation());
    String row =
        List.of(
                fit.table().agentVersion(),
                name,
                type.getName(),
                from,
                type.getClassLoader().getClass().getName())
            .stream()
            .collect(Collectors.joining(" | "));
    return String.format(
        Locale.ROOT,
        "The module %s is disabled, but the app has loaded its library, so its telemetry is missing: set %s=true. To have it chosen by itself, report this row: %s",
        name,
        FitCustomizer.variable(Fit.property(name)),
        row);
  }
}
