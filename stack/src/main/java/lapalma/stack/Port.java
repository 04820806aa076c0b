package lapalma.stack;

/** Every port that the stack listens on: the variable that sets it, and its default. */
public enum Port {
  DICE("PORT", 5000),
  AGENT_METRICS("OTEL_EXPORTER_PROMETHEUS_PORT", 9464),
  BLACKBOX_EXPORTER("BLACKBOX_EXPORTER_PORT", 9115),
  JAEGER("JAEGER_PORT", 16686),
  JAEGER_GRPC("JAEGER_GRPC_PORT", 16685),
  JAEGER_HEALTH("JAEGER_HEALTH_PORT", 13133),
  JAEGER_METRICS("JAEGER_METRICS_PORT", 8888),
  JAEGER_SAMPLING("JAEGER_SAMPLING_PORT", 5778),
  JAEGER_SAMPLING_GRPC("JAEGER_SAMPLING_GRPC_PORT", 5779),
  JAEGER_SPAN_METRICS("JAEGER_SPANMETRICS_PORT", 8889),
  OTLP("OTLP_PORT", 4318),
  PROMETHEUS("PROMETHEUS_PORT", 9090),
  VICTORIALOGS("VICTORIALOGS_PORT", 9428);

  private final String variable;
  private final int byDefault;

  Port(String variable, int byDefault) {
    this.variable = variable;
    this.byDefault = byDefault;
  }

  String variable() {
    return variable;
  }

  public int byDefault() {
    return byDefault;
  }
}
