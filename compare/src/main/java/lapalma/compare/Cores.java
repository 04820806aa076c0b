package lapalma.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which cores the server has, and which the load generator, the stand-ins for backends and the lab
 * itself.
 */
record Cores(Set<Integer> server, Set<Integer> generator) {
  /** Those of the machine: asked before the lab moves to its own part of them. */
  static final int OF_MACHINE = Runtime.getRuntime().availableProcessors();

  /** The server takes the first half of the machine. */
  static Cores of(int count) {
    if (count < 2) {
      throw new LabException(
          "This machine has one core: server and generator need one each, so take a machine with two.");
    }
    int half = count / 2;
    return new Cores(range(0, half), range(half, count));
  }

  private static Set<Integer> range(int from, int to) {
    return IntStream.range(from, to).boxed().collect(Collectors.toCollection(TreeSet::new));
  }

  List<String> onServer(List<String> command) {
    return on(server, command);
  }

  List<String> onGenerator(List<String> command) {
    return on(generator, command);
  }

  /** Where nothing is measured, all cores are for all. */
  List<String> onAny(List<String> command) {
    Set<Integer> all = new TreeSet<>(server);
    all.addAll(generator);
    return on(all, command);
  }

  private static List<String> on(Set<Integer> cores, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("taskset", "--cpu-list", list(cores)));
    whole.addAll(command);
    return whole;
  }

  /** Moves this program, with all its threads, to the cores of the generator. */
  void moveLab() {
    Commands.run(
        List.of(
            "taskset",
            "--all-tasks",
            "--cpu-list",
            "--pid",
            list(generator),
            String.valueOf(ProcessHandle.current().pid())));
  }

  private static String list(Set<Integer> cores) {
    return cores.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
