package lapalma.compare.plan;

/** The protocol of an exporter. */
public enum Protocol {
  /** The variant sends nothing. */
  NONE,
  OTLP,
  DATADOG,
  ELASTIC,
  NEW_RELIC,
  PYROSCOPE
}
