package lapalma.process;

/** Says in one sentence why a program cannot run, or does not do its part. */
public class ProcessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProcessException(String sentence) {
    super(sentence);
  }

  /** Returns the sentence of such an exception, or one that names another exception. */
  public static String sentence(Exception e) {
    return e instanceof ProcessException
        ? e.getMessage()
        : "The command cannot continue: %s. Check that this user can write to the folder .run."
            .formatted(e);
  }
}
