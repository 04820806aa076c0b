package lapalma.compare.score;

import lapalma.compare.result.Score.Impact;

/**
 * The rules of the Instrumentation Score specification, version 0.1, with the titles and impacts of
 * their files.
 */
enum Rule {
  RES_001(Impact.NORMAL, "service.instance.id is present"),
  RES_002(Impact.IMPORTANT, "service.instance.id is unique within a service.name"),
  RES_003(Impact.IMPORTANT, "k8s.pod.uid is present on Kubernetes"),
  RES_004(Impact.IMPORTANT, "Attributes of the semantic conventions are used at the right level"),
  RES_005(Impact.CRITICAL, "service.name is present"),
  SPA_001(Impact.NORMAL, "Traces contain a limited number of INTERNAL spans per service"),
  SPA_002(Impact.NORMAL, "Traces do not contain orphan spans"),
  SPA_003(Impact.IMPORTANT, "Span names have bound cardinality"),
  SPA_004(Impact.IMPORTANT, "Root spans are not CLIENT spans"),
  SPA_005(Impact.IMPORTANT, "Traces do not contain a high number of short duration spans"),
  MET_001(Impact.IMPORTANT, "Metric attributes have bound cardinality"),
  MET_002(Impact.IMPORTANT, "Metrics have useful metric units"),
  MET_003(Impact.IMPORTANT, "Metric names are consistently associated with the same metric unit"),
  MET_004(Impact.NORMAL, "Histograms use the same buckets per metric name"),
  MET_005(Impact.NORMAL, "Metric names do not contain the name of the metric unit"),
  MET_006(Impact.IMPORTANT, "Metric names do not equal semantic convention attribute keys"),
  LOG_001(Impact.IMPORTANT, "Debug-level logs are not enabled in production longer than 14 days"),
  LOG_002(Impact.IMPORTANT, "Log records have their severityNumber set"),
  SDK_001(Impact.LOW, "Language and runtime are supported by the SDK");

  static final String SPECIFICATION = "0.1 at e6ee222";
  private static final String SOURCE =
      "https://github.com/instrumentation-score/spec/blob/e6ee222742841c96dc4d121b0b4879ebac7c7cdf/rules/%s.md";

  private final Impact impact;
  private final String title;

  Rule(Impact impact, String title) {
    this.impact = impact;
    this.title = title;
  }

  String id() {
    return name().replace('_', '-');
  }

  Impact impact() {
    return impact;
  }

  String title() {
    return title;
  }

  String source() {
    return SOURCE.formatted(id());
  }
}
