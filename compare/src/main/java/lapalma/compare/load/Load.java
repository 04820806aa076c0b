package lapalma.compare.load;

/**
 * What a load generator has done.
 *
 * @param requests that were answered
 * @param seconds that they took
 * @param failed those without a 200, and those without an answer, which are not among them
 * @param headroom the share of its time in which the generator neither ran nor waited for a core
 */
public record Load(long requests, double seconds, long failed, double headroom) {
  public double rate() {
    return requests / seconds;
  }
}
