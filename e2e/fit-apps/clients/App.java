package lapalma.fit.clients;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Channel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.core.config.Configurator;

/** The JDK's own server, which calls itself by OkHttp and by gRPC, and reads what it writes to Kafka. */
public final class App {
  private static final Logger log = LogManager.getLogger(App.class);

  private App() {}

  public static void main(String[] arguments) throws Exception {
    Configurator.setRootLevel(Level.INFO);
    int port = Integer.parseInt(System.getenv("PORT"));
    var server = HttpServer.create(local(port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    answer(server, "/items", () -> "die");

    var http = new OkHttpClient();
    var items = new Request.Builder().url("http://127.0.0.1:" + port + "/items").build();
    answer(
        server,
        "/okhttp",
        () -> {
          try (Response response = http.newCall(items).execute()) {
            return response.body().string();
          }
        });

    Server grpc =
        NettyServerBuilder.forAddress(local(0))
            .addService(new HealthStatusManager().getHealthService())
            .build()
            .start();
    Channel channel =
        NettyChannelBuilder.forAddress(local(grpc.getPort())).usePlaintext().build();
    answer(
        server,
        "/grpc",
        () ->
            HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus()
                .toString());

    Map<String, Object> kafka = Map.of("bootstrap.servers", System.getenv("BROKERS"));
    var producer = new KafkaProducer<>(kafka, new StringSerializer(), new StringSerializer());
    var consumer = new KafkaConsumer<>(kafka, new StringDeserializer(), new StringDeserializer());
    answer(
        server,
        "/kafka",
        () -> {
          var written = producer.send(new ProducerRecord<>("items", "die")).get();
          var partition = new TopicPartition(written.topic(), written.partition());
          consumer.assign(List.of(partition));
          consumer.seek(partition, written.offset());
          String read = null;
          while (read == null) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
              read = record.value();
            }
          }
          return read;
        });
    server.start();
    log.info("Listening");
  }

  private static InetSocketAddress local(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void answer(HttpServer server, String path, Callable<String> answer) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            byte[] body = answer.call().getBytes();
            log.info("Answered");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          } catch (Exception e) {
            log.error("Failed", e);
          }
        });
  }
}
