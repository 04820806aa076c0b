package lapalma.agent.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.PathTemplateMatch;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatchedRouteTest {
  private static final int CALLS = 10_000;
  private static final AttachmentKey<String> OTHER = AttachmentKey.create(String.class);

  @ParameterizedTest
  @CsvSource({
    "'',     /,      /",
    "'',     /x/{id}, /x/{id}",
    "/api,   /x/{id}, /api/x/{id}",
    "/api,   /,       /api",
  })
  void theRouteIsThePrefixAndTheTemplateBehindIt(String prefix, String template, String route) {
    assertThat(MatchedRoute.route(prefix, template)).isEqualTo(route);
  }

  /** Most attachments are no match. Unlike time, what they allocate is the same everywhere. */
  @Test
  void anAttachmentAllocatesNothingAndAMatchLittle() {
    var exchange = new HttpServerExchange(null);
    var match = new PathTemplateMatch("/", Map.of());

    assertThat(bytesPerCall(() -> MatchedRoute.attached(exchange, OTHER, "value", null))).isZero();
    assertThat(
            bytesPerCall(
                () ->
                    MatchedRoute.attached(
                        exchange, PathTemplateMatch.ATTACHMENT_KEY, match, match)))
        .isLessThan(200);
  }

  private static long bytesPerCall(Runnable call) {
    call.run(); // loads classes
    var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    return (thread.getCurrentThreadAllocatedBytes() - before) / CALLS;
  }
}
