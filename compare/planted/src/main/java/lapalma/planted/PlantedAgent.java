package lapalma.planted;

import java.lang.instrument.Instrumentation;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;

/** Makes each roll of the dice burn as many nanoseconds as its argument says. */
public final class PlantedAgent {
  private PlantedAgent() {}

  public static void premain(String nanos, Instrumentation instrumentation) {
    Burn.setNanos(Long.parseLong(nanos));
    new AgentBuilder.Default()
        .type(ElementMatchers.named("lapalma.dice.Dice"))
        .transform(
            (builder, type, loader, module, domain) ->
                builder.visit(Advice.to(RollAdvice.class).on(ElementMatchers.named("roll"))))
        .installOn(instrumentation);
  }

  /** Is copied into {@code Dice#roll}. */
  static final class RollAdvice {
    private RollAdvice() {}

    @Advice.OnMethodEnter
    static void onEnter() {
      Burn.burn();
    }
  }
}
