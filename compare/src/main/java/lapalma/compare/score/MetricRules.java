package lapalma.compare.score;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.backend.Otlp.From;
import lapalma.compare.result.Score.Verdict;

/** The rules about metrics. */
record MetricRules(Arrived arrived, Registry registry, Units units) {
  private static final int TOO_MANY_VALUES = 10_000;

  private static final List<Rule> ALL =
      List.of(Rule.MET_001, Rule.MET_002, Rule.MET_003, Rule.MET_004, Rule.MET_005, Rule.MET_006);

  List<Verdict> verdicts() {
    return arrived.metrics().isEmpty()
        ? ALL.stream().map(rule -> Tally.notJudged(rule, "no metric arrived over OTLP")).toList()
        : List.of(cardinality(), useful(), sameUnit(), sameBuckets(), unitInName(), attributeKey());
  }

  private Verdict cardinality() {
    Map<String, Set<AnyValue>> values = new TreeMap<>();
    for (From<Metric> from : arrived.metrics()) {
      for (List<KeyValue> point : Arrived.points(from.item())) {
        for (KeyValue attribute : point) {
          values
              .computeIfAbsent(
                  "%s of %s".formatted(attribute.getKey(), from.item().getName()),
                  any -> new HashSet<>())
              .add(attribute.getValue());
        }
      }
    }
    var tally = new Tally(Rule.MET_001);
    values.forEach(
        (key, all) ->
            tally.check(
                all.size() < TOO_MANY_VALUES, "%s has %d values".formatted(key, all.size())));
    return tally.verdict(
        "attributes",
        "at most %d values in this run"
            .formatted(values.values().stream().mapToInt(Set::size).max().orElse(0)));
  }

  private Verdict useful() {
    var tally = new Tally(Rule.MET_002);
    unitsByName()
        .forEach(
            (name, all) ->
                all.forEach(
                    unit ->
                        tally.check(
                            units.isValid(unit),
                            unit.isEmpty()
                                ? name + " has no unit"
                                : "%s has the unit '%s', which UCUM does not know"
                                    .formatted(name, unit))));
    return tally.verdict("metrics");
  }

  private Verdict sameUnit() {
    var tally = new Tally(Rule.MET_003);
    unitsByName()
        .forEach((name, all) -> tally.check(all.size() == 1, "%s has %s".formatted(name, all)));
    return tally.verdict("metrics");
  }

  private Map<String, Set<String>> unitsByName() {
    return byName(metric -> Stream.of(metric.getUnit()));
  }

  private Verdict sameBuckets() {
    Map<String, Set<List<Double>>> buckets =
        arrived.metrics().stream()
            .map(From::item)
            .filter(Metric::hasHistogram)
            .collect(
                Collectors.groupingBy(
                    Metric::getName,
                    TreeMap::new,
                    Collectors.flatMapping(
                        metric ->
                            metric.getHistogram().getDataPointsList().stream()
                                .map(HistogramDataPoint::getExplicitBoundsList),
                        Collectors.toSet())));
    var tally = new Tally(Rule.MET_004);
    buckets.forEach((name, all) -> tally.check(all.size() <= 1, "%s has %s".formatted(name, all)));
    return tally.verdict("histograms");
  }

  private Verdict unitInName() {
    var tally = new Tally(Rule.MET_005);
    unitsByName()
        .forEach(
            (name, all) -> {
              Set<String> words = new HashSet<>();
              for (String word : name.split("[._-]|(?<=[a-z])(?=[A-Z])")) {
                words.add(word);
                words.add(word.toLowerCase(Locale.ROOT));
              }
              all.forEach(
                  unit -> {
                    Set<String> named = new TreeSet<>(Units.words(unit));
                    named.retainAll(words);
                    tally.check(
                        named.isEmpty(),
                        "%s names its unit %s: %s".formatted(name, unit, String.join(", ", named)));
                  });
            });
    return tally.verdict("metrics");
  }

  private Verdict attributeKey() {
    var tally = new Tally(Rule.MET_006);
    byName(metric -> Stream.of(metric.getName()))
        .keySet()
        .forEach(name -> tally.check(!registry.attributes().containsKey(name), name));
    return tally.verdict("metrics");
  }

  private Map<String, Set<String>> byName(Function<Metric, Stream<String>> values) {
    return arrived.metrics().stream()
        .map(From::item)
        .collect(
            Collectors.groupingBy(
                Metric::getName,
                TreeMap::new,
                Collectors.flatMapping(values, Collectors.toCollection(TreeSet::new))));
  }
}
