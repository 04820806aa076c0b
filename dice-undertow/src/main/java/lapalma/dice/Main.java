package lapalma.dice;

import ch.qos.logback.classic.LoggerContext;
import java.net.BindException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Starts the dice server from environment variables.
 *
 * <p>Exit codes: 0 after SIGTERM or SIGINT, 1 when the server cannot listen, 2 when a variable has
 * a bad value. Each failure is one sentence on stderr.
 */
public final class Main {
  private static final int CANNOT_LISTEN = 1;
  private static final int BAD_SETTING = 2;

  private Main() {}

  public static void main(String[] args) {
    Settings settings;
    try {
      settings = Settings.from(System.getenv());
    } catch (BadSettingException e) {
      exit(BAD_SETTING, e.getMessage());
      return;
    }

    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(settings.logLevel());

    var server = new DiceServer(settings);
    try {
      server.start();
    } catch (RuntimeException e) {
      exit(CANNOT_LISTEN, whyNotListening(e, settings.port()));
      return;
    }
    // A signal handler and not a shutdown hook: hooks run side by side, so the hook of an attached
    // agent would close its exporter while requests are still being answered.
    stopOn("TERM", server);
    stopOn("INT", server);
  }

  private static void stopOn(String signal, DiceServer server) {
    Signal.handle(
        new Signal(signal),
        received -> {
          server.stop();
          System.exit(0);
        });
  }

  private static String whyNotListening(RuntimeException failure, int port) {
    return failure.getCause() instanceof BindException bind
        ? "Cannot listen on port %d (%s): stop what listens there or set PORT to another port."
            .formatted(port, bind.getMessage())
        : "Cannot listen on port %d: %s".formatted(port, failure);
  }

  private static void exit(int code, String sentence) {
    System.err.println(sentence);
    System.exit(code);
  }
}
