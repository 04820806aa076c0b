package lapalma.compare;

/** Says in one sentence why the lab cannot start or continue, or what to change. */
public final class LabException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LabException(String sentence) {
    super(sentence);
  }

  public LabException(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** Returns the first line of an exception's message, for a sentence to quote. */
  public static String firstLine(Exception cause) {
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
  }
}
