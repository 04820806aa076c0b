package lapalma.agent.weaving;

import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.AgentBuilder.Transformer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.Advice.ExceptionHandler;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.implementation.bytecode.member.MethodInvocation;
import net.bytebuddy.matcher.ElementMatcher;

/** Collects the advice of one type, as the agent's own does. */
final class AdviceTransformer implements TypeTransformer {
  private static final ExceptionHandler RECORDING = recording();

  private final List<Transformer> transformers = new ArrayList<>();
  private final Set<String> adviceClasses = new TreeSet<>();

  List<Transformer> transformers() {
    return transformers;
  }

  Set<String> adviceClasses() {
    return adviceClasses;
  }

  @Override
  public void applyAdviceToMethod(
      ElementMatcher<? super MethodDescription> methods,
      Function<Advice.WithCustomMapping, Advice.WithCustomMapping> mapping,
      String adviceClass) {
    adviceClasses.add(adviceClass);
    transformers.add(
        new Transformer.ForAdvice(mapping.apply(Advice.withCustomMapping()))
            .include(AdviceTransformer.class.getClassLoader())
            .withExceptionHandler(RECORDING)
            .advice(methods, adviceClass));
  }

  @Override
  public void applyTransformer(AgentBuilder.Transformer transformer) {
    transformers.add(transformer);
  }

  private static ExceptionHandler recording() {
    try {
      return new ExceptionHandler.Simple(
          MethodInvocation.invoke(
              new MethodDescription.ForLoadedMethod(
                  AdviceFailures.class.getMethod("record", Throwable.class))));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }
}
