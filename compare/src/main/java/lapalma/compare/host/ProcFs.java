package lapalma.compare.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lapalma.compare.LabException;

/** Reads the kernel's accounts: see proc(5). */
public final class ProcFs {
  /** USER_HZ, which is 100 on every architecture that Linux has a JDK for. */
  public static final double TICKS_PER_SECOND = 100;

  /** HotSpot's compiler threads. The kernel cuts the names of threads to 15 characters. */
  private static final Pattern COMPILER = Pattern.compile("\\d+ \\(C[12] CompilerThre\\)");

  /** CPU seconds of a process or of a thread. */
  public record Cpu(double user, double system) {
    public double total() {
      return user + system;
    }
  }

  /** Memory in bytes, and the number of threads. */
  public record Status(long resident, int threads) {}

  /** Seconds of one core since boot. */
  public record Core(double busy, double stolen) {}

  /** How long a process's threads have run, and have waited for a core, in seconds. */
  record Scheduling(double ran, double waited) {}

  private ProcFs() {}

  public static Cpu cpu(long pid) {
    return parseCpu(read("/proc/%d/stat".formatted(pid)));
  }

  /**
   * Parses the CPU time. The program's name is in parentheses and may hold any character, so fields
   * are counted from its end.
   */
  static Cpu parseCpu(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return new Cpu(
        Long.parseLong(fields[11]) / TICKS_PER_SECOND,
        Long.parseLong(fields[12]) / TICKS_PER_SECOND);
  }

  /** Returns the CPU seconds of each living compiler thread of a JVM. */
  public static Map<Path, Double> compilers(long pid) {
    Map<Path, Double> seconds = new HashMap<>();
    for (Path thread : threads(pid)) {
      try {
        String stat = Files.readString(thread.resolve("stat"));
        if (COMPILER.matcher(stat).lookingAt()) {
          seconds.put(thread, parseCpu(stat).total());
        }
      } catch (IOException e) {
        // a thread that has just ended
      }
    }
    return seconds;
  }

  /** Returns the cores on which at least one thread of a process may run. */
  static Set<Integer> allowedCores(long pid) {
    Set<Integer> allowed = new TreeSet<>();
    for (Path thread : threads(pid)) {
      try {
        allowed.addAll(
            parseList(field(Files.readString(thread.resolve("status")), "Cpus_allowed_list:")));
      } catch (IOException e) {
        // a thread that has just ended
      }
    }
    return allowed;
  }

  /** Returns the hardware threads of the physical core that this one belongs to. */
  static Set<Integer> siblings(int thread) {
    Path list =
        Path.of("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list".formatted(thread));
    return Files.isReadable(list) ? parseList(read(list.toString()).strip()) : Set.of(thread);
  }

  /** Parses a list as the kernel writes it: {@code 0,2-4}. */
  static Set<Integer> parseList(String list) {
    Set<Integer> numbers = new TreeSet<>();
    for (String range : list.split(",")) {
      String[] ends = range.split("-");
      IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
          .forEach(numbers::add);
    }
    return numbers;
  }

  public static Status status(long pid) {
    return parseStatus(read("/proc/%d/status".formatted(pid)));
  }

  static Status parseStatus(String status) {
    return new Status(
        Long.parseLong(field(status, "VmRSS:").replace(" kB", "")) * 1024,
        Integer.parseInt(field(status, "Threads:")));
  }

  private static String field(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .orElseThrow(
            () -> new LabException("There is no %s in a process's status.".formatted(name)))
        .substring(name.length())
        .strip();
  }

  /** Returns the sum over some cores. */
  public static Core cores(Set<Integer> numbers) {
    return parseCores(read("/proc/stat"), numbers);
  }

  static Core parseCores(String stat, Set<Integer> numbers) {
    double busy = 0;
    double stolen = 0;
    for (String line : stat.lines().filter(line -> line.matches("cpu\\d+ .*")).toList()) {
      String[] fields = line.split(" +");
      if (numbers.contains(Integer.parseInt(fields[0].substring("cpu".length())))) {
        long[] ticks = Arrays.stream(fields).skip(1).mapToLong(Long::parseLong).toArray();
        // user, nice, system, irq, softirq; the fields between are idle, iowait; the next is steal
        busy += (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TICKS_PER_SECOND;
        stolen += ticks[7] / TICKS_PER_SECOND;
      }
    }
    return new Core(busy, stolen);
  }

  public static double loadAverage() {
    return Double.parseDouble(read("/proc/loadavg").split(" ")[0]);
  }

  /**
   * Returns the average frequency of the cores in MHz, or 0 where the machine does not report it.
   */
  public static double megahertz() {
    return read("/proc/cpuinfo")
        .lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("cpu mhz"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1)))
        .average()
        .orElse(0);
  }

  /** Returns the sum over the living threads, which is zero where the process has ended. */
  static Scheduling scheduling(long pid) {
    double ran = 0;
    double waited = 0;
    for (Path thread : threads(pid)) {
      try {
        String[] fields = Files.readString(thread.resolve("schedstat")).strip().split(" ");
        ran += Long.parseLong(fields[0]) / 1e9;
        waited += Long.parseLong(fields[1]) / 1e9;
      } catch (IOException e) {
        // a thread that has just ended
      }
    }
    return new Scheduling(ran, waited);
  }

  private static List<Path> threads(long pid) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/%d/task".formatted(pid)))) {
      return tasks.toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw LabException.because("%s cannot be read".formatted(file), e);
    }
  }
}
