package lapalma.fit.quarkus;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.jboss.logging.Logger;

/** Quarkus, which is JAX-RS on Vert.x and Netty. */
@Path("/")
public class App {
  private static final Logger log = Logger.getLogger(App.class);

  @GET
  @Path("items/{id}")
  public String item(@PathParam("id") String id) {
    log.info("Item looked up");
    return id;
  }

  @GET
  @Path("fail")
  public String fail() {
    throw new IllegalStateException("Out of stock");
  }
}
