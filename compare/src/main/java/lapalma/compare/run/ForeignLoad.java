package lapalma.compare.run;

import java.util.Set;
import lapalma.compare.app.AppProcess;
import lapalma.compare.host.ProcFs;

/**
 * The work of other processes on the server's cores in a phase.
 *
 * @param busySeconds core seconds that other processes used
 * @param allSeconds core seconds that all processes could use
 */
record ForeignLoad(double busySeconds, double allSeconds) {

  ForeignLoad plus(ForeignLoad other) {
    return new ForeignLoad(busySeconds + other.busySeconds, allSeconds + other.allSeconds);
  }

  double share() {
    return busySeconds / allSeconds;
  }

  /** Watches the cores from its creation on. */
  static final class Watch {
    private final AppProcess server;
    private final Set<Integer> cores;
    private final long nanos = System.nanoTime();
    private final double busy;
    private final double own;

    Watch(AppProcess server, Set<Integer> cores) {
      this.server = server;
      this.cores = cores;
      this.busy = ProcFs.cores(cores).busy();
      this.own = server.cpu().total();
    }

    ForeignLoad end() {
      double foreign =
          Math.max(0, ProcFs.cores(cores).busy() - busy - (server.cpu().total() - own));
      return new ForeignLoad(foreign, (System.nanoTime() - nanos) / 1e9 * cores.size());
    }
  }
}
