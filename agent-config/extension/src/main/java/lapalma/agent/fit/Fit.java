package lapalma.agent.fit;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import lapalma.agent.fit.ModuleTable.Module;

/**
 * Which of the agent's modules an app has no use for. They are disabled; whatever is not known of
 * stays as it is.
 *
 * @param libraries what the app has of the classes that the table asks for
 * @param unused the modules to disable, by the name that disables each and no other
 * @param all why all modules stay enabled; empty if the modules were chosen
 */
record Fit(
    ModuleTable table, Libraries libraries, Map<String, Module> unused, Optional<String> all) {
  private static final String UNDERTOW = "undertow";
  private static final String UNDERTOW_CLIENT = "undertow-client";
  private static final List<String> UNDERTOWS =
      List.of(UNDERTOW, "undertow-1.4", "undertow-server", "undertow-route");

  static Fit of(ModuleTable table, App app) {
    var libraries = new Libraries(table.classes());
    app.places().forEach(libraries::add);
    Predicate<String> hasClass = libraries.found()::containsKey;
    Optional<String> all =
        app.elsewhere()
            .or(
                () ->
                    libraries.unreadable().stream().findFirst().map(jar -> jar + " cannot be read"))
            .or(
                () ->
                    table.modules().stream()
                            .anyMatch(one -> !one.needsNoLibrary() && one.fits(hasClass))
                        ? Optional.empty()
                        : Optional.of("none of its libraries is known"));
    return new Fit(
        table, libraries, all.isPresent() ? Map.of() : unused(table.modules(), hasClass), all);
  }

  private static Map<String, Module> unused(List<Module> modules, Predicate<String> hasClass) {
    Set<String> usedNames = new HashSet<>();
    for (Module module : modules) {
      if (module.optIn() || module.fits(hasClass)) {
        usedNames.addAll(module.names());
      }
    }
    Map<String, Module> unused = new TreeMap<>();
    for (Module module : modules) {
      // The last name is the most special one. Modules that share it are all unused.
      List<String> names = module.names().stream().filter(one -> !usedNames.contains(one)).toList();
      if (!module.optIn() && !names.isEmpty()) {
        unused.put(names.get(names.size() - 1), module);
      }
    }
    return unused;
  }

  /** Returns how many modules the agent enables by default. */
  int modules() {
    return (int) table.modules().stream().filter(module -> !module.optIn()).count();
  }

  /** Returns the modules that are enabled by default and fit the app. */
  List<Module> used() {
    return table.modules().stream().filter(module -> !module.optIn() && !isUnused(module)).toList();
  }

  /** Returns the name by which upstream's documents call a module: the one with a version. */
  static String name(Module module) {
    return module.names().stream()
        .filter(name -> name.matches(".*-[0-9.]+"))
        .findFirst()
        .orElse(module.names().get(0));
  }

  /** Not in the customizer, whose logger only the running agent has: the command needs it too. */
  static String property(String module) {
    return "otel.instrumentation." + module + ".enabled";
  }

  /** Two modules may have one name, which then disables both. */
  private boolean isUnused(Module module) {
    return module.names().stream().anyMatch(unused::containsKey);
  }

  /**
   * Returns the settings that fit the agent to the app: for each module, by its name, whether it is
   * enabled.
   *
   * @param isSet whether the user says of a module, by one of its names, whether it is enabled
   */
  Map<String, Boolean> settings(Predicate<String> isSet) {
    Map<String, Boolean> settings = new LinkedHashMap<>();
    if (all.isPresent()) {
      return settings;
    }
    unused.forEach(
        (name, module) -> {
          if (module.names().stream().noneMatch(isSet)) {
            settings.put(name, false);
          }
        });
    boolean hasUndertow =
        used().stream().anyMatch(module -> module.names().get(0).equals(UNDERTOW));
    // The extension's own module records what upstream's does, and the routes, for less.
    if (hasUndertow && UNDERTOWS.stream().noneMatch(isSet)) {
      settings.put("undertow-server", true);
      settings.put(UNDERTOW, false);
      settings.put("undertow-route", false);
    }
    if (hasUndertow && !isSet.test(UNDERTOW_CLIENT)) {
      settings.put(UNDERTOW_CLIENT, true);
    }
    return settings;
  }
}
