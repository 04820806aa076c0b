package lapalma.compare.backend;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.function.Consumer;
import lapalma.compare.LabException;

/** Receives metrics in the StatsD protocol over UDP, as Datadog's agent does beside its traces. */
final class StatsdReceiver implements AutoCloseable {
  private final DatagramSocket socket;

  /**
   * Starts to listen.
   *
   * @param packets receives each packet, in a thread of the receiver
   */
  StatsdReceiver(Consumer<byte[]> packets) {
    try {
      socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException e) {
      throw LabException.because("The receiver of StatsD metrics cannot listen", e);
    }
    var thread = new Thread(() -> receive(packets), "statsd");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  private void receive(Consumer<byte[]> packets) {
    var packet = new DatagramPacket(new byte[65_536], 65_536);
    while (!socket.isClosed()) {
      try {
        socket.receive(packet);
        packets.accept(Arrays.copyOf(packet.getData(), packet.getLength()));
      } catch (IOException e) {
        // Closed, or a packet that was cut short: the next one counts.
      }
    }
  }

  /** Reads the metrics of a packet: lines such as {@code jvm.heap_memory:123|g|#env:test}. */
  static void read(String packet, Telemetry telemetry) {
    packet
        .lines()
        .filter(line -> line.matches("[^_:|][^:|]*:[^|]*\\|[a-z]+.*"))
        .map(line -> line.substring(0, line.indexOf(':')))
        .distinct()
        .forEach(name -> telemetry.add(new Telemetry.Metric(name, 0)));
  }

  @Override
  public void close() {
    socket.close();
  }
}
