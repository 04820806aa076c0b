package lapalma.stack;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * {@code make fault}: breaks a running dice server, or its Jaeger, from outside.
 *
 * <p>Exit code 1, with a sentence, when there is no such fault or nothing to break.
 */
public final class Fault {
  private static final Set<String> OF_ROLLS =
      Set.of("none", "errors", "slow", "loaded", "hang", "memory");

  private Fault() {}

  public static void main(String[] args) {
    try {
      String fault = args.length == 1 ? args[0] : "";
      Ports ports = Ports.from(System.getenv());
      Path root = Path.of("").toAbsolutePath();
      switch (fault) {
        case "kill" -> signal("KILL", holder(ports, Port.DICE));
        case "jaeger" -> signal("STOP", holder(ports, Port.JAEGER));
        case "none" -> {
          signal("CONT", holder(ports, Port.JAEGER));
          inject(root, holder(ports, Port.DICE), fault);
        }
        default -> {
          if (!OF_ROLLS.contains(fault)) {
            throw new StackException(
                "FAULT is '%s': set it to errors, slow, loaded, hang, memory, kill, jaeger or none."
                    .formatted(fault));
          }
          inject(root, holder(ports, Port.DICE), fault);
        }
      }
      System.out.printf("Fault %s is on%n", fault);
    } catch (StackException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static ProcessHandle holder(Ports ports, Port port) {
    return Listener.processOn(ports.of(port))
        .orElseThrow(
            () ->
                new StackException(
                    "Nothing of yours listens on port %d: run make up, or set %s to the port that it was given."
                        .formatted(ports.of(port), port.variable())));
  }

  /** Loads the fault agent into the JVM, or changes the fault of the one that is loaded. */
  static void inject(Path root, ProcessHandle jvm, String fault) {
    try {
      VirtualMachine machine = VirtualMachine.attach(String.valueOf(jvm.pid()));
      try {
        machine.loadAgent(root.resolve("e2e/faults/target/faults.jar").toString(), fault);
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException
        | AgentLoadException
        | AgentInitializationException
        | IOException e) {
      throw new StackException(
          "Fault %s cannot be put into process %d: %s".formatted(fault, jvm.pid(), e.getMessage()));
    }
  }

  static void signal(String name, ProcessHandle process) {
    try {
      int exitCode =
          new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
              .inheritIO()
              .start()
              .waitFor();
      if (exitCode != 0) {
        throw new StackException("kill -%s %d failed".formatted(name, process.pid()));
      }
    } catch (IOException e) {
      throw new StackException("kill cannot be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("Interrupted");
    }
  }
}
