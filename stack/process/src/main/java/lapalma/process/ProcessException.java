package lapalma.process;

/** A program cannot be run, or does not do its part; the message says why, in a sentence. */
public class ProcessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProcessException(String sentence) {
    super(sentence);
  }
}
