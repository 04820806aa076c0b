package lapalma.compare.score;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import lapalma.compare.backend.Otlp.From;
import lapalma.compare.result.Score.Name;
import lapalma.compare.result.Score.Trouble;

/** Compares the names that arrived with those of the semantic conventions. */
record Conventions(Registry registry) {

  /** What is wrong with the name of an attribute at a level, and what the conventions say. */
  private record Fault(Trouble trouble, String note) {}

  private record Place(Level level, String key) {}

  /** Returns each name that is not in the conventions as it was used, with how often it was. */
  List<Name> troubles(Arrived arrived) {
    List<Name> troubles = new ArrayList<>();
    Map<Place, Integer> counts = new HashMap<>();
    eachAttribute(arrived, (level, key) -> counts.merge(new Place(level, key), 1, Integer::sum));
    counts.forEach(
        (place, count) ->
            fault(place)
                .ifPresent(
                    fault ->
                        troubles.add(
                            new Name(
                                fault.trouble(),
                                place.level().text(),
                                place.key(),
                                count,
                                fault.note()))));
    Set<List<String>> judged = new HashSet<>();
    for (From<Metric> from : arrived.metrics()) {
      String name = from.item().getName();
      String unit = from.item().getUnit();
      if (judged.add(List.of(name, unit))) {
        metricFault(name, unit)
            .ifPresent(
                fault ->
                    troubles.add(
                        new Name(
                            fault.trouble(),
                            "metric name",
                            name,
                            arrived.metrics().stream()
                                .map(From::item)
                                .filter(
                                    other ->
                                        other.getName().equals(name)
                                            && other.getUnit().equals(unit))
                                .count(),
                            fault.note())));
      }
    }
    troubles.sort(
        Comparator.comparing(Name::trouble).thenComparing(Name::place).thenComparing(Name::name));
    return troubles;
  }

  /** Passes on each attribute with the level at which it stands. */
  static void eachAttribute(Arrived arrived, BiConsumer<Level, String> receiver) {
    arrived
        .resources()
        .forEach(resource -> each(Level.RESOURCE, resource.getAttributesList(), receiver));
    arrived
        .spans()
        .forEach(
            from -> {
              each(Level.SPAN, from.item().getAttributesList(), receiver);
              from.item()
                  .getEventsList()
                  .forEach(event -> each(Level.LOG, event.getAttributesList(), receiver));
            });
    arrived
        .metrics()
        .forEach(
            from ->
                Arrived.points(from.item()).forEach(point -> each(Level.METRIC, point, receiver)));
    arrived.logs().forEach(from -> each(Level.LOG, from.item().getAttributesList(), receiver));
  }

  private static void each(
      Level level, List<KeyValue> attributes, BiConsumer<Level, String> receiver) {
    attributes.forEach(attribute -> receiver.accept(level, attribute.getKey()));
  }

  private Optional<Fault> fault(Place place) {
    Optional<Registry.Attribute> known = registry.attribute(place.key());
    if (known.isEmpty()) {
      return Optional.of(new Fault(Trouble.UNKNOWN, ""));
    }
    if (!known.get().deprecated().isEmpty()) {
      return Optional.of(new Fault(Trouble.DEPRECATED, known.get().deprecated()));
    }
    return known.get().fits(place.level())
        ? Optional.empty()
        : Optional.of(new Fault(Trouble.MISPLACED, levels(known.get())));
  }

  static String levels(Registry.Attribute attribute) {
    return "Belongs on: "
        + String.join(", ", attribute.levels().stream().map(Level::text).toList())
        + ".";
  }

  private Optional<Fault> metricFault(String name, String unit) {
    Optional<Registry.Metric> known = registry.metric(name);
    if (known.isEmpty()) {
      return Optional.of(new Fault(Trouble.UNKNOWN, ""));
    }
    if (!known.get().deprecated().isEmpty()) {
      return Optional.of(new Fault(Trouble.DEPRECATED, known.get().deprecated()));
    }
    return known.get().unit().equals(unit)
        ? Optional.empty()
        : Optional.of(
            new Fault(Trouble.OTHER_UNIT, "%s instead of %s.".formatted(unit, known.get().unit())));
  }
}
