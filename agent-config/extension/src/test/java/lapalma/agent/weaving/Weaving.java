package lapalma.agent.weaving;

import static net.bytebuddy.matcher.ElementMatchers.isSynthetic;
import static net.bytebuddy.matcher.ElementMatchers.nameStartsWith;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.internal.AgentDistributionConfig;
import io.opentelemetry.sdk.autoconfigure.spi.internal.DefaultConfigProperties;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.AgentBuilder.RedefinitionStrategy;
import net.bytebuddy.agent.builder.AgentBuilder.RedefinitionStrategy.DiscoveryStrategy;
import net.bytebuddy.agent.builder.AgentBuilder.Transformer;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.utility.JavaModule;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Weaves the advice of a module into the classes of this JVM, for one class of tests.
 *
 * <p>The matchers and the advice are the module's own. What advice throws fails the test.
 */
public final class Weaving implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  private final Supplier<? extends InstrumentationModule> module;
  private final boolean withUpstream;
  private final List<Throwable> notWoven = new CopyOnWriteArrayList<>();
  private ResettableClassFileTransformer woven;

  private Weaving(Supplier<? extends InstrumentationModule> module, boolean withUpstream) {
    this.module = module;
    this.withUpstream = withUpstream;
  }

  /** Gives the agent one property, by which it decides which modules are enabled. */
  public static void configureAgent(String property, String value) {
    AgentDistributionConfig.resetForTest();
    AgentDistributionConfig.set(
        AgentDistributionConfig.fromConfigProperties(
            DefaultConfigProperties.createFromMap(Map.of(property, value))));
  }

  /**
   * Makes the extension of a test.
   *
   * @param module is made when the tests begin: a module reads its configuration when it is made
   */
  public static Weaving of(Supplier<? extends InstrumentationModule> module) {
    return new Weaving(module, false);
  }

  /** The same beside upstream's instrumentation of Undertow, which makes the server's spans. */
  public static Weaving besideUpstream(Supplier<? extends InstrumentationModule> module) {
    return new Weaving(module, true);
  }

  /** The names of the classes whose code is woven into the methods of a type. */
  public static Set<String> adviceOf(TypeInstrumentation type) {
    return transformer(type).adviceClasses();
  }

  /** Weaves the advice in for as long as the work takes. */
  public void during(ThrowingRunnable work) throws Exception {
    try {
      weave();
      work.run();
    } finally {
      reset();
      // Where the work has failed too, this is why.
      check();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    weave();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    reset();
  }

  private void weave() throws ReflectiveOperationException {
    InstrumentationModule made = module.get();
    AgentBuilder builder =
        new AgentBuilder.Default()
            .disableClassFormatChanges()
            // Nothing is to be woven elsewhere, and most classes here are those of the tests'
            // tools.
            .ignore(
                isSynthetic()
                    .or(not(nameStartsWith("io.undertow.").or(nameStartsWith("lapalma.")))))
            .with(RedefinitionStrategy.RETRANSFORMATION)
            // As the agent does: to look at a class may load those that are nested in it.
            .with(DiscoveryStrategy.Reiterating.INSTANCE)
            .with(new Complaints());
    for (TypeInstrumentation type : made.typeInstrumentations()) {
      builder = weave(builder, type, made.classLoaderMatcher());
    }
    if (withUpstream) {
      for (TypeInstrumentation type : upstreams()) {
        builder = weave(builder, type, type.classLoaderOptimization());
      }
    }
    woven = builder.installOn(jvm());
    assertThat(notWoven).isEmpty();
  }

  private void check() {
    assertThat(AdviceFailures.take()).as("thrown by advice").isEmpty();
    assertThat(notWoven).as("not woven").isEmpty();
  }

  private void reset() {
    if (woven != null) {
      woven.reset(jvm(), RedefinitionStrategy.RETRANSFORMATION);
    }
  }

  private static AgentBuilder weave(
      AgentBuilder builder, TypeInstrumentation type, ElementMatcher<ClassLoader> loaders) {
    AgentBuilder all = builder;
    for (Transformer one : transformer(type).transformers()) {
      all =
          all.type(
                  type.typeMatcher(),
                  loader ->
                      loaders.matches(loader) && type.classLoaderOptimization().matches(loader))
              .transform(one);
    }
    return all;
  }

  private static AdviceTransformer transformer(TypeInstrumentation type) {
    var transformer = new AdviceTransformer();
    type.transform(transformer);
    return transformer;
  }

  private static List<TypeInstrumentation> upstreams() throws ReflectiveOperationException {
    // As the agent does at its start. Upstream then notes the context of each task that is handed
    // over; without the instrumentation of executors nobody reads it.
    Predicate<String> ignored = task -> false;
    Class.forName("io.opentelemetry.javaagent.bootstrap.InstrumentedTaskClasses")
        .getMethod("setIgnoredTaskClassesPredicate", Predicate.class)
        .invoke(null, ignored);
    List<TypeInstrumentation> all = new ArrayList<>();
    for (String name : AgentClasses.ofTheApi().typeInstrumentations()) {
      Constructor<?> constructor = Class.forName(name).getDeclaredConstructor();
      constructor.setAccessible(true);
      all.add((TypeInstrumentation) constructor.newInstance());
    }
    assertThat(all).as("upstream's instrumentations of Undertow").isNotEmpty();
    return all;
  }

  private static Instrumentation jvm() {
    return ByteBuddyAgent.install();
  }

  /** Work of a test. */
  @FunctionalInterface
  public interface ThrowingRunnable {
    void run() throws Exception;
  }

  private final class Complaints extends AgentBuilder.Listener.Adapter {
    @Override
    public void onError(
        String type, ClassLoader loader, JavaModule module, boolean loaded, Throwable why) {
      notWoven.add(new IllegalStateException(type, why));
    }
  }
}
