package lapalma.agent.weaving;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What advice has thrown. The agent logs it, and so does not fail the app. */
public final class AdviceFailures {
  private static final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

  private AdviceFailures() {}

  /** Called by the woven methods. */
  public static void record(Throwable failure) {
    failures.add(failure);
  }

  public static List<Throwable> take() {
    List<Throwable> taken = new ArrayList<>();
    for (Throwable one = failures.poll(); one != null; one = failures.poll()) {
      taken.add(one);
    }
    return taken;
  }
}
