import com.datastax.driver.core.Cluster;
import com.datastax.driver.core.Session;

/**
 * Makes a role that may log in, over TLS, as the user whom Cassandra has by itself.
 *
 * <pre>java -Djavax.net.ssl.trustStore=… -cp 'JARS/*' Role.java ADDRESS PORT NAME PASSWORD</pre>
 */
final class Role {
  public static void main(String[] arguments) {
    var builder =
        Cluster.builder()
            .addContactPoint(arguments[0])
            .withPort(Integer.parseInt(arguments[1]))
            .withCredentials("cassandra", "cassandra")
            .withSSL()
            .withoutJMXReporting();
    try (Cluster cluster = builder.build();
        Session session = cluster.connect()) {
      session.execute(
          "CREATE ROLE IF NOT EXISTS \"%s\" WITH LOGIN = true AND PASSWORD = '%s'"
              .formatted(arguments[2], arguments[3].replace("'", "''")));
    }
  }
}
