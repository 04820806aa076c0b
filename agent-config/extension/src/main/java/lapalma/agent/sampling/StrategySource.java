package lapalma.agent.sampling;

import java.io.IOException;

/** Where the strategy is asked for. */
interface StrategySource {
  /** Returns the answer's text. */
  String ask() throws IOException;
}
