package lapalma.stack;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import lapalma.process.Children;
import lapalma.process.ProcessException;
import lapalma.process.Wait;

/**
 * {@code make fault}: breaks the dice server of a running {@code make up}, or its Jaeger, from
 * outside. It touches only processes that this {@code make up} has started.
 *
 * <p>Exit code 1, with a sentence, when there is no such fault or nothing to break.
 */
public final class FaultCommand {
  private static final Set<String> OF_ROLLS = Set.of("errors", "slow", "loaded", "hang", "memory");

  /** Longer than the two waits at a start of dice: for the app, and for the agent. */
  private static final Duration BACK = Duration.ofSeconds(130);

  private final Path root;
  private final Ports ports;
  private final RunFolder folder;

  private FaultCommand(Path root, Ports ports) {
    this.root = root;
    this.ports = ports;
    this.folder = RunFolder.of(root, ports);
  }

  public static void main(String[] args) {
    try {
      new FaultCommand(Path.of("").toAbsolutePath(), Ports.from(System.getenv()))
          .run(args.length == 1 ? args[0] : "");
    } catch (ProcessException | IOException | UncheckedIOException e) {
      System.err.println(ProcessException.sentence(e));
      System.exit(1);
    }
  }

  private void run(String fault) throws IOException {
    switch (fault) {
      case "kill" -> kill();
      case "jaeger" -> Children.signal("STOP", part("jaeger"));
      case "none" -> endAll();
      default -> {
        if (!OF_ROLLS.contains(fault)) {
          throw new StackException(
              "FAULT is '%s': set it to errors, slow, loaded, hang, memory, kill, jaeger or none."
                  .formatted(fault));
        }
        inject(root, dice(), fault);
      }
    }
    System.out.println(
        fault.equals("none")
            ? "No fault is on"
            : "Fault %s is on: make fault FAULT=none ends it".formatted(fault));
  }

  private void kill() throws IOException {
    ProcessHandle dice = dice();
    // Before the kill: the launcher reads the file as soon as dice has ended.
    folder.keepDiceAway();
    dice.destroyForcibly();
  }

  private void endAll() throws IOException {
    Children.signal("CONT", part("jaeger"));
    if (!folder.diceIsAway()) {
      inject(root, dice(), "none");
      return;
    }
    folder.wantDiceBack();
    Wait.until(
        "make up has started dice again",
        BACK,
        () -> {
          folder.requireLauncher(ports);
          return folder.diceIsAway() ? Wait.notYet("not yet") : Wait.found(true);
        });
  }

  private ProcessHandle dice() {
    if (folder.diceIsAway()) {
      folder.requireLauncher(ports);
      throw new StackException("dice was killed: bring it back with make fault FAULT=none first.");
    }
    return part("dice");
  }

  private ProcessHandle part(String name) {
    folder.requireLauncher(ports);
    return folder
        .part(name)
        .process()
        .orElseThrow(
            () ->
                new StackException(
                    "make up is ending, because %s does not run: run make up again."
                        .formatted(name)));
  }

  /**
   * Loads the fault agent into a JVM, or changes the fault of the agent that is loaded.
   *
   * @param fault {@code errors}, {@code slow}, {@code loaded}, {@code hang}, {@code memory}, or
   *     {@code none}, which ends the fault
   * @throws StackException when the JVM does not take the agent, or the agent knows no such fault
   */
  public static void inject(Path root, ProcessHandle jvm, String fault) {
    try {
      VirtualMachine machine = VirtualMachine.attach(String.valueOf(jvm.pid()));
      try {
        machine.loadAgent(root.resolve("stack/faults/target/faults.jar").toString(), fault);
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
}
