package lapalma.e2e.scale;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.process.ManagedProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Project;

/**
 * One of the forms that keep traces, running.
 *
 * @param receivers which take OTLP
 * @param writers which write to the store, and count what they have written
 * @param query which finds traces
 * @param parts all of its processes
 * @param folders what it keeps on disk, by what that is
 */
record TraceStore(
    String name,
    List<Jaeger> receivers,
    List<Jaeger> writers,
    Jaeger query,
    List<ManagedProcess> parts,
    Map<String, Path> folders,
    List<AutoCloseable> opened)
    implements AutoCloseable {

  /** One process, Badger on its own disk. */
  static TraceStore embedded(Project project) {
    Path folder = SharedStack.newFolder("embedded");
    Jaeger jaeger = Jaeger.start(project, FreePorts.forAll(), folder);
    return new TraceStore(
        "embedded",
        List.of(jaeger),
        List.of(jaeger),
        jaeger,
        List.of(jaeger.process()),
        Map.of("Badger", folder.resolve("jaeger")),
        List.of(jaeger));
  }

  /**
   * Collectors, Kafka, ingesters, Cassandra and query.
   *
   * @param tags that can be searched for, with commas; all where it is empty
   */
  static TraceStore distributed(Project project, String tags) throws IOException {
    String name = tags.isEmpty() ? "distributed" : "distributed, few tags";
    Path folder = SharedStack.newFolder("distributed");
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      var kafka = new Kafka(project, folder);
      opened.add(0, kafka);
      var cassandra = new Cassandra(project, folder);
      opened.add(0, cassandra);
      var form =
          new ScaledTraces(
              project, kafka, cassandra, "throughput", Map.of("JAEGER_INDEX_TAGS", tags));
      opened.add(0, form);
      List<ManagedProcess> parts = new ArrayList<>(List.of(kafka.process(), cassandra.process()));
      form.collectors().forEach(jaeger -> parts.add(jaeger.process()));
      form.ingesters().forEach(jaeger -> parts.add(jaeger.process()));
      parts.add(form.query().process());
      return new TraceStore(
          name,
          form.collectors(),
          form.ingesters(),
          form.query(),
          parts,
          Map.of(
              "Kafka", folder.resolve("kafka"),
              "Cassandra", folder.resolve("cassandra/data")),
          opened);
    } catch (IOException | RuntimeException e) {
      closeAll(opened);
      throw e;
    }
  }

  /** Seconds of CPU until now, by what runs: all collectors together, all ingesters together. */
  Map<String, Double> cpu() {
    Map<String, Double> seconds = new TreeMap<>();
    for (ManagedProcess process : parts) {
      seconds.merge(
          process.name().replaceFirst("-\\d+$", ""), process.cpu().toNanos() / 1e9, Double::sum);
    }
    return seconds;
  }

  /** Spans that have been written to the store. */
  long written() throws IOException {
    return (long)
        ScaledTraces.sum(
            writers, "otelcol_exporter_sent_spans_total", "exporter=\"jaeger_storage_exporter\"");
  }

  /** Stops all, and tells how many bytes are then on disk, by what they are. */
  Map<String, Long> closeAndWeigh() {
    close();
    Map<String, Long> bytes = new TreeMap<>();
    folders.forEach((what, folder) -> bytes.put(what, size(folder)));
    return bytes;
  }

  private static long size(Path folder) {
    try (var files = Files.walk(folder)) {
      return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closeAll(opened);
  }

  private static void closeAll(List<AutoCloseable> opened) {
    for (AutoCloseable one : opened) {
      try {
        one.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
