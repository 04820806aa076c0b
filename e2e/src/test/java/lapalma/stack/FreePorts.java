package lapalma.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Ports that nothing listens on and that this test run has given to nobody else. */
final class FreePorts {
  // Below the range from which Linux takes the ports of outgoing connections.
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_000;

  private static final Set<Integer> given = ConcurrentHashMap.newKeySet();

  private FreePorts() {}

  static Ports forAll() {
    Map<Port, Integer> numbers = new EnumMap<>(Port.class);
    for (var port : Port.values()) {
      numbers.put(port, one());
    }
    return new Ports(numbers);
  }

  static int one() {
    for (int tries = 0; tries < 1000; tries++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      if (given.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("No free port from " + LOWEST + " to " + HIGHEST);
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
