package lapalma.agent.sampling;

import java.io.IOException;

/** Where the strategy is asked for. */
interface StrategySource {
  /**
   * Returns the answer's text.
   *
   * @throws IOException if there is no answer; the message is logged
   */
  String ask() throws IOException;
}
