package lapalma.agent.seal;

/** The app cannot be sealed; the message is a sentence for whoever asked for it. */
final class SealException extends RuntimeException {
  SealException(String message) {
    super(message);
  }
}
