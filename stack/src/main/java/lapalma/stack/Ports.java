package lapalma.stack;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import lapalma.process.PortHolder;

/** The port of the loopback address on which each part listens. */
public record Ports(Map<Port, Integer> numbers) {
  static final String OFFSET = "PORT_OFFSET";

  /**
   * Reads the variables of {@link Port}; {@value #OFFSET} is added to each default.
   *
   * @throws StackException when a variable is not a port, or two parts have the same port
   */
  static Ports from(Map<String, String> environment) {
    int offset = number(environment, OFFSET, 0, 0, 40_000);
    Map<Port, Integer> numbers = new EnumMap<>(Port.class);
    Map<Integer, Port> taken = new HashMap<>();
    for (var port : Port.values()) {
      int number = number(environment, port.variable(), port.byDefault() + offset, 1, 65_535);
      Port other = taken.put(number, port);
      if (other != null) {
        throw new StackException(
            "%s and %s are both %d: give each a port of its own."
                .formatted(other.variable(), port.variable(), number));
      }
      numbers.put(port, number);
    }
    return new Ports(numbers);
  }

  private static int number(
      Map<String, String> environment, String variable, int byDefault, int least, int most) {
    String value = environment.getOrDefault(variable, "").strip();
    if (value.isEmpty()) {
      return byDefault;
    }
    if (value.matches("[0-9]{1,5}")) {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new StackException(
        "%s is '%s': set it to a whole number from %d to %d."
            .formatted(variable, value, least, most));
  }

  public int of(Port port) {
    return Objects.requireNonNull(numbers.get(port), port.variable());
  }

  /** Returns the URL of a part, such as {@code http://127.0.0.1:5000}. */
  public String url(Port port) {
    return "http://127.0.0.1:" + of(port);
  }

  /** Returns the ports as the variables that the parts' configurations read. */
  public Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>();
    numbers.forEach((port, number) -> variables.put(port.variable(), String.valueOf(number)));
    return variables;
  }

  /**
   * Checks that the ports of all parts are free, except that of the blackbox exporter.
   *
   * @throws StackException when one is not; the message names every taken port, its holder and the
   *     variable that moves it
   */
  void requireFree() {
    List<String> taken = new ArrayList<>();
    for (var port : EnumSet.complementOf(EnumSet.of(Port.BLACKBOX_EXPORTER))) {
      taken(port).ifPresent(taken::add);
    }
    if (!taken.isEmpty()) {
      taken.add("%s=1000 adds 1000 to each port whose variable is not set.".formatted(OFFSET));
      throw new StackException(String.join("\n", taken));
    }
  }

  /** Says who holds a port, and which variable moves it; empty if the port is free. */
  Optional<String> taken(Port port) {
    return PortHolder.on(of(port))
        .map(
            holder ->
                "Port %d is taken by %s: stop it, or set %s to another port."
                    .formatted(of(port), holder, port.variable()));
  }
}
