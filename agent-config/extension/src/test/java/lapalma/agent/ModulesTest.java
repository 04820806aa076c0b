package lapalma.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import lapalma.agent.weaving.Telemetry;
import lapalma.agent.weaving.Weaving;
import net.bytebuddy.asm.Advice;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the modules must hold to in an app, and what the tests of their advice do not see. */
class ModulesTest {
  @RegisterExtension
  static final Telemetry telemetry =
      Telemetry.tracing(
          "{ class: lapalma.dice.Dice, methods: [{ name: roll }, { name: face,"
              + " attributes: [{ name: dice.value, from: return }] }] }");

  private static final JavaClasses classes =
      new ClassFileImporter().importPath(Path.of("target/classes"));

  static Stream<InstrumentationModule> modules() {
    // With upstream's module enabled, the extension's own stands aside and has no helpers.
    Weaving.configureAgent("otel.instrumentation.undertow.enabled", "false");
    List<InstrumentationModule> modules =
        ServiceLoader.load(InstrumentationModule.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    assertThat(modules).hasSize(6);
    return modules.stream();
  }

  /**
   * The agent gives the app's class loader only the helpers that a module names. Here, the tests
   * and the extension have one class loader.
   */
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

  /** The tests' weaving records what advice throws, and the agent's does what the advice says. */
  @ParameterizedTest
  @MethodSource("modules")
  void whatAdviceThrowsDoesNotReachTheApp(InstrumentationModule module) throws Exception {
    for (TypeInstrumentation type : module.typeInstrumentations()) {
      for (String advice : Weaving.adviceOf(type)) {
        List<Class<?>> suppressed = new ArrayList<>();
        for (Method method : Class.forName(advice).getDeclaredMethods()) {
          var enter = method.getAnnotation(Advice.OnMethodEnter.class);
          var exit = method.getAnnotation(Advice.OnMethodExit.class);
          if (enter != null) {
            suppressed.add(enter.suppress());
          }
          if (exit != null) {
            suppressed.add(exit.suppress());
          }
        }
        assertThat(suppressed).as(advice).isNotEmpty().containsOnly(Throwable.class);
      }
    }
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
