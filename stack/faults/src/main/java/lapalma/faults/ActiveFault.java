package lapalma.faults;

/** What the advice in the app's class calls, which is why it is public. */
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
