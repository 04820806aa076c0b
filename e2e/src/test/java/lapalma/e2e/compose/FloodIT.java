package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.stack.Rules;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Sends compose/production.yml more than its disk could hold, from callers who ask for traces. */
@Tag("flood")
@EnabledIf(
    value = "lapalma.e2e.compose.ComposeStack#engineAnswers",
    disabledReason = "No Docker engine answers: no disk was flooded")
class FloodIT {
  /** An hour of 2,000 a second, on a hundredth of AWS's 20 GB. */
  private static final int ROLLS = 2_000 * 3_600 / 100;

  private static final int CLIENTS = 8;

  /** Megabytes for each store in 200: docs/scale.md has their shares of 20 GB. */
  private static final Map<String, Integer> SHARES =
      Map.of("jaeger", 103, "prometheus", 60, "victorialogs", 21);

  private final Path folder = SharedStack.newFolder("flood");
  private final Path disk = folder.resolve("disk");

  @Test
  void aFloodLeavesEachStoreItsShareAndIfAllOfItIsStoredAPageComesBeforeTheDiskIsFull()
      throws Exception {
    try (var closer = new Closer()) {
      ComposeStack stack = start(closer);

      try (Load flood = Load.start(stack.port("PORT"), CLIENTS)) {
        for (int tenth = 1; tenth <= 10; tenth++) {
          flood.awaitAnswered(ROLLS / 10 * tenth);
        }
        assertThatAllWasAnswered(flood);
      }
      for (var share : SHARES.entrySet()) {
        assertThat(megabytes(share.getKey())).as(share.getKey()).isLessThan(share.getValue());
      }
      assertThat(stack.prometheus().query(page())).isEmpty();
      assertThatAllStoresWrite(stack);

      Files.writeString(
          folder.resolve("jaeger/sampling-public.json"),
          "{ \"default_strategy\": { \"type\": \"probabilistic\", \"param\": 1 } }");
      try (Load flood = Load.start(stack.port("PORT"), CLIENTS)) {
        await()
            .atMost(Duration.ofMinutes(8))
            .untilAsserted(() -> assertThat(stack.prometheus().query(page())).isNotEmpty());
        assertThatAllWasAnswered(flood);
      }
      long left = Files.getFileStore(disk).getUsableSpace() / 1_000_000;
      System.out.printf("All traces stored: paged when %d MB were left%n", left);
      assertThat(left).isPositive();
      assertThatAllStoresWrite(stack);
    }
  }

  private ComposeStack start(Closer closer) throws IOException {
    Path root = SharedStack.project().root();
    Path config = ComposeStack.prometheusConfig(folder, Rules.AS_WRITTEN);
    Rules.AS_WRITTEN.copy(root.resolve("jaeger"), folder.resolve("jaeger"));
    // Jaeger takes 64 MB at a time, so the disk is larger, and half full.
    ComposeStack.makeDisk(closer, disk, "1G");
    Command.run(disk, Map.of(), List.of("fallocate", "--length=500M", "filler")).orFail();
    for (var owner : Map.of("jaeger", 10001, "prometheus", 65534, "victorialogs", 0).entrySet()) {
      Path data = Files.createDirectory(disk.resolve(owner.getKey()));
      Command.run(List.of("chown", "" + owner.getValue(), data.toString())).orFail();
    }
    var stack =
        new ComposeStack(
            folder,
            Map.of(
                "PROMETHEUS_CONFIG", config.toString(),
                "JAEGER_CONFIG", folder.resolve("jaeger").toString(),
                "DISK", disk.toString()),
            "compose/production.yml",
            "e2e/compose/flood.yml");
    closer.register(stack);
    stack.up();
    return stack;
  }

  private void assertThatAllWasAnswered(Load flood) {
    flood.stop();
    assertThat(flood.lost()).isEmpty();
    System.out.printf("%d rolls; MB of the stores:", flood.answered().size());
    SHARES.keySet().forEach(store -> System.out.printf(" %s %d", store, megabytes(store)));
    System.out.println();
  }

  private void assertThatAllStoresWrite(ComposeStack stack) {
    Instant now = Instant.now();
    try (Load load = Load.start(stack.port("PORT"), 1, 200)) {
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () -> {
                assertThat(stack.jaeger().traces("dice", now)).isNotEmpty();
                assertThat(
                        stack.victoriaLogs().query("_time:[%s, %s]".formatted(now, Instant.now())))
                    .isNotEmpty();
                assertThat(stack.scrapes(now, Instant.now())).isNotEmpty();
              });
    }
  }

  private String page() {
    return "ALERTS{alertname=\"HostDiskFull\", alertstate=\"firing\", mountpoint=\"%s\"}"
        .formatted(disk);
  }

  /** Returns what the files of a store take on the disk. */
  private long megabytes(String store) {
    String used =
        Command.run(List.of("du", "--summarize", "--block-size=MB", disk.resolve(store).toString()))
            .orFail();
    return Long.parseLong(used.replaceFirst("MB.*", ""));
  }
}
