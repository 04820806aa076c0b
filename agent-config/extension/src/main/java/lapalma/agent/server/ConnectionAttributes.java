package lapalma.agent.server;

import io.opentelemetry.api.common.Attributes;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import java.util.Objects;
import java.util.function.Function;

/**
 * Keeps the attributes that are the same for all requests of an HTTP/1 connection: addresses,
 * scheme, protocol, user agent. They are read again as soon as one of their source values differs.
 * Undertow has one connection object for each stream of HTTP/2, so there is nothing to keep.
 */
public final class ConnectionAttributes {
  private static final AttachmentKey<ConnectionAttributes> KEY =
      AttachmentKey.create(ConnectionAttributes.class);

  /** The most characters of host and user agent that are kept while the connection lasts. */
  private static final int LONGEST_KEPT = 512;

  private final String host; // null if the request names none; the same for the agent
  private final String agent;
  private final String scheme;
  private final HttpString protocol;
  private final Attributes attributes;

  private ConnectionAttributes(
      String host, String agent, String scheme, HttpString protocol, Attributes attributes) {
    this.host = host;
    this.agent = agent;
    this.scheme = scheme;
    this.protocol = protocol;
    this.attributes = attributes;
  }

  /**
   * Returns the attributes of the exchange's connection.
   *
   * @param read reads them from an exchange, without those of its own request
   */
  static Attributes of(HttpServerExchange exchange, Function<HttpServerExchange, Attributes> read) {
    HeaderMap headers = exchange.getRequestHeaders();
    String host = headers.getFirst(Headers.HOST);
    String agent = headers.getFirst(Headers.USER_AGENT);
    HttpString protocol = exchange.getProtocol();
    if (isForwarded(headers)
        || protocol.equals(Protocols.HTTP_2_0)
        || length(host) + length(agent) > LONGEST_KEPT) {
      return read.apply(exchange);
    }
    ServerConnection connection = exchange.getConnection();
    ConnectionAttributes kept = connection.getAttachment(KEY);
    String scheme = exchange.getRequestScheme();
    if (kept != null
        && Objects.equals(kept.host, host)
        && Objects.equals(kept.agent, agent)
        && kept.scheme.equals(scheme)
        && kept.protocol.equals(protocol)) {
      return kept.attributes;
    }
    Attributes attributes = read.apply(exchange);
    connection.putAttachment(
        KEY, new ConnectionAttributes(host, agent, scheme, protocol, attributes));
    return attributes;
  }

  private static int length(String text) {
    return text == null ? 0 : text.length();
  }

  /** Returns whether a proxy names another client, host or scheme, which may differ by request. */
  static boolean isForwarded(HeaderMap headers) {
    return headers.contains(Headers.FORWARDED)
        || headers.contains(Headers.X_FORWARDED_FOR)
        || headers.contains(Headers.X_FORWARDED_PROTO)
        || headers.contains(Headers.X_FORWARDED_HOST);
  }
}
