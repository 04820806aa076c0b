package lapalma.upstream;

class UndertowHttp2ServerTest extends UndertowServerTest {
  @Override
  boolean useHttp2() {
    return true;
  }
}
