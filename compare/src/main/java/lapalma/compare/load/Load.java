package lapalma.compare.load;

/**
 * The result of a load.
 *
 * @param requests answered requests
 * @param seconds the duration of the load
 * @param failed requests answered with a status of 400 or more, and requests without an answer,
 *     which {@code requests} does not include
 * @param headroom the share of the time in which the generator neither ran nor waited for a core
 */
public record Load(long requests, double seconds, long failed, double headroom) {
  /** Returns the answered requests per second. */
  public double rate() {
    return requests / seconds;
  }
}
