package lapalma.agent.export;

import io.opentelemetry.api.incubator.config.DeclarativeConfigException;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import java.time.Duration;
import lapalma.agent.config.Settings;

/**
 * The settings of {@code bounded_batch}: those of the SDK's {@code batch} that have a meaning here,
 * and a bound in bytes.
 *
 * @param scheduleDelay after which a batch is sent that is not full; {@code schedule_delay}, in ms,
 *     500 by default
 * @param maxExportBatchSize in items; {@code max_export_batch_size}, 2048 by default
 * @param maxQueueSize in items; {@code max_queue_size}, 8192 by default
 * @param maxQueueBytes as {@link DataSize} estimates them; {@code max_queue_bytes}, 16 MiB by
 *     default
 */
record BatchSettings(
    Duration scheduleDelay, int maxExportBatchSize, int maxQueueSize, int maxQueueBytes) {
  /** For the outcome of an export: it ends when the batch is delivered, refused or given up. */
  static final Duration UNLIMITED = Duration.ZERO;

  static final int DELAY_MILLIS = 500;
  static final int BATCH_SIZE = 2048;
  static final int QUEUE_SIZE = 8192;
  static final int QUEUE_BYTES = 16 << 20;

  static BatchSettings of(DeclarativeConfigProperties config) {
    int batchSize = Settings.atLeastOne(config, "max_export_batch_size", BATCH_SIZE);
    int queueSize = Settings.atLeastOne(config, "max_queue_size", QUEUE_SIZE);
    if (batchSize > queueSize) {
      throw new DeclarativeConfigException(
          "max_export_batch_size is %d, above max_queue_size, %d: such a batch is never full"
              .formatted(batchSize, queueSize));
    }
    return new BatchSettings(
        Duration.ofMillis(Settings.atLeastOne(config, "schedule_delay", DELAY_MILLIS)),
        batchSize,
        queueSize,
        Settings.atLeastOne(config, "max_queue_bytes", QUEUE_BYTES));
  }
}
