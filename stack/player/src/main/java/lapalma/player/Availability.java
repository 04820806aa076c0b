package lapalma.player;

import java.net.URI;
import java.util.Optional;

/**
 * Whether dice answers, reported only when that changes. For several threads.
 *
 * <p>A request without an answer is reported only at its timeout. Dice may have answered later
 * requests by then, so an event of a request older than the newest one does not count.
 */
final class Availability {
  private final URI target;
  private long newest;

  /** The page that got no answer; null while dice answers. */
  private Page silent;

  Availability(URI target) {
    this.target = target;
  }

  /** Returns the sentence to print if dice answers again. */
  synchronized Optional<String> answered(long request, Page page) {
    // When its rolls hang, dice still answers that a page is missing.
    if (!isNews(request) || silent == null || (page != silent && page != Page.ROLL)) {
      return Optional.empty();
    }
    silent = null;
    return Optional.of("%s answers again.".formatted(target));
  }

  /**
   * Returns the sentence to print if dice has answered until now.
   *
   * @param reason such as no connection
   */
  synchronized Optional<String> unanswered(long request, Page page, String reason) {
    if (!isNews(request) || silent != null) {
      return Optional.empty();
    }
    silent = page;
    return Optional.of(
        "%s does not answer (%s). The player goes on and says when it answers again."
            .formatted(target, reason));
  }

  private boolean isNews(long request) {
    if (request < newest) {
      return false;
    }
    newest = request;
    return true;
  }
}
