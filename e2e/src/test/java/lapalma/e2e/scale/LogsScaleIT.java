package lapalma.e2e.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.RollLines;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.DiceProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.VictoriaLogs;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Log lines in two storage nodes behind one that takes them in and answers queries. */
@Tag("scale")
class LogsScaleIT {
  private static final Duration ARRIVES = Duration.ofMinutes(1);
  private static final String ROLLS = "_msg:=\"Dice rolled\" _time:1h | fields trace_id";

  private final Ports ports = FreePorts.forAll();
  private final List<Ports> nodePorts = List.of(FreePorts.forAll(), FreePorts.forAll());
  private final Path folder = SharedStack.newFolder("logs-scale");
  @AutoClose private final Closer closer = new Closer();
  private final List<VictoriaLogs> nodes = new ArrayList<>();
  private VictoriaLogs front;

  @BeforeEach
  void start() {
    nodes.add(startNode(0));
    nodes.add(startNode(1));
    front = startFront();
    closer.register(DiceProcess.startAttached(SharedStack.project(), ports, folder, Map.of()));
  }

  private VictoriaLogs startNode(int number) {
    return closer.register(
        VictoriaLogs.start(
            "log-storage-" + number, SharedStack.project(), nodePorts.get(number), folder));
  }

  private VictoriaLogs startFront() {
    return closer.register(
        VictoriaLogs.start(
            "log-front",
            SharedStack.project(),
            ports,
            folder,
            "-storageNode=127.0.0.1:%d,127.0.0.1:%d"
                .formatted(
                    nodePorts.get(0).of(Port.VICTORIALOGS),
                    nodePorts.get(1).of(Port.VICTORIALOGS))));
  }

  @Test
  void eachLineIsStoredOnceOnOneOfTheNodes() throws Exception {
    List<String> rolled = roll(1000);

    awaitAll(rolled);
    assertThat(RollLines.traceIds(front)).containsExactlyInAnyOrderElementsOf(rolled);
    assertThat(RollLines.traceIds(nodes.get(0)).size() + RollLines.traceIds(nodes.get(1)).size())
        .isEqualTo(rolled.size());
    assertThat(RollLines.traceIds(nodes.get(0))).isNotEmpty();
    assertThat(RollLines.traceIds(nodes.get(1))).isNotEmpty();
  }

  @Test
  void withANodeAwayLinesGoToTheOtherAndAQueryIsRefusedUnlessItTakesAPart() throws Exception {
    List<String> before = roll(500);
    awaitAll(before);
    awaitOnDisk(nodes.get(0));

    nodes.get(0).process().kill();
    List<String> meanwhile = roll(500);

    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(RollLines.traceIds(nodes.get(1))).containsAll(meanwhile));
    assertThat(RollLines.lost(ports)).isZero();
    assertThatThrownBy(() -> front.api().query(ROLLS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(" answered 502: ");
    assertThat(
            Http.get(
                    front.url()
                        + "/select/logsql/query?allow_partial_response=1&query="
                        + Http.encode(ROLLS))
                .body()
                .lines())
        .hasSize(RollLines.traceIds(nodes.get(1)).size());

    nodes.set(0, startNode(0));
    List<String> all = new ArrayList<>(before);
    all.addAll(meanwhile);
    awaitAll(all);
  }

  @Test
  void withBothNodesAwayTheFrontKeepsLinesInMemoryUntilTheyAreBack() throws Exception {
    List<String> before = roll(100);
    awaitAll(before);
    nodes.forEach(this::awaitOnDisk);
    nodes.forEach(node -> node.process().kill());

    List<String> kept = roll(300);
    awaitTaken(400);
    nodes.set(0, startNode(0));
    nodes.set(1, startNode(1));
    List<String> all = new ArrayList<>(before);
    all.addAll(kept);
    awaitAll(all);

    nodes.forEach(this::awaitOnDisk);
    nodes.forEach(node -> node.process().kill());
    roll(300);
    awaitTaken(700);
    front.process().kill();
    nodes.set(0, startNode(0));
    nodes.set(1, startNode(1));
    front = startFront();
    // The agent was told that they were stored: nothing counts them.
    assertThat(new HashSet<>(RollLines.traceIds(front))).isEqualTo(Set.copyOf(all));
    assertThat(RollLines.lost(ports)).isZero();
  }

  /** Rolls at least so often, and returns the traces. */
  private List<String> roll(int times) {
    try (Load load = Load.start(ports.of(Port.DICE), 2, 2)) {
      load.awaitAnswered(times);
      load.stop();
      assertThat(load.lost()).isEmpty();
      return load.answered();
    }
  }

  private void awaitAll(List<String> rolled) {
    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(RollLines.traceIds(front)).containsAll(rolled));
  }

  /** Waits until the front has answered for so many lines. */
  private void awaitTaken(int lines) {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(Exposition.sum(front.url(), "vl_rows_ingested_total"))
                    .isGreaterThanOrEqualTo(lines));
  }

  private void awaitOnDisk(VictoriaLogs node) {
    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(RollLines.inMemory(node.url())).isZero());
  }
}
