package lapalma.compare.host;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lapalma.compare.LabException;
import lapalma.process.Command;

/**
 * A program that ran to its end, and the share of a core that it left unused.
 *
 * @param headroom 1 minus the share of the time in which the program's threads ran or waited for a
 *     core; negative where several threads waited at once
 */
public record WatchedProgram(String output, double headroom) {
  private static final long LOOK_MILLIS = 100;

  /**
   * Runs a program to its end.
   *
   * @throws LabException when it cannot be started, or ends with another exit code than 0
   */
  public static WatchedProgram run(List<String> command) {
    Process process = Subprocess.start(new ProcessBuilder(command).redirectErrorStream(true));
    var output = CompletableFuture.supplyAsync(() -> Command.read(process.getInputStream()));
    long begin = System.nanoTime();
    long seen = begin;
    var last = new ProcFs.Scheduling(0, 0);
    try {
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        ProcFs.Scheduling now = ProcFs.scheduling(process.pid());
        // The threads end one by one, and the sum over the living ones falls.
        if (now.ran() + now.waited() >= last.ran() + last.waited()) {
          last = now;
          seen = System.nanoTime();
        }
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new LabException("Interrupted.", e);
    }
    if (process.exitValue() != 0) {
      throw new LabException(
          "'%s' ended with exit code %d: %s"
              .formatted(String.join(" ", command), process.exitValue(), output.join().strip()));
    }
    double seconds = (seen - begin) / 1e9;
    return new WatchedProgram(
        output.join(), seconds > 0 ? 1 - (last.ran() + last.waited()) / seconds : 0);
  }
}
