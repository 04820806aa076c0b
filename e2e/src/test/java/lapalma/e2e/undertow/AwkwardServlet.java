package lapalma.e2e.undertow;

import io.undertow.server.HttpHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Executor;

/** Servlets of the awkward app: one class, under many mappings. */
public final class AwkwardServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  /** Returns the handler of the context {@code /app}. */
  static HttpHandler deploy(Executor executor) throws ServletException {
    DeploymentInfo info =
        Servlets.deployment()
            .setClassLoader(AwkwardServlet.class.getClassLoader())
            .setDeploymentName("app")
            .setContextPath("/app")
            .setExecutor(executor)
            .setAsyncExecutor(executor)
            .addFilter(Servlets.filter("closed", ClosedFilter.class).setAsyncSupported(true))
            .addFilterUrlMapping("closed", "/closed/*", DispatcherType.REQUEST)
            .addServlet(
                Servlets.servlet("awkward", AwkwardServlet.class)
                    .setAsyncSupported(true)
                    .addMappings(
                        "/exact",
                        "/path/*",
                        "*.do",
                        "/throws",
                        "/throws-late",
                        "/throws-error",
                        "/send-error",
                        "/send-missing",
                        "/redirect",
                        "/forward",
                        "/include",
                        "/flush",
                        "/read",
                        "/async",
                        "/async-dispatch",
                        "/async-timeout",
                        "/async-throws",
                        "/closed/never"));
    DeploymentManager manager = Servlets.defaultContainer().addDeployment(info);
    manager.deploy();
    return manager.start();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    if (request.getDispatcherType() == DispatcherType.INCLUDE) {
      response.getWriter().print("included");
      return;
    }
    switch (request.getServletPath()) {
      case "/throws" -> throw new ServletException("wrapped", new IllegalStateException("cause"));
      case "/throws-error" -> throw new AssertionError("thrown");
      case "/throws-late" -> {
        response.getOutputStream().write(1);
        response.flushBuffer();
        throw new IllegalStateException("after a part of the answer");
      }
      case "/send-error" -> response.sendError(500, "sent");
      case "/send-missing" -> response.sendError(404);
      case "/redirect" -> response.sendRedirect("/app/exact");
      case "/forward" -> request.getRequestDispatcher("/path/forwarded").forward(request, response);
      case "/include" -> request.getRequestDispatcher("/exact").include(request, response);
      case "/read" ->
          response.getOutputStream().write(request.getInputStream().readNBytes(1 << 16));
      case "/flush" -> {
        for (int part = 0; part < 3; part++) {
          response.getWriter().println(part);
          response.flushBuffer();
        }
      }
      case "/async" -> answerLater(request.startAsync());
      case "/async-dispatch" -> request.startAsync().dispatch("/path/dispatched");
      case "/async-timeout" -> request.startAsync().setTimeout(100);
      case "/async-throws" -> {
        request.startAsync();
        throw new IllegalStateException("thrown after the start");
      }
      default -> response.getWriter().print(request.getRequestURI());
    }
  }

  private static void answerLater(AsyncContext async) {
    async.start(
        () -> {
          ((HttpServletResponse) async.getResponse()).setStatus(202);
          async.complete();
        });
  }

  /** Answers in place of the servlet. */
  public static final class ClosedFilter implements Filter {
    @Override
    public void init(FilterConfig config) {}

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) {
      ((HttpServletResponse) response).setStatus(403);
    }

    @Override
    public void destroy() {}
  }
}
