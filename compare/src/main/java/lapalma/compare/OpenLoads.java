package lapalma.compare;

import java.util.List;
import java.util.Optional;

/**
 * The generators of the open load.
 *
 * @param fortio where a plan offers shares of saturation
 */
record OpenLoads(Vegeta vegeta, Optional<Fortio> fortio) {

  static OpenLoads find(Project project, List<Variant> variants, Cores cores) {
    boolean shares = variants.stream().anyMatch(variant -> variant.workload().share() > 0);
    return new OpenLoads(
        new Vegeta(project.generator("vegeta"), cores),
        shares ? Optional.of(new Fortio(project.generator("fortio"), cores)) : Optional.empty());
  }

  /** Vegeta, but for shares of saturation: it does not reach the larger ones. */
  OpenLoad under(Workload workload) {
    return workload.share() > 0 ? fortio.orElseThrow() : vegeta;
  }

  /** Names and versions. */
  String versions() {
    return vegeta.version() + fortio.map(load -> ", " + load.version()).orElse("");
  }
}
