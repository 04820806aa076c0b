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
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.process.ManagedProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Project;

/**
 * A running store of traces, in one of its forms.
 *
 * @param receivers the parts that receive OTLP
 * @param writers the parts that write to the store and count what they write
 * @param query the part that finds traces
 * @param parts all processes of the store
 * @param folders the folders of its data, by the kind of data
 */
record TraceStore(
    String name,
    List<Jaeger> receivers,
    List<Jaeger> writers,
    Jaeger query,
    List<ManagedProcess> parts,
    Map<String, Path> folders,
    Closer opened)
    implements AutoCloseable {

  /** Starts one process, with Badger on its own disk. */
  static TraceStore embedded(Project project) {
    Path folder = SharedStack.newFolder("embedded");
    var opened = new Closer();
    Jaeger jaeger = opened.register(Jaeger.start(project, FreePorts.forAll(), folder));
    return new TraceStore(
        "embedded",
        List.of(jaeger),
        List.of(jaeger),
        jaeger,
        List.of(jaeger.process()),
        Map.of("Badger", folder.resolve("jaeger")),
        opened);
  }

  /**
   * Starts collectors, Kafka, ingesters, Cassandra and query.
   *
   * @param tags the searchable tags, with commas; empty for all
   */
  static TraceStore distributed(Project project, String tags) throws IOException {
    String name = tags.isEmpty() ? "distributed" : "distributed, few tags";
    Path folder = SharedStack.newFolder("distributed");
    var opened = new Closer();
    try {
      var kafka = opened.register(new Kafka(project, folder));
      var cassandra = opened.register(new Cassandra(project, folder));
      var form =
          opened.register(
              new ScaledTraces(
                  project, kafka, cassandra, "throughput", Map.of("JAEGER_INDEX_TAGS", tags)));
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
      opened.close();
      throw e;
    }
  }

  /**
   * Returns the seconds of CPU so far, by kind of part: collectors together, ingesters together.
   */
  Map<String, Double> cpu() {
    Map<String, Double> seconds = new TreeMap<>();
    for (ManagedProcess process : parts) {
      seconds.merge(
          process.name().replaceFirst("-\\d+$", ""), process.cpu().toNanos() / 1e9, Double::sum);
    }
    return seconds;
  }

  /** Returns the number of spans that have been written to the store. */
  long written() throws IOException {
    return (long)
        ScaledTraces.sum(
            writers, "otelcol_exporter_sent_spans_total", "exporter=\"jaeger_storage_exporter\"");
  }

  /** Stops all parts and returns the bytes on disk, by the kind of data. */
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
    opened.close();
  }
}
