package lapalma.faults;

import java.lang.instrument.Instrumentation;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Makes the rolls of a dice server fail, slow, unfair or hang. It is loaded into a running server,
 * or attached at its start.
 *
 * <p>The argument names the fault, see {@link Fault#parse}; loading the agent again changes it.
 */
public final class FaultAgent {
  private static boolean installed;

  private FaultAgent() {}

  public static void premain(String fault, Instrumentation instrumentation) {
    agentmain(fault, instrumentation);
  }

  public static synchronized void agentmain(String fault, Instrumentation instrumentation) {
    ActiveFault.set(Fault.parse(fault));
    if (installed) {
      return;
    }
    installed = true;
    new AgentBuilder.Default()
        .disableClassFormatChanges()
        .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
        .type(ElementMatchers.named("lapalma.dice.Dice"))
        .transform(
            (builder, type, loader, module, domain) ->
                builder.visit(Advice.to(RollAdvice.class).on(ElementMatchers.named("roll"))))
        .installOn(instrumentation);
  }

  /** The code that is copied into {@code Dice#roll}. */
  static final class RollAdvice {
    private RollAdvice() {}

    @Advice.OnMethodEnter
    static void onEnter() {
      ActiveFault.beforeRoll();
    }

    @Advice.OnMethodExit
    static void onExit(@Advice.Return(readOnly = false) int face) {
      face = ActiveFault.afterRoll(face);
    }
  }
}
