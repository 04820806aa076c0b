package lapalma.dice;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /}: rolls the dice. */
final class RollHandler implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(RollHandler.class);

  private final Dice dice;
  private final DiceMetrics metrics;

  RollHandler(Dice dice, DiceMetrics metrics) {
    this.dice = dice;
    this.metrics = metrics;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    int value = dice.roll();
    metrics.rolled(value);
    log.atInfo().addKeyValue("dice_value", value).log("Dice rolled");
    Json.send(exchange, "{\"dice_value\": " + value + "}");
  }
}
