package lapalma.e2e.support;

import java.util.EnumMap;
import java.util.Map;
import lapalma.process.FreePort;
import lapalma.stack.Port;
import lapalma.stack.Ports;

/** Free ports for a whole stack. */
public final class FreePorts {
  private FreePorts() {}

  public static Ports forAll() {
    Map<Port, Integer> numbers = new EnumMap<>(Port.class);
    for (var port : Port.values()) {
      numbers.put(port, FreePort.find());
    }
    return new Ports(numbers);
  }
}
