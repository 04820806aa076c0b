package lapalma.stack;

import lapalma.process.ProcessException;

/** The stack cannot start or go on; the message says why, or what to change, in a sentence. */
public final class StackException extends ProcessException {
  private static final long serialVersionUID = 1L;

  public StackException(String sentence) {
    super(sentence);
  }
}
