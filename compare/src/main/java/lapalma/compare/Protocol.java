package lapalma.compare;

/** What an exporter speaks. */
enum Protocol {
  /** Nothing is sent. */
  NONE,
  OTLP,
  DATADOG,
  APPLICATION_INSIGHTS,
  ELASTIC,
  NEW_RELIC,
  PYROSCOPE
}
