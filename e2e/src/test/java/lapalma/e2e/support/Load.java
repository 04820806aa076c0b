package lapalma.e2e.support;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Clients that repeat {@code GET /} on connections that they keep as long as the server does.
 *
 * <p>They use plain sockets. The JDK's clients repeat a request when a connection breaks, which
 * would hide a lost request.
 */
public final class Load implements AutoCloseable {
  private static final int READ_TIMEOUT_MILLIS = 30_000;
  private static final Duration ANSWERS = Duration.ofMinutes(3);

  private final int port;
  private final long pauseMillis;
  private final List<Thread> clients = new ArrayList<>();
  private final Queue<String> traceIds = new ConcurrentLinkedQueue<>();
  private final Queue<String> lost = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  private Load(int port, long pauseMillis) {
    this.port = port;
    this.pauseMillis = pauseMillis;
  }

  /** Starts {@code count} clients. Each ends when the server refuses it a connection. */
  public static Load start(int port, int count) {
    return start(port, count, 0);
  }

  /** Starts clients that pause after each answer, and after each lost request. */
  public static Load start(int port, int count, long pauseMillis) {
    var load = new Load(port, pauseMillis);
    for (int i = 0; i < count; i++) {
      var client = new Thread(load::run, "load-" + i);
      client.setDaemon(true);
      client.start();
      load.clients.add(client);
    }
    return load;
  }

  private void run() {
    while (!stopped) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        useWhileKept(socket);
      } catch (ConnectException e) {
        return;
      } catch (IOException e) {
        lost.add(e.toString());
        pause();
      }
    }
  }

  private void useWhileKept(Socket socket) throws IOException {
    var answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    boolean kept = true;
    while (kept && !stopped) {
      var context = TraceContext.random();
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: dice\r\ntraceparent: %s\r\n\r\n"
                  .formatted(context.traceparent())
                  .getBytes(US_ASCII));
      String status = answers.readLine();
      if (status == null || !status.startsWith("HTTP/1.1 200 ")) {
        lost.add("answered with " + status);
        pause();
        return;
      }
      kept = readRest(answers);
      traceIds.add(context.traceId());
      pause();
    }
  }

  private void pause() {
    try {
      Thread.sleep(pauseMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads headers and body; returns whether the server keeps the connection. */
  private static boolean readRest(BufferedReader answers) throws IOException {
    boolean kept = true;
    int length = 0;
    for (String line = header(answers); !line.isEmpty(); line = header(answers)) {
      if (line.equalsIgnoreCase("Connection: close")) {
        kept = false;
      } else if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    for (int i = 0; i < length; i++) {
      if (answers.read() < 0) {
        throw new IOException("the body ended early");
      }
    }
    return kept;
  }

  private static String header(BufferedReader answers) throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the headers ended early");
    }
    return line;
  }

  /** Returns the trace ids of the requests that were answered with 200. */
  public List<String> answered() {
    return List.copyOf(traceIds);
  }

  /** Waits until at least {@code count} requests were answered with 200. */
  public void awaitAnswered(int count) {
    await()
        .atMost(ANSWERS)
        .failFast(
            "every client has ended",
            () -> {
              // In this order: the count of clients that have ended is final.
              if (clients.stream().noneMatch(Thread::isAlive)) {
                assertAnswered(count);
              }
            })
        .untilAsserted(() -> assertAnswered(count));
  }

  private void assertAnswered(int count) {
    assertThat(traceIds.size())
        .as("requests answered with 200; the reasons of the lost ones: %s", Set.copyOf(lost))
        .isGreaterThanOrEqualTo(count);
  }

  /** Returns the reasons why requests got no answer, or another one than 200. */
  public List<String> lost() {
    return List.copyOf(lost);
  }

  /** Waits until the server has refused every client a connection. */
  public void awaitRefused() {
    join();
  }

  private void join() {
    for (Thread client : clients) {
      try {
        client.join(60_000);
        if (client.isAlive()) {
          lost.add(client.getName() + " still waits after 60 s");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Lets every client finish its current request. */
  public void stop() {
    stopped = true;
    join();
  }

  @Override
  public void close() {
    stop();
  }
}
