package lapalma.shop;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** A shop with a database, which asks another service for prices. */
@SpringBootApplication
@RestController
public class Shop {
  private static final Logger log = LoggerFactory.getLogger(Shop.class);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Items items;
  private final JdbcTemplate jdbc;
  private final URI prices;

  /** Makes the shop; {@code prices} is the URL that answers each request for a price. */
  Shop(Items items, JdbcTemplate jdbc, @Value("${TARGET:http://127.0.0.1:8081/}") URI prices) {
    this.items = items;
    this.jdbc = jdbc;
    this.prices = prices;
  }

  @GetMapping("/items")
  List<Item> all() {
    return items.findAll();
  }

  @GetMapping("/items/{id}")
  Item item(@PathVariable("id") long id) {
    log.info("Item looked up");
    return items
        .findById(id)
        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "No such item"));
  }

  @PostMapping("/items")
  @ResponseStatus(HttpStatus.CREATED)
  Item add(@RequestBody Item item) {
    return items.save(item);
  }

  @PostMapping("/items/{id}/sales")
  void sell(@PathVariable("id") long id) {
    jdbc.update("UPDATE item SET sold = sold + 1 WHERE id = ?", id);
  }

  @GetMapping("/count")
  Long count() {
    return jdbc.queryForObject("SELECT COUNT(*) FROM item", Long.class);
  }

  @GetMapping("/price")
  String price() throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(prices).build(), BodyHandlers.ofString()).body();
  }

  /** Sells a die and rolls it, with dice as the other service. */
  @GetMapping("/")
  String roll() throws IOException, InterruptedException {
    sell(1);
    return price();
  }

  @GetMapping("/fail")
  String fail() {
    throw new IllegalStateException("Out of stock");
  }

  @GetMapping("/health")
  String health() {
    return "ok";
  }

  public static void main(String[] arguments) {
    SpringApplication.run(Shop.class, arguments);
  }
}
