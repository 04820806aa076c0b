package lapalma.player;

/** A variable has a value that the player cannot run with; the message says what to change. */
final class BadSettingException extends Exception {
  private static final long serialVersionUID = 1L;

  BadSettingException(String sentence) {
    super(sentence);
  }
}
