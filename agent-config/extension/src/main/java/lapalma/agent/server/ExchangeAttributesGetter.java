package lapalma.agent.server;

import io.opentelemetry.instrumentation.api.semconv.http.HttpServerAttributesGetter;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the same values of an exchange as upstream's {@code UndertowHttpAttributesGetter}. */
public final class ExchangeAttributesGetter
    implements HttpServerAttributesGetter<HttpServerExchange, HttpServerExchange> {

  @Override
  public String getHttpRequestMethod(HttpServerExchange exchange) {
    return exchange.getRequestMethod().toString();
  }

  @Override
  public List<String> getHttpRequestHeader(HttpServerExchange exchange, String name) {
    HeaderValues values = exchange.getRequestHeaders().get(name);
    return values == null ? List.of() : values;
  }

  @Override
  public Integer getHttpResponseStatusCode(
      HttpServerExchange exchange, HttpServerExchange unused, Throwable error) {
    return exchange.getStatusCode();
  }

  @Override
  public List<String> getHttpResponseHeader(
      HttpServerExchange exchange, HttpServerExchange unused, String name) {
    HeaderValues values = exchange.getResponseHeaders().get(name);
    return values == null ? List.of() : values;
  }

  @Override
  public String getUrlScheme(HttpServerExchange exchange) {
    return exchange.getRequestScheme();
  }

  @Override
  public String getUrlPath(HttpServerExchange exchange) {
    return exchange.getRequestPath();
  }

  @Override
  public @Nullable String getUrlQuery(HttpServerExchange exchange) {
    String query = exchange.getQueryString();
    return query.isEmpty() ? null : query;
  }

  @Override
  public String getNetworkProtocolName(HttpServerExchange exchange, HttpServerExchange unused) {
    return "http";
  }

  @Override
  public @Nullable String getNetworkProtocolVersion(
      HttpServerExchange exchange, HttpServerExchange unused) {
    return protocolVersion(exchange.getProtocol());
  }

  /** Of the usual protocols, a constant. */
  public static @Nullable String protocolVersion(HttpString protocol) {
    if (protocol == Protocols.HTTP_1_1) {
      return "1.1";
    }
    if (protocol == Protocols.HTTP_2_0) {
      return "2";
    }
    String text = protocol.toString();
    int slash = text.indexOf('/');
    String version = slash < 0 ? null : text.substring(slash + 1);
    return "2.0".equals(version) ? "2" : version;
  }

  @Override
  public InetSocketAddress getNetworkPeerInetSocketAddress(
      HttpServerExchange exchange, HttpServerExchange unused) {
    return exchange.getConnection().getPeerAddress(InetSocketAddress.class);
  }

  @Override
  public InetSocketAddress getNetworkLocalInetSocketAddress(
      HttpServerExchange exchange, HttpServerExchange unused) {
    return exchange.getConnection().getLocalAddress(InetSocketAddress.class);
  }
}
