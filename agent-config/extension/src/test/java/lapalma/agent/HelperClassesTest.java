package lapalma.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.internal.AgentDistributionConfig;
import io.opentelemetry.sdk.autoconfigure.spi.internal.DefaultConfigProperties;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import lapalma.agent.weaving.Telemetry;
import lapalma.agent.weaving.Weaving;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The agent gives the app's class loader only the helpers that a module names. One that is missing
 * shows only in an app: here the tests and the extension have one class loader.
 */
class HelperClassesTest {
  @RegisterExtension
  static final Telemetry telemetry =
      Telemetry.tracing("{ class: lapalma.dice.Dice, methods: [{ name: roll }] }");

  private static final JavaClasses classes =
      new ClassFileImporter().importPath(Path.of("target/classes"));

  static Stream<InstrumentationModule> modules() {
    // With upstream's module enabled, the extension's own stands aside and has no helpers.
    AgentDistributionConfig.set(
        AgentDistributionConfig.fromConfigProperties(
            DefaultConfigProperties.createFromMap(
                Map.of("otel.instrumentation.undertow.enabled", "false"))));
    List<InstrumentationModule> modules =
        ServiceLoader.load(InstrumentationModule.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    assertThat(modules).hasSize(4);
    return modules.stream();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void aModuleNamesAllThatItsAdviceCalls(InstrumentationModule module) {
    Set<String> called = new TreeSet<>();
    for (TypeInstrumentation type : module.typeInstrumentations()) {
      Set<String> advice = Weaving.adviceOf(type);
      assertThat(advice).isNotEmpty();
      advice.forEach(one -> called.addAll(calledFrom(one)));
    }

    assertThat(module.getAdditionalHelperClassNames()).containsExactlyInAnyOrderElementsOf(called);
  }

  private static Set<String> calledFrom(String advice) {
    Set<String> called = new TreeSet<>();
    Deque<String> toRead = new ArrayDeque<>(List.of(advice));
    while (!toRead.isEmpty()) {
      for (Dependency one : classes.get(toRead.pop()).getDirectDependenciesFromSelf()) {
        JavaClass target = one.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith("lapalma.") && called.add(target.getName())) {
          toRead.add(target.getName());
        }
      }
    }
    called.remove(advice);
    return called;
  }
}
