package lapalma.compare.score;

import io.opentelemetry.proto.resource.v1.Resource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lapalma.compare.result.Score.Verdict;

/** The rules about resources, and about the level at which an attribute stands. */
record ResourceRules(Arrived arrived, Registry registry) {
  private static final String INSTANCE = "service.instance.id";
  private static final String SERVICE = "service.name";

  List<Verdict> verdicts() {
    return List.of(
        present(Rule.RES_001, INSTANCE),
        unique(),
        podUid(),
        levels(),
        present(Rule.RES_005, SERVICE));
  }

  private Verdict present(Rule rule, String key) {
    var tally = new Tally(rule);
    arrived.resources().forEach(resource -> tally.check(has(resource, key), describe(resource)));
    return tally.verdict("resources");
  }

  private static boolean has(Resource resource, String key) {
    return Arrived.text(resource.getAttributesList(), key).isPresent();
  }

  private static String describe(Resource resource) {
    return "a resource with "
        + String.join(
            ", ",
            resource.getAttributesList().stream().map(pair -> pair.getKey()).sorted().toList());
  }

  /** Each process is a logical resource of its own. */
  private Verdict unique() {
    Map<List<String>, Integer> processes = new HashMap<>();
    int named = 0;
    for (var process : arrived.processes()) {
      Set<List<String>> own = new HashSet<>();
      Arrived.resources(process)
          .forEach(
              resource ->
                  Arrived.text(resource.getAttributesList(), INSTANCE)
                      .ifPresent(id -> own.add(List.of(service(resource), id))));
      named += own.isEmpty() ? 0 : 1;
      own.forEach(instance -> processes.merge(instance, 1, Integer::sum));
    }
    if (named == 0) {
      return Tally.notJudged(Rule.RES_002, "no resource has a service.instance.id");
    }
    if (named == 1) {
      return Tally.notJudged(Rule.RES_002, "only one process sent a service.instance.id");
    }
    var tally = new Tally(Rule.RES_002);
    processes.forEach(
        (instance, count) ->
            tally.check(
                count == 1,
                "%s of %s stands for %d processes"
                    .formatted(instance.get(1), instance.get(0), count)));
    return tally.verdict("instances", "processes: " + named);
  }

  private static String service(Resource resource) {
    return Arrived.text(resource.getAttributesList(), SERVICE).orElse("");
  }

  private Verdict podUid() {
    var tally = new Tally(Rule.RES_003);
    boolean any = false;
    for (Resource resource : arrived.resources()) {
      if (resource.getAttributesList().stream()
          .anyMatch(pair -> pair.getKey().startsWith("k8s.pod."))) {
        any = true;
        tally.check(has(resource, "k8s.pod.uid"), describe(resource));
      }
    }
    return any
        ? tally.verdict("resources of Kubernetes pods")
        : Tally.notJudged(Rule.RES_003, "no resource of a Kubernetes pod arrived");
  }

  private Verdict levels() {
    Map<String, Set<Level>> places = new TreeMap<>();
    Conventions.eachAttribute(
        arrived, (level, key) -> places.computeIfAbsent(key, any -> new HashSet<>()).add(level));
    var tally = new Tally(Rule.RES_004);
    places.forEach(
        (key, levels) ->
            registry
                .attribute(key)
                .ifPresent(
                    known ->
                        levels.forEach(
                            level ->
                                tally.check(
                                    known.fits(level),
                                    "%s on a %s. %s"
                                        .formatted(
                                            key, level.text(), Conventions.levels(known))))));
    return tally.verdict("known attributes at their levels");
  }
}
