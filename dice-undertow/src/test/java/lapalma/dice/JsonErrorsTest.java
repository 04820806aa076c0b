package lapalma.dice;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class JsonErrorsTest {

  @Test
  void theMessageOfAnUnexpectedFailureStaysInTheLog() throws Exception {
    var failing =
        new JsonErrors(
            exchange -> {
              throw new IllegalStateException("password=hunter2");
            });
    var undertow = Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(failing).build();
    undertow.start();
    try {
      var address = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
      var response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort()))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.body())
          .isEqualTo(
              "{\"error\": \"internal_server_error\", \"app\": \"dice-api\", \"message\": \"Unexpected failure\"}");
    } finally {
      undertow.stop();
    }
  }
}
