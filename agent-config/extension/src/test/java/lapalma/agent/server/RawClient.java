package lapalma.agent.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that sends what it is given, as it is. */
record RawClient(InetSocketAddress server) {
  private static final int PATIENCE_MILLIS = 30_000;

  /** Sends all of it at once; returns what the server sends until it closes the connection. */
  String send(String requests) throws IOException {
    try (var socket = new Socket(server.getAddress(), server.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(requests.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  /** Sends it and closes the connection, without reading. */
  void sendAndLeave(String request) throws IOException {
    try (var socket = new Socket(server.getAddress(), server.getPort())) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    }
  }
}
