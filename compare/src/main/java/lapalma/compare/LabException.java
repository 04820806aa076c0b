package lapalma.compare;

/** The lab cannot start or go on; the message says why, or what to change, in a sentence. */
public final class LabException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LabException(String sentence) {
    super(sentence);
  }

  public LabException(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** Returns what a sentence quotes of its cause. */
  public static String firstLine(Exception cause) {
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
  }
}
