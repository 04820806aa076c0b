package lapalma.fit.micronaut;

import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.runtime.Micronaut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Micronaut on Netty. */
@Controller
public class App {
  private static final Logger log = LoggerFactory.getLogger(App.class);

  @Get("/items/{id}")
  String item(String id) {
    log.info("Item looked up");
    return id;
  }

  @Get("/fail")
  String fail() {
    throw new IllegalStateException("Out of stock");
  }

  public static void main(String[] arguments) {
    Micronaut.run(App.class, arguments);
  }
}
