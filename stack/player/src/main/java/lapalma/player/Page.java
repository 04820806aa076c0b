package lapalma.player;

import java.util.function.DoubleSupplier;

/** The page that a request asks for. */
enum Page {
  ROLL("/"),
  /** Fails by design. */
  FAIL("/fail"),
  /** Dice has no such page and answers 404, which the objective does not count. */
  MISSING("/missing");

  /** Early, so that Jaeger has a failed trace seconds after the start. */
  private static final long FIRST_FAILURE = 10;

  private static final long EACH_MISSING = 20;

  private final String path;

  Page(String path) {
    this.path = path;
  }

  String path() {
    return path;
  }

  /**
   * Returns the page that a request asks for.
   *
   * @param request the number of the request, from 1 on
   * @param failures the share of requests for {@link #FAIL}, 0 to 1
   * @param random a number from 0 to below 1
   */
  static Page of(long request, double failures, DoubleSupplier random) {
    if (request == FIRST_FAILURE) {
      return FAIL;
    }
    if (request % EACH_MISSING == 0) {
      return MISSING;
    }
    return random.getAsDouble() < failures ? FAIL : ROLL;
  }
}
