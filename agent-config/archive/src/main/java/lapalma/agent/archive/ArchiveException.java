package lapalma.agent.archive;

/** The archive cannot be made; the message is a sentence for whoever asked for it. */
final class ArchiveException extends RuntimeException {
  ArchiveException(String message) {
    super(message);
  }
}
