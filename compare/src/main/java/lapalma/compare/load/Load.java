package lapalma.compare.load;

/**
 * The result of a load.
 *
 * @param requests answered requests
 * @param seconds the duration of the load
 * @param failed requests without a 200, and requests without an answer, which {@code requests} does
 *     not include
 * @param headroom the share of the time in which the generator neither ran nor waited for a core
 */
public record Load(long requests, double seconds, long failed, double headroom) {
  public double rate() {
    return requests / seconds;
  }
}
