package lapalma.compare.run;

import java.io.PrintStream;
import java.time.Duration;

/** Prints what is being done, and how long the rest will take. */
final class Progress {
  private final PrintStream out;
  private final boolean terminal;
  private final Duration guess;
  private final int steps;
  private int done;
  private int skipped;
  private int failed;
  private double seconds;

  /**
   * Prepares the progress of some steps.
   *
   * @param guess the duration of a step, until one is done
   */
  Progress(PrintStream out, boolean terminal, Duration guess, int steps) {
    this.out = out;
    this.terminal = terminal;
    this.guess = guess;
    this.steps = steps;
  }

  void skip() {
    skipped++;
  }

  void phase(String what, String phase) {
    if (terminal) {
      out.printf("\r\033[K%s %s: %s (%s)", count(ended() + 1), what, phase, left());
      out.flush();
    }
  }

  void done(String what, double stepSeconds) {
    done++;
    seconds += stepSeconds;
    out.printf(
        "%s%s %s: %.0f s; %s%n",
        terminal ? "\r\033[K" : "", count(ended()), what, stepSeconds, left());
  }

  void failed(String what, String why) {
    failed++;
    out.printf("%s%s %s: %s%n", terminal ? "\r\033[K" : "", count(ended()), what, why);
  }

  private int ended() {
    return done + skipped + failed;
  }

  private String count(int number) {
    return "[%d/%d]".formatted(number, steps);
  }

  String left() {
    double each = done == 0 ? guess.toSeconds() : seconds / done;
    return "about %s left"
        .formatted(text(Duration.ofSeconds(Math.round(each * (steps - ended())))));
  }

  static String text(Duration duration) {
    return duration.toMinutes() < 2
        ? duration.toSeconds() + " s"
        : duration.toMinutes() < 120
            ? duration.toMinutes() + " min"
            : "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart());
  }
}
