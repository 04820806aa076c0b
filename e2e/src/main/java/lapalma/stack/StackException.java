package lapalma.stack;

/** The stack cannot start or go on; the message says why, or what to change, in a sentence. */
final class StackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StackException(String sentence) {
    super(sentence);
  }
}
