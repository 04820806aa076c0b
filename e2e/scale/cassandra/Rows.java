import com.datastax.driver.core.Cluster;
import com.datastax.driver.core.Session;
import com.datastax.driver.core.utils.Bytes;

/**
 * Prints the key of each row of Jaeger's table of traces: {@code row TRACE_ID SPAN_ID}.
 *
 * <pre>java -cp 'JARS/*' Rows.java ADDRESS PORT KEYSPACE</pre>
 */
final class Rows {
  public static void main(String[] arguments) {
    var builder =
        Cluster.builder()
            .addContactPoint(arguments[0])
            .withPort(Integer.parseInt(arguments[1]))
            .withoutJMXReporting();
    try (Cluster cluster = builder.build();
        Session session = cluster.connect(arguments[2])) {
      var text = new StringBuilder();
      // span_hash is part of the key: the same span twice with different contents would be two rows.
      session
          .execute("SELECT trace_id, span_id, span_hash FROM traces")
          .forEach(
              row ->
                  text.append(
                      String.format(
                          "row %s %016x%n",
                          Bytes.toHexString(row.getBytes(0)).substring(2), row.getLong(1))));
      System.out.print(text);
    }
  }
}
