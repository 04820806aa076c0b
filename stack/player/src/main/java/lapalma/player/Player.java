package lapalma.player;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** Asks dice for a page at a fixed rate, whether or not it answers. */
final class Player {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REPORT = Duration.ofMinutes(1);

  /**
   * The limit of requests in flight; further ones are left out. If dice does not answer, each
   * request waits until its timeout. At 100 requests a second, 500 would wait without any use.
   */
  static final int MOST_IN_FLIGHT = 16;

  private final Settings settings;
  private final Consumer<String> output;
  private final HttpClient client;
  private final Executor users = Executors.newCachedThreadPool(Player::daemon);
  private final Semaphore free = new Semaphore(MOST_IN_FLIGHT);
  private final Counts counts = new Counts();
  private final Availability availability;

  /**
   * Makes a player that has not begun.
   *
   * @param output receives the lines for people
   */
  Player(Settings settings, Consumer<String> output) {
    this.settings = settings;
    this.output = output;
    this.availability = new Availability(settings.target());
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            // The default executor grows with the requests in flight.
            .executor(Executors.newFixedThreadPool(2, Player::daemon))
            .build();
  }

  private static Thread daemon(Runnable work) {
    var thread = new Thread(work, "player-http");
    thread.setDaemon(true);
    return thread;
  }

  /** Plays until the thread is interrupted. */
  void play() throws InterruptedException {
    output.accept(settings.announcement());
    long interval = settings.interval().toNanos();
    long next = System.nanoTime();
    long report = next + REPORT.toNanos();
    for (long request = 1; ; request++) {
      ask(request);
      long now = System.nanoTime();
      if (now - report >= 0) {
        output.accept(counts.take());
        report = now + REPORT.toNanos();
      }
      // Requests that were missed while the machine slept are not sent later.
      next = Math.max(next + interval, now);
      sleep(next - now);
    }
  }

  private static void sleep(long nanos) throws InterruptedException {
    Thread.sleep(Duration.ofNanos(nanos).toMillis(), (int) (nanos % 1_000_000));
  }

  /** Sends a request from another thread. */
  private void ask(long request) {
    if (!free.tryAcquire()) {
      counts.unsent();
      return;
    }
    Page page = Page.of(request, settings.failures(), ThreadLocalRandom.current()::nextDouble);
    users.execute(
        () -> {
          try {
            switch (page) {
              case ROLL -> roll(request);
              case FAIL -> fail(request);
              case MISSING -> miss(request);
            }
          } finally {
            free.release();
          }
        });
  }

  // What a user does. otel.yaml makes each of these methods the root of a trace.

  /** Returns the face, which the span shows, or null if the answer is no roll. */
  private Integer roll(long request) {
    return get(request, Page.ROLL) instanceof Answer.Rolled rolled ? rolled.face() : null;
  }

  private void fail(long request) {
    get(request, Page.FAIL);
  }

  private void miss(long request) {
    get(request, Page.MISSING);
  }

  /** Returns the answer, or null without one. */
  private Answer get(long request, Page page) {
    var message =
        HttpRequest.newBuilder(URI.create(settings.target() + page.path()))
            .timeout(TIMEOUT)
            .build();
    try {
      var response = client.send(message, HttpResponse.BodyHandlers.ofString());
      Answer answer = Answer.of(response.statusCode(), response.body());
      counts.answered(answer);
      say(availability.answered(request, page));
      return answer;
    } catch (IOException e) {
      counts.unanswered();
      say(availability.unanswered(request, page, reason(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  private void say(Optional<String> line) {
    line.ifPresent(output);
  }

  /** Returns why there is no answer: for some causes, the client's exception has no message. */
  private static String reason(IOException failure) {
    if (failure instanceof ConnectException) {
      Throwable cause = failure;
      while (cause != null && !(cause instanceof UnresolvedAddressException)) {
        cause = cause.getCause();
      }
      return cause == null ? "no connection" : "no host of this name is known";
    }
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }
}
