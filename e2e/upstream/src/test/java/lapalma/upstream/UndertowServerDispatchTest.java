package lapalma.upstream;

import io.opentelemetry.instrumentation.testing.junit.http.HttpServerTestOptions;

class UndertowServerDispatchTest extends UndertowServerTest {
  @Override
  boolean dispatches() {
    return true;
  }

  @Override
  protected void configure(HttpServerTestOptions options) {
    super.configure(options);
    options.setVerifyServerSpanEndTime(false);
    options.setTestException(false); // as upstream: it is thrown before the dispatch
  }
}
