package lapalma.compare.load;

import java.util.List;
import java.util.Optional;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.Project;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Workload;

/**
 * The generators of the open load.
 *
 * @param fortio present where a plan has shares of saturation
 */
public record OpenLoads(Vegeta vegeta, Optional<Fortio> fortio) {

  public static OpenLoads find(Project project, List<Variant> variants, CpuPinning pinning) {
    boolean shares = variants.stream().anyMatch(variant -> variant.workload().share() > 0);
    return new OpenLoads(
        new Vegeta(project.generator("compare/vegeta"), pinning),
        shares
            ? Optional.of(new Fortio(project.generator("tools/fortio"), pinning))
            : Optional.empty());
  }

  /**
   * Returns Fortio for a share of saturation, as Vegeta does not reach the larger ones, else
   * Vegeta.
   */
  public OpenLoad under(Workload workload) {
    return workload.share() > 0 ? fortio.orElseThrow() : vegeta;
  }

  /** Returns the names and versions of the generators. */
  public String versions() {
    return vegeta.version() + fortio.map(load -> ", " + load.version()).orElse("");
  }
}
