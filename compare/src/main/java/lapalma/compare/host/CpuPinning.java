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

  /** Gives the first half of this machine's cores to the server. */
  public static CpuPinning ofMachine() {
    List<Set<Integer>> physical =
        IntStream.range(0, OF_MACHINE)
            .mapToObj(
                thread ->
                    ProcFs.siblings(thread).stream()
                        .filter(sibling -> sibling < OF_MACHINE)
                        .collect(Collectors.toUnmodifiableSet()))
            .distinct()
            .toList();
    return of(physical, OF_MACHINE);
  }

  /**
   * Gives about half of the cores to the server. The hardware threads of a physical core stay
   * together, unless there is only one: threads of the same core slow each other down.
   *
   * @param physical the hardware threads of each physical core
   * @param count the number of hardware threads
   */
  static CpuPinning of(List<Set<Integer>> physical, int count) {
    if (count < 2) {
      throw new LabException(
          "This machine has one core: the server and the load generator need one each.");
    }
    List<Integer> threads =
        physical.size() > 1
            ? physical.stream().flatMap(one -> one.stream().sorted()).toList()
            : IntStream.range(0, count).boxed().toList();
    int ofServer =
        physical.size() > 1
            ? physical.stream().limit(physical.size() / 2).mapToInt(Set::size).sum()
            : count / 2;
    return new CpuPinning(
        new TreeSet<>(threads.subList(0, ofServer)),
        new TreeSet<>(threads.subList(ofServer, threads.size())));
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
