package lapalma.compare.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The trials of a run. The plan is fixed when the run is first started.
 *
 * @param loadProfile in the file under its former name, which runs of earlier builds have
 * @param app that the run measures; some variants are an app of their own
 * @param left variants that cannot run, and the reasons
 * @param bytesOnDisk the size of the files that each variant attaches
 * @param versions of what each variant attaches: the agent, and the SDK inside
 * @param burnNanos the CPU time that the planted variant burns for each request
 */
public record Plan(
    long seed,
    int rounds,
    @JsonProperty("effort") LoadProfile loadProfile,
    App app,
    List<Variant> variants,
    Map<String, Long> bytesOnDisk,
    Map<String, String> versions,
    Map<String, String> left,
    long burnNanos) {

  /** One process to measure. */
  public record Step(int round, Variant variant) {}

  /** Returns every variant once for each round, in an order that the seed decides. */
  @JsonIgnore
  public List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      List<Variant> shuffled = new ArrayList<>(variants);
      Collections.shuffle(shuffled, new Random(seed + round));
      for (Variant variant : shuffled) {
        steps.add(new Step(round, variant));
      }
    }
    return steps;
  }

  public Plan withBurn(long nanos) {
    return new Plan(seed, rounds, loadProfile, app, variants, bytesOnDisk, versions, left, nanos);
  }
}
