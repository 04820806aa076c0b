package lapalma.stack;

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
 * The programs that this program has started. None of them outlives it.
 *
 * <p>Each is listed from its start on, before anyone waits for it to get ready, so that an
 * interrupt at any moment ends it.
 */
final class Children {
  /**
   * Longer than dice takes after its drain: up to 6.5 s for requests in flight and the agent's last
   * spans.
   */
  private static final Duration STOP = Duration.ofSeconds(15).plusSeconds(drainSeconds());

  private record Child(String name, Process process) {}

  private static final Deque<Child> STARTED = new ArrayDeque<>();
  private static boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Children::endAll, "end-children"));
  }

  private Children() {}

  /** How long dice is told to drain; a value that it refuses counts as 0. */
  private static int drainSeconds() {
    String value = System.getenv().getOrDefault("DRAIN_SECONDS", "");
    return value.matches("[0-9]{1,2}") ? Integer.parseInt(value) : 0;
  }

  /**
   * Starts a program in a session of its own: a Ctrl-C at the terminal reaches only this program,
   * which then ends the others in their order.
   *
   * @throws StackException when this program is ending
   */
  static synchronized Process start(String name, ProcessBuilder builder) throws IOException {
    if (ending) {
      throw new StackException("%s is not started: this program is ending.".formatted(name));
    }
    List<String> command = new ArrayList<>(builder.command());
    command.add(0, "setsid");
    Process process = builder.command(command).start();
    STARTED.removeIf(child -> !child.process().isAlive());
    STARTED.push(new Child(name, process));
    return process;
  }

  /** Whether the end of a child is what this program wants, and no failure. */
  static synchronized boolean ending() {
    return ending;
  }

  /** Ends the newest first: the spans that dice still delivers then reach Jaeger. */
  private static synchronized void endAll() {
    ending = true;
    for (Child child : STARTED) {
      if (child.process().isAlive()) {
        System.out.println("Stopping " + child.name());
        end(child.process().toHandle());
      }
    }
  }

  /** Sends SIGTERM, and SIGKILL to what still runs {@link #STOP} later. */
  static void end(ProcessHandle process) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    // A stopped process acts on SIGTERM once it is continued.
    signal("CONT", process);
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
   * @return whether there was a process to send it to
   */
  static boolean signal(String name, ProcessHandle process) {
    try {
      return new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      throw new StackException("kill cannot be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
