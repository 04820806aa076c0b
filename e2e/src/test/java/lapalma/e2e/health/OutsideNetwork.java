package lapalma.e2e.health;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import lapalma.process.Command;

/**
 * A network namespace that one veth pair connects to this machine. A firewall can block the
 * connection. Needs root.
 */
final class OutsideNetwork implements AutoCloseable {
  private final int number = ThreadLocalRandom.current().nextInt(1, 16_000);
  private final String name = "outside-" + number;
  private final String subnet = "10.214.%d.%d".formatted(number / 64, number % 64 * 4);

  OutsideNetwork() {
    run("ip", "netns", "add", name);
    try {
      // The name of an interface has at most 15 characters.
      run("ip", "link", "add", "out" + number, "type", "veth", "peer", "name", "in", "netns", name);
      run("ip", "addr", "add", machine() + "/30", "dev", "out" + number);
      run("ip", "link", "set", "out" + number, "up");
      run("ip", "-n", name, "addr", "add", inside() + "/30", "dev", "in");
      run("ip", "-n", name, "link", "set", "in", "up");
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Returns whether this user may make one, for {@code @EnabledIf}. */
  static boolean canBeMade() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** Returns the address of this machine, as it is reached from inside. */
  String machine() {
    return address(1);
  }

  /** Returns the address inside, as it is reached from this machine. */
  String inside() {
    return address(2);
  }

  private String address(int host) {
    int dot = subnet.lastIndexOf('.');
    return subnet.substring(0, dot + 1) + (Integer.parseInt(subnet.substring(dot + 1)) + host);
  }

  /** Returns a command that runs another one inside. */
  List<String> command(List<String> command) {
    return Stream.concat(Stream.of("ip", "netns", "exec", name), command.stream()).toList();
  }

  /** Drops what is sent from inside to a port, without an answer. */
  void close(int port) {
    firewall("-A", port);
  }

  void open(int port) {
    firewall("-D", port);
  }

  private void firewall(String action, int port) {
    List<String> rule =
        List.of(
            "iptables", "-w", action, "OUTPUT", "-p", "tcp", "--dport", "" + port, "-j", "DROP");
    run(command(rule).toArray(String[]::new));
  }

  private static void run(String... command) {
    Command.run(List.of(command)).orFail();
  }

  /** Removes the namespace and both ends of the veth pair. */
  @Override
  public void close() {
    run("ip", "netns", "del", name);
  }
}
