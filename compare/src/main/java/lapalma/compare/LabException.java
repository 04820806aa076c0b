package lapalma.compare;

/** The lab cannot start or go on; the message says why, or what to change, in a sentence. */
final class LabException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LabException(String sentence) {
    super(sentence);
  }

  LabException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
