package lapalma.agent.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Set;

/** A client that does not wait for an answer before it sends the next request. */
record Pipeline(InetSocketAddress server) {
  private static final int PATIENCE_MILLIS = 30_000;

  /** Sends all requests at once, on one connection, and reads all answers. */
  void get(Set<String> paths) throws IOException {
    var requests = new StringBuilder();
    for (Iterator<String> path = paths.iterator(); path.hasNext(); ) {
      requests.append("GET ").append(path.next()).append(" HTTP/1.1\r\nHost: test\r\n");
      requests.append(path.hasNext() ? "\r\n" : "Connection: close\r\n\r\n");
    }
    try (var socket = new Socket(server.getAddress(), server.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
      String answers =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(paths.size() + 1);
    }
  }
}
