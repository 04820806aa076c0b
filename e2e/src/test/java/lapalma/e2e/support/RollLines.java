package lapalma.e2e.support;

import java.io.IOException;
import java.util.List;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.VictoriaLogs;
import lapalma.stack.api.Exposition;

/** The log lines of rolls on their way from dice to a VictoriaLogs. */
public final class RollLines {
  private RollLines() {}

  /** Returns the trace of each line of the last hour, as often as the line was stored. */
  public static List<String> traceIds(VictoriaLogs logs) throws IOException {
    return logs.api().query("_msg:=\"Dice rolled\" _time:1h | fields trace_id").stream()
        .map(line -> line.path("trace_id").asText())
        .toList();
  }

  /** Returns how many lines the agent has counted as lost. */
  public static double lost(Ports ports) throws IOException {
    String agent = ports.url(Port.AGENT_METRICS);
    // A series without an error counts what was delivered.
    return Exposition.sum(agent, "otel_sdk_exporter_log_exported_total", "error_type=\"")
        + Exposition.sum(agent, "otel_sdk_processor_log_processed_total", "error_type=\"");
  }

  /**
   * Returns how many lines a kill would lose: those that were taken in and are not yet on disk.
   * Every 5 s they are written.
   *
   * @param url of a VictoriaLogs that stores lines itself
   */
  public static double inMemory(String url) throws IOException {
    // In the order in which lines move, so that none is missed between the two.
    return Exposition.requireSum(url, "vl_pending_rows", "type=\"storage\"")
        + Exposition.requireSum(url, "vl_storage_rows", "type=\"storage/inmemory\"");
  }
}
