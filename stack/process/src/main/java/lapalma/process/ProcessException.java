package lapalma.process;

import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Objects;

/** Says in one sentence why a program cannot run, or does not do its part. */
public class ProcessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProcessException(String sentence) {
    super(sentence);
  }

  /** Returns the sentence: there always is one. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** Returns the sentence of such an exception, or one that names another exception. */
  public static String sentence(Exception e) {
    if (e instanceof ProcessException said) {
      return said.getMessage();
    }
    Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
    String sentence = "The command cannot continue: %s.".formatted(e);
    return cause instanceof FileSystemException
        ? sentence + " Check that this user can write to the folder .run."
        : sentence;
  }
}
