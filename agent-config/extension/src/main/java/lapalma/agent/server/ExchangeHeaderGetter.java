package lapalma.agent.server;

import io.opentelemetry.context.propagation.TextMapGetter;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Reads the headers of a request for propagators. */
public final class ExchangeHeaderGetter implements TextMapGetter<HttpServerExchange> {

  @Override
  public Iterable<String> keys(HttpServerExchange exchange) {
    return exchange.getRequestHeaders().getHeaderNames().stream()
        .map(HttpString::toString)
        .toList();
  }

  @Override
  public @Nullable String get(HttpServerExchange exchange, String key) {
    return exchange == null ? null : exchange.getRequestHeaders().getFirst(key);
  }

  @Override
  public Iterator<String> getAll(HttpServerExchange exchange, String key) {
    HeaderValues values = exchange == null ? null : exchange.getRequestHeaders().get(key);
    return values == null ? Collections.emptyIterator() : values.iterator();
  }
}
