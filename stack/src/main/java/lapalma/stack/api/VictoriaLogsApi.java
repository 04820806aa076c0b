package lapalma.stack.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The query API of a VictoriaLogs.
 *
 * @param url its base address, without a slash at the end
 */
public record VictoriaLogsApi(String url) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** More than the tests and the report ask for; bounds an answer to about 10 MB. */
  private static final int MOST_LINES = 10_000;

  /** Returns the lines of a trace of the last hour, at most 10,000. */
  public List<JsonNode> trace(String traceId) throws IOException {
    return query("trace_id:" + traceId + " _time:1h");
  }

  /**
   * Returns the lines that a query in LogsQL selects, at most 10,000 and in no order. Each has the
   * fields {@code _time}, {@code _msg}, {@code severity_text}, {@code trace_id}, and one for each
   * attribute.
   */
  public List<JsonNode> query(String logsql) throws IOException {
    var response =
        Http.get(
            url
                + "/select/logsql/query?limit=%d&query=%s"
                    .formatted(MOST_LINES, Http.encode(logsql)));
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Http.body(response).lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }
}
