package lapalma.faults;

/** The fault that is on. It is public because the advice in the app's class calls it. */
public final class ActiveFault {
  private static volatile Fault fault = new Fault.None();

  private ActiveFault() {}

  static void set(Fault next) {
    Fault previous = fault;
    fault = next;
    previous.end();
    next.begin();
  }

  public static void beforeRoll() {
    fault.beforeRoll();
  }

  public static int afterRoll(int face) {
    return fault.afterRoll(face);
  }
}
