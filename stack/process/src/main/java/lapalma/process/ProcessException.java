package lapalma.process;

/** Says in one sentence why a program cannot run, or does not do its part. */
public class ProcessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProcessException(String sentence) {
    super(sentence);
  }
}
