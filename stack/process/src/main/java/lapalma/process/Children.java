package lapalma.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The programs that this program has started. When this program ends, it ends them, unless it ends
 * by SIGKILL.
 *
 * <p>Each program is listed from its start on, before it is ready, so that an interrupt at any
 * moment ends it.
 */
public final class Children {
  /**
   * Longer than dice takes to stop: the longest drain, 60 s, and then up to 6.5 s for requests in
   * flight and the agent's last spans.
   */
  public static final Duration STOP = Duration.ofSeconds(75);

  private record Child(String name, Process process) {}

  private static final Deque<Child> STARTED = new ArrayDeque<>();
  private static boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Children::endAll, "end-children"));
  }

  private Children() {}

  /**
   * Starts a program in a session of its own: a Ctrl-C at the terminal reaches only this program,
   * which then ends the others in order.
   *
   * @throws ProcessException when this program is ending
   */
  public static synchronized Process start(String name, ProcessBuilder builder) throws IOException {
    if (ending) {
      throw new ProcessException("%s is not started: this program is ending.".formatted(name));
    }
    List<String> command = new ArrayList<>(builder.command());
    command.add(0, "setsid");
    Process process = builder.command(command).start();
    STARTED.removeIf(child -> !child.process().isAlive());
    STARTED.push(new Child(name, process));
    return process;
  }

  /** Returns whether this program is ending, so that the end of a child is not a failure. */
  public static synchronized boolean ending() {
    return ending;
  }

  /** Ends the newest first, so that the last spans of dice still reach Jaeger. */
  private static synchronized void endAll() {
    ending = true;
    for (Child child : STARTED) {
      if (child.process().isAlive()) {
        System.out.println("Stopping " + child.name());
        try {
          end(child.process().toHandle());
        } catch (RuntimeException e) {
          System.err.println("%s cannot be ended: %s".formatted(child.name(), e));
        }
      }
    }
  }

  /** Sends SIGTERM, and SIGKILL to a process that still runs after {@link #STOP}. */
  public static void end(ProcessHandle process) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    try {
      // A stopped process acts on SIGTERM once it is continued.
      signal("CONT", process);
    } catch (ProcessException e) {
      // The process has ended already.
    }
    if (!awaitExit(process)) {
      process.destroyForcibly();
      awaitExit(process);
    }
    descendants.forEach(ProcessHandle::destroy);
  }

  private static boolean awaitExit(ProcessHandle process) {
    try {
      process.onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Sends a signal that Java cannot send.
   *
   * @param name such as STOP
   * @throws ProcessException when there is no such process
   */
  public static void signal(String name, ProcessHandle process) {
    try {
      // The shell's own kill: a machine may lack the program of that name.
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -\"$0\" \"$1\"", name, String.valueOf(process.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (kill.waitFor() != 0) {
        throw new ProcessException("kill -%s %d failed.".formatted(name, process.pid()));
      }
    } catch (IOException e) {
      throw new ProcessException("sh cannot be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
