package lapalma.agent.config;

import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.Optional;
import java.util.Set;

/** URLs of servers that speak HTTP. */
public final class HttpUrl {
  private static final Set<String> SCHEMES = Set.of("http", "https");
  static final int MAX_PORT = 65535;

  private HttpUrl() {}

  /**
   * Reads a URL. Its host may have underscores, as the names of services in Docker Swarm do: {@code
   * URI} returns no host for them, but connections are possible.
   *
   * @return nothing for a text that is no HTTP or HTTPS URL of a host
   */
  public static Optional<URL> of(String text) {
    try {
      URL url = new URI(text).toURL();
      return SCHEMES.contains(url.getProtocol())
              && !url.getHost().isEmpty()
              && url.getPort() <= MAX_PORT
          ? Optional.of(url)
          : Optional.empty();
    } catch (URISyntaxException | MalformedURLException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
