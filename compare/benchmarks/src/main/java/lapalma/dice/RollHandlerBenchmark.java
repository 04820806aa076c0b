package lapalma.dice;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import io.undertow.io.Receiver;
import io.undertow.io.Sender;
import io.undertow.server.BlockingHttpExchange;
import io.undertow.server.HttpServerExchange;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import net.logstash.logback.encoder.LogstashEncoder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.slf4j.LoggerFactory;

/** Measures one roll without a network: the number, the metric, the log line and the answer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RollHandlerBenchmark {
  private final RollHandler handler = new RollHandler(new Dice(), new DiceMetrics("benchmark"));

  /** Discards the log after encoding it as the app does. */
  @Setup
  public void discardLog() {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    var encoder = new LogstashEncoder();
    encoder.setContext(context);
    encoder.start();
    var appender = new OutputStreamAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(OutputStream.nullOutputStream());
    appender.start();
    root.addAppender(appender);
  }

  @Benchmark
  public HttpServerExchange roll() {
    var exchange = new HttpServerExchange(null);
    exchange.startBlocking(new Nowhere());
    handler.handleRequest(exchange);
    return exchange;
  }

  /** Receives the answer. */
  private static final class Nowhere implements BlockingHttpExchange {
    private static final Sender SENDER =
        (Sender)
            Proxy.newProxyInstance(
                Sender.class.getClassLoader(),
                new Class<?>[] {Sender.class},
                (proxy, method, arguments) -> null);

    @Override
    public InputStream getInputStream() {
      return InputStream.nullInputStream();
    }

    @Override
    public OutputStream getOutputStream() {
      return OutputStream.nullOutputStream();
    }

    @Override
    public Sender getSender() {
      return SENDER;
    }

    @Override
    public void close() {}

    @Override
    public Receiver getReceiver() {
      throw new UnsupportedOperationException();
    }
  }
}
