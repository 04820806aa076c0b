package lapalma.compare.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import lapalma.compare.LabException;

/**
 * The cores of the server, and the cores of the load generator, the fake backend and the lab
 * itself.
 */
public record CpuPinning(Set<Integer> server, Set<Integer> generator) {
  /** The number of the machine's cores, read before the lab moves to its own. */
  public static final int OF_MACHINE = Runtime.getRuntime().availableProcessors();

  private static final int ATTEMPTS = 10;

  /**
   * Divides the cores of this machine.
   *
   * @param ofServer the number of the server's; 0 for half of them
   */
  public static CpuPinning ofMachine(int ofServer) {
    List<Set<Integer>> physical =
        IntStream.range(0, OF_MACHINE)
            .mapToObj(
                thread ->
                    ProcFs.siblings(thread).stream()
                        .filter(sibling -> sibling < OF_MACHINE)
                        .collect(Collectors.toUnmodifiableSet()))
            .distinct()
            .toList();
    return of(physical, ofServer);
  }

  /**
   * Gives the first half of the cores to the server. The hardware threads of a physical core stay
   * together, because they slow each other down. Only a single physical core is divided.
   *
   * @param physical the hardware threads of each physical core
   * @param ofServer the number of the server's physical cores; 0 for half of them
   */
  static CpuPinning of(List<Set<Integer>> physical, int ofServer) {
    List<Set<Integer>> cores =
        physical.size() > 1
            ? physical
            : physical.get(0).stream().sorted().<Set<Integer>>map(Set::of).toList();
    if (cores.size() < 2) {
      throw new LabException(
          "This machine has one core: the server and the load generator need one each.");
    }
    if (ofServer >= cores.size()) {
      throw new LabException(
          "The app's file asks for %d cores, and this machine has %d: leave one to the load generator."
              .formatted(ofServer, cores.size()));
    }
    int end = ofServer > 0 ? ofServer : cores.size() / 2;
    return new CpuPinning(union(cores.subList(0, end)), union(cores.subList(end, cores.size())));
  }

  private static Set<Integer> union(List<Set<Integer>> cores) {
    return cores.stream().flatMap(Set::stream).collect(Collectors.toCollection(TreeSet::new));
  }

  public List<String> onServer(List<String> command) {
    return on(server, command);
  }

  public List<String> onGenerator(List<String> command) {
    return on(generator, command);
  }

  /** Allows all cores, for what the lab does not measure. */
  public List<String> onAny(List<String> command) {
    return on(all(), command);
  }

  private Set<Integer> all() {
    Set<Integer> all = new TreeSet<>(server);
    all.addAll(generator);
    return all;
  }

  private static List<String> on(Set<Integer> cores, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("taskset", "--cpu-list", list(cores)));
    whole.addAll(command);
    return whole;
  }

  /** Moves this program to the cores of the generator. */
  public void moveLab() {
    move(ProcessHandle.current().pid(), generator);
  }

  /** Lets a server run on all cores. */
  public void widen(long pid) {
    move(pid, all());
  }

  /** Takes a server back to its own cores. */
  public void narrow(long pid) {
    move(pid, server);
  }

  /**
   * Moves all threads of a process; threads that it starts later follow. taskset fails where a
   * thread ends meanwhile, and misses a thread that begins meanwhile, so the result is checked.
   */
  private static void move(long pid, Set<Integer> cores) {
    String list = list(cores);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Subprocess.run(
          List.of(
              "sh",
              "-c",
              "taskset --all-tasks --cpu-list --pid %s %d || true".formatted(list, pid)));
      if (ProcFs.allowedCores(pid).equals(Set.copyOf(cores))) {
        return;
      }
    }
    throw new LabException(
        "Process %d cannot be moved to the cores %s: are they all available?".formatted(pid, list));
  }

  private static String list(Set<Integer> cores) {
    return cores.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
