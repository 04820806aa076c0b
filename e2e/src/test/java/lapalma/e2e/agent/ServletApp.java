package lapalma.e2e.agent;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentManager;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Application;
import java.io.IOException;
import java.util.Set;
import org.jboss.resteasy.plugins.server.servlet.HttpServlet30Dispatcher;

/** Servlets and JAX-RS resources on Undertow, in a context with a path. */
final class ServletApp {
  private ServletApp() {}

  /** Listens on the given port. */
  public static void main(String[] args) throws Exception {
    DeploymentManager shop =
        Servlets.defaultContainer()
            .addDeployment(
                Servlets.deployment()
                    .setClassLoader(ServletApp.class.getClassLoader())
                    .setDeploymentName("shop")
                    .setContextPath("/shop")
                    .addServlets(
                        Servlets.servlet("plain", Plain.class).addMapping("/plain/*"),
                        Servlets.servlet("late", Late.class)
                            .addMapping("/late/*")
                            .setAsyncSupported(true),
                        Servlets.servlet("rest", HttpServlet30Dispatcher.class)
                            .addMapping("/api/*")
                            .addInitParam("resteasy.servlet.mapping.prefix", "/api")
                            // Otherwise RESTEasy answers by itself, and no servlet throws.
                            .addInitParam("dev.resteasy.exception.mapper", "false")
                            .addInitParam("jakarta.ws.rs.Application", Rest.class.getName())));
    shop.deploy();
    Undertow.builder()
        .addHttpListener(Integer.parseInt(args[0]), "127.0.0.1")
        .setHandler(Handlers.path().addPrefixPath("/shop", shop.start()))
        .build()
        .start();
  }

  /** Throws if the path says so. */
  public static final class Plain extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if ("/fail".equals(request.getPathInfo())) {
        throw new IllegalStateException("servlet");
      }
      response.getWriter().print("plain");
    }
  }

  /** Answers on another thread. */
  public static final class Late extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) {
      AsyncContext async = request.startAsync();
      async.start(
          () -> {
            try {
              response.getWriter().print("late");
            } catch (IOException e) {
              throw new IllegalStateException(e);
            } finally {
              async.complete();
            }
          });
    }
  }

  /** The JAX-RS application. */
  public static final class Rest extends Application {
    @Override
    public Set<Class<?>> getClasses() {
      return Set.of(Items.class);
    }
  }

  /** A JAX-RS resource. */
  @Path("/items")
  public static final class Items {
    @GET
    @Path("/{id}")
    public String item(@PathParam("id") String id) {
      if (id.equals("fail")) {
        throw new IllegalStateException("resource");
      }
      return id;
    }
  }
}
