package lapalma.compare.plan;

/** What an exporter speaks. */
public enum Protocol {
  /** Nothing is sent. */
  NONE,
  OTLP,
  DATADOG,
  APPLICATION_INSIGHTS,
  ELASTIC,
  NEW_RELIC,
  PYROSCOPE
}
