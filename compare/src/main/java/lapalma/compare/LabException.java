package lapalma.compare;

import java.nio.file.FileSystemException;
import java.util.Objects;

/** Says in one sentence why the lab cannot start or continue, or what to change. */
public final class LabException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LabException(String sentence) {
    super(sentence);
  }

  public LabException(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** Returns the sentence: there always is one. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /**
   * Names what failed, and why.
   *
   * @param what the sentence, without its end
   */
  public static LabException because(String what, Exception cause) {
    return new LabException("%s: %s".formatted(what, firstLine(cause)), cause);
  }

  /** Returns the first line of an exception's message, for a sentence to quote. */
  public static String firstLine(Exception cause) {
    // The message of this kind is only the name of a file.
    boolean unreasoned = cause instanceof FileSystemException file && file.getReason() == null;
    String said = unreasoned ? cause.toString() : String.valueOf(cause.getMessage());
    return said.lines().findFirst().orElse(cause.toString());
  }
}
