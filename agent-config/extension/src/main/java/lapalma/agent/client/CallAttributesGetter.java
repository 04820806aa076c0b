package lapalma.agent.client;

import io.opentelemetry.instrumentation.api.semconv.http.HttpClientAttributesGetter;
import io.undertow.client.ClientResponse;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import lapalma.agent.server.ExchangeAttributesGetter;
import org.jspecify.annotations.Nullable;
import org.xnio.Options;

/** Reads what the conventions for HTTP clients record of a call. */
final class CallAttributesGetter implements HttpClientAttributesGetter<ClientCall, ClientResponse> {
  @Override
  public String getHttpRequestMethod(ClientCall call) {
    return call.request().getMethod().toString();
  }

  @Override
  public @Nullable String getUrlFull(ClientCall call) {
    InetSocketAddress server = server(call);
    String path = call.request().getPath();
    return server == null
        ? null
        : "%s://%s:%d%s"
            .formatted(
                isSecure(call) ? "https" : "http",
                server.getHostString(),
                server.getPort(),
                path.startsWith("/") ? path : "/" + path);
  }

  private static boolean isSecure(ClientCall call) {
    try {
      return Boolean.TRUE.equals(call.connection().getOption(Options.SECURE));
    } catch (IOException e) {
      return false;
    }
  }

  private static @Nullable InetSocketAddress server(ClientCall call) {
    return call.connection().getPeerAddress() instanceof InetSocketAddress inet ? inet : null;
  }

  @Override
  public @Nullable String getServerAddress(ClientCall call) {
    InetSocketAddress server = server(call);
    return server == null ? null : server.getHostString();
  }

  @Override
  public @Nullable Integer getServerPort(ClientCall call) {
    InetSocketAddress server = server(call);
    return server == null ? null : server.getPort();
  }

  @Override
  public @Nullable InetSocketAddress getNetworkPeerInetSocketAddress(
      ClientCall call, @Nullable ClientResponse response) {
    return server(call);
  }

  @Override
  public List<String> getHttpRequestHeader(ClientCall call, String name) {
    return values(call.request().getRequestHeaders(), name);
  }

  @Override
  public List<String> getHttpResponseHeader(ClientCall call, ClientResponse response, String name) {
    return values(response.getResponseHeaders(), name);
  }

  private static List<String> values(HeaderMap headers, String name) {
    HeaderValues values = headers.get(name);
    return values == null ? List.of() : List.copyOf(values);
  }

  @Override
  public Integer getHttpResponseStatusCode(
      ClientCall call, ClientResponse response, @Nullable Throwable error) {
    return response.getResponseCode();
  }

  @Override
  public @Nullable String getNetworkProtocolName(
      ClientCall call, @Nullable ClientResponse response) {
    return response == null ? null : "http";
  }

  @Override
  public @Nullable String getNetworkProtocolVersion(
      ClientCall call, @Nullable ClientResponse response) {
    return response == null
        ? null
        : ExchangeAttributesGetter.protocolVersion(response.getProtocol());
  }
}
