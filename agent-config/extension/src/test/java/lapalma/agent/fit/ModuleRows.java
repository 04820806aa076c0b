package lapalma.agent.fit;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the agent's modules need, as far as it is said by names of classes. Wherever a module says
 * it otherwise, the row leaves the condition out: it then fits more apps than the module does.
 */
public final class ModuleRows {
  /** A name that a module had before: the agent warns of a setting with it. */
  private static final Pattern DEPRECATED = Pattern.compile("\\|deprecated:([a-z0-9.-]+)");

  /** What only the helpers of modules for HTTP servers refer to. */
  private static final List<String> OF_SERVERS =
      List.of(
          "HttpServerResponseCustomizerHolder",
          "HttpServerAttributesGetter",
          "JavaagentHttpServerInstrumenters");

  private final ClassLoader agent;

  private ModuleRows(ClassLoader agent) {
    this.agent = agent;
  }

  /** Returns a line of the table for each module, in the order of their names. */
  public static String of(ClassLoader agent) throws Exception {
    var rows = new ModuleRows(agent);
    List<String> all = new ArrayList<>();
    for (InstrumentationModule module : ServiceLoader.load(InstrumentationModule.class, agent)) {
      all.add(rows.row(module));
    }
    all.sort(null);
    return String.join("\n", all) + "\n";
  }

  private String row(InstrumentationModule module) throws Exception {
    Set<String> needs = new TreeSet<>();
    need(module.classLoaderMatcher(), needs);
    for (Object name : ((Map<?, ?>) ask(module, "getMuzzleReferences", Map.of())).keySet()) {
      if (!module.isHelperClass(name.toString()) && !isProvided(name.toString())) {
        needs.add(name.toString());
      }
    }
    return String.join(
        "\t",
        String.join(" ", names(module)),
        module.defaultEnabled() ? isOfServer(module) ? "server" : "" : "opt-in",
        String.join(" ", needs).replace('.', '/'),
        String.join(" ", types(module)).replace('.', '/'));
  }

  private List<String> names(InstrumentationModule module) throws IOException {
    List<String> names = new ArrayList<>(module.instrumentationNames());
    names.removeAll(
        DEPRECATED
            .matcher(text(module.getClass().getName()))
            .results()
            .map(found -> found.group(1))
            .toList());
    return names;
  }

  /** Returns types of which the app must have one; none if it may as well have none of them. */
  private static Set<String> types(InstrumentationModule module) throws Exception {
    Set<String> types = new TreeSet<>();
    for (TypeInstrumentation type : module.typeInstrumentations()) {
      Set<String> needs = new TreeSet<>();
      need(type.classLoaderOptimization(), needs);
      Collection<String> names = names(type.typeMatcher());
      if (names == null && !needs.isEmpty()) {
        types.add(needs.iterator().next());
      } else if (names == null || names.stream().anyMatch(ModuleRows::isOfJdk)) {
        return Set.of();
      } else {
        types.addAll(names);
      }
    }
    return types;
  }

  private boolean isOfServer(InstrumentationModule module) throws Exception {
    for (Object helper : (List<?>) ask(module, "getMuzzleHelperClassNames", List.of())) {
      String code = text(helper.toString());
      if (OF_SERVERS.stream().anyMatch(code::contains)) {
        return true;
      }
    }
    return false;
  }

  /** Calls what upstream's build adds to each module. */
  private static Object ask(InstrumentationModule module, String method, Object byDefault)
      throws ReflectiveOperationException {
    return Stream.of(module.getClass().getMethods())
            .anyMatch(one -> one.getName().equals(method) && one.getParameterCount() == 0)
        ? module.getClass().getMethod(method).invoke(module)
        : byDefault;
  }

  /** Adds what a matcher of class loaders says that each of them must have. */
  private static void need(Object matcher, Set<String> needs) throws Exception {
    switch (matcher.getClass().getSimpleName()) {
      case "ClassLoaderHasClassesNamedMatcher" -> {
        Object resources = field(matcher, "resources");
        for (Object one :
            resources instanceof Object[] array
                ? Arrays.asList(array)
                : (Collection<?>) resources) {
          String name = one.toString().replaceAll("\\.class$", "").replace('/', '.');
          if (!isOfJdk(name)) {
            needs.add(name);
          }
        }
      }
      case "Conjunction" -> {
        for (Object one : (List<?>) field(matcher, "matchers")) {
          need(one, needs);
        }
      }
      default -> {}
    }
  }

  /** The names that a matcher of types can match; null if it does not say. */
  private static Collection<String> names(Object matcher) throws Exception {
    String kind = matcher.getClass().getName();
    if (kind.endsWith("NameMatcher")) {
      Object text = field(matcher, "matcher");
      if (text.getClass().getSimpleName().equals("StringSetMatcher")) {
        return ((Collection<?>) field(text, "values")).stream().map(Object::toString).toList();
      }
      return text.getClass().getSimpleName().equals("StringMatcher")
              && field(text, "mode").toString().equals("EQUALS_FULLY")
          ? List.of(field(text, "value").toString())
          : null;
    }
    if (kind.endsWith("Junction$Conjunction")) {
      for (Object one : (List<?>) field(matcher, "matchers")) {
        Collection<String> names = names(one);
        if (names != null) {
          return names;
        }
      }
      return null;
    }
    if (kind.endsWith("Junction$Disjunction")) {
      List<String> all = new ArrayList<>();
      for (Object one : (List<?>) field(matcher, "matchers")) {
        Collection<String> names = names(one);
        if (names == null) {
          return null;
        }
        all.addAll(names);
      }
      return all;
    }
    return null;
  }

  private static Object field(Object object, String name) throws Exception {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          return field.get(object);
        }
      }
    }
    throw new NoSuchFieldException(object.getClass() + "." + name);
  }

  private String text(String name) throws IOException {
    try (InputStream in = agent.getResourceAsStream(file(name))) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /** Whether a class need not be the app's own. */
  private boolean isProvided(String name) {
    return isOfJdk(name) || agent.getResource(file(name)) != null;
  }

  private static boolean isOfJdk(String name) {
    return name.startsWith("java.")
        || name.startsWith("jdk.")
        || ClassLoader.getPlatformClassLoader().getResource(file(name)) != null;
  }

  private static String file(String name) {
    return name.replace('.', '/') + ".class";
  }
}
