package lapalma.compare;

/**
 * What a load generator has done.
 *
 * @param requests that were answered
 * @param seconds that they took
 * @param failed of them, those without a 200
 * @param headroom the share of its time in which the generator neither ran nor waited for a core
 */
record Load(long requests, double seconds, long failed, double headroom) {
  double rate() {
    return requests / seconds;
  }
}
