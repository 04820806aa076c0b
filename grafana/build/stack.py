"""Can what the other dashboards show be believed: Prometheus, Jaeger, VictoriaLogs, Alertmanager, and what got lost."""

from grafana_foundation_sdk.builders import dashboard

from style import (
    ANY_IS_BAD,
    BAD,
    BYTES,
    COUNT,
    FULL,
    FULLNESS,
    GOOD,
    PER_SECOND,
    SECONDS,
    SHARE,
    WARN,
    graph,
    number,
    page,
    query,
    states,
    steps,
)

JAEGER = 'job="jaeger"'
LOGS = 'job="victoria-logs"'
AGENT = 'service!=""'


def lost(metric: str, labels: str = "") -> str:
    """How many a second; 0 too where nothing has counted any yet."""
    return f"sum(rate({metric}{labels}[5m])) or vector(0)"


def lost_by_agents(what: str) -> str:
    """Refused by the store, or no room in the queue."""
    failed = f'{{{AGENT}, error_type!=""}}'
    return (
        f"({lost(f'otel_sdk_exporter_{what}_exported_total', failed)})\n"
        f"+ ({lost(f'otel_sdk_processor_{what}_processed_total', failed)})"
    )


# What an agent exports: as metrics name it, as people do, and what counts each item where it begins.
SIGNALS = (
    (
        "span",
        "spans",
        f'otel_sdk_span_started_total{{{AGENT}, otel_span_sampling_result="RECORD_AND_SAMPLE"}}',
    ),
    ("log", "log lines", f"otel_sdk_log_total{{{AGENT}}}"),
)


def failed(metric: str) -> str:
    """How many a second. Series of failures exist from the first one on."""
    return (
        f'sum by (instance) (rate({metric}{{{AGENT}, error_type!=""}}[$__rate_interval]))'
        f" or 0 * sum by (instance) ({metric}{{{AGENT}}})"
    )


def build() -> dashboard.Dashboard:
    stack = page(
        "stack",
        "Whether the other dashboards can be trusted: the state of the monitoring, and the telemetry that was lost.",
    )

    stack.with_panel(
        states(
            "Targets",
            "Whether Prometheus reached the targets of each job.",
            query("min by (job) (up) + max by (job) (up)", "{{job}}"),
            texts={0: ("none is up", BAD), 1: ("some are up", WARN), 2: ("all are up", GOOD)},
            height=8,
        )
    )
    stack.with_panel(
        graph(
            "Dropped data",
            "Telemetry that was lost on its way, a second: samples, alerts, spans, log lines. Should be 0.",
            PER_SECOND,
            query(lost("prometheus_target_scrapes_sample_out_of_order_total"), "samples out of order"),
            query(
                lost("prometheus_target_scrapes_sample_duplicate_timestamp_total"),
                "samples of the same time",
            ),
            query(lost("prometheus_target_scrapes_exceeded_sample_limit_total"), "scrapes too large"),
            query(lost("prometheus_notifications_dropped_total"), "alerts not sent"),
            query(lost("alertmanager_notifications_failed_total"), "notifications failed"),
            query(lost("otelcol_receiver_refused_spans_total", f"{{{JAEGER}}}"), "spans refused"),
            query(lost("otelcol_exporter_send_failed_spans_total", f"{{{JAEGER}}}"), "spans not stored"),
            query(lost("vl_rows_dropped_total", f"{{{LOGS}}}"), "log lines dropped"),
            query(lost_by_agents("span"), "spans lost by the agent"),
            query(lost_by_agents("log"), "log lines lost by the agent"),
            thresholds=ANY_IS_BAD,
            show_thresholds=False,
            width=FULL,
        )
    )

    stack.with_panel(
        graph(
            "Prometheus: samples",
            "Samples stored a second.",
            PER_SECOND,
            query(
                "sum by (instance) (rate(prometheus_tsdb_head_samples_appended_total[$__rate_interval]))",
                "{{instance}}",
            ),
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: series",
            "Series that were written to in the last hours. A steep rise means that a label has too many values.",
            COUNT,
            query("prometheus_tsdb_head_series", "{{instance}}"),
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: duration of scrapes",
            "The slowest target of each job. The limit is 4 s.",
            SECONDS,
            query("max by (job) (scrape_duration_seconds)", "{{job}}"),
            thresholds=steps((2, WARN), (4, BAD)),
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: rules",
            "Evaluations of rules that failed or were skipped, a second. Should be 0, because rules compute "
            "the health state.",
            PER_SECOND,
            query(
                "sum by (instance) (rate(prometheus_rule_evaluation_failures_total[5m]))",
                "failed {{instance}}",
            ),
            query(
                "sum by (instance) (rate(prometheus_rule_group_iterations_missed_total[5m]))",
                "left out {{instance}}",
            ),
            thresholds=ANY_IS_BAD,
            show_thresholds=False,
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: duration of rules",
            "How long each group of rules took the last time. The limit is the evaluation interval.",
            SECONDS,
            query(
                'label_replace(prometheus_rule_group_last_duration_seconds, "group", "$1", '
                '"rule_group", ".*;(.*)")',
                "{{group}}",
            ),
            thresholds=steps((1, WARN), (5, BAD)),
            show_thresholds=False,
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: limits exceeded",
            "In 5 minutes: scrapes with too many samples, and scrapes of jobs with too many targets. Should be 0.",
            COUNT,
            query(
                "sum by (instance) (increase(prometheus_target_scrapes_exceeded_sample_limit_total[5m]))",
                "samples {{instance}}",
            ),
            query(
                "sum by (instance) (increase(prometheus_target_scrape_pool_exceeded_target_limit_total[5m]))",
                "targets {{instance}}",
            ),
            thresholds=ANY_IS_BAD,
            show_thresholds=False,
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: storage failures",
            "In an hour: failed compactions, failed reloads of blocks, and failed checkpoints. Should be 0.",
            COUNT,
            query("increase(prometheus_tsdb_compactions_failed_total[1h])", "compactions {{instance}}"),
            query("increase(prometheus_tsdb_reloads_failures_total[1h])", "reloads {{instance}}"),
            query(
                "increase(prometheus_tsdb_checkpoint_creations_failed_total[1h])", "checkpoints {{instance}}"
            ),
            thresholds=ANY_IS_BAD,
            show_thresholds=False,
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: disk",
            "Disk space of the stored series: the write-ahead log, the newest chunks, and the blocks.",
            BYTES,
            query("prometheus_tsdb_wal_storage_size_bytes", "log {{instance}}"),
            query("prometheus_tsdb_head_chunks_storage_size_bytes", "newest {{instance}}"),
            query("prometheus_tsdb_storage_blocks_bytes", "blocks {{instance}}"),
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: behind in the store",
            "The age of the newest sample that a receiver accepted. Empty if no metrics are written to a store.",
            SECONDS,
            query(
                "time() - max by (instance) (prometheus_remote_storage_queue_highest_sent_timestamp_seconds)",
                "{{instance}}",
            ),
            thresholds=steps((15, WARN), (60, BAD)),
            show_thresholds=False,
        )
    )
    stack.with_panel(
        number(
            "Prometheus: configuration",
            "1 if the last reload of the configuration worked. 0 if it failed: the former configuration is in use.",
            COUNT,
            query("prometheus_config_last_reload_successful", "{{instance}}"),
            thresholds=steps((1, GOOD), base=BAD),
            height=8,
        )
    )
    stack.with_panel(
        graph(
            "Memory",
            "The memory of the monitoring programs.",
            BYTES,
            query(
                'process_resident_memory_bytes{job=~"prometheus|victoria-logs|alertmanager|thanos-.+"}',
                "{{job}} {{instance}}",
            ),
            query(f"otelcol_process_memory_rss_bytes{{{JAEGER}}}", "jaeger {{instance}}"),
        )
    )

    stack.with_panel(
        graph(
            "Jaeger: spans received",
            "Spans a second that were accepted, and spans that were refused. Refused spans are lost.",
            PER_SECOND,
            query(
                f"sum by (receiver) (rate(otelcol_receiver_accepted_spans_total{{{JAEGER}}}[$__rate_interval]))",
                "accepted from {{receiver}}",
            ),
            query(
                f"sum by (receiver) (rate(otelcol_receiver_refused_spans_total{{{JAEGER}}}[$__rate_interval]))",
                "refused from {{receiver}}",
            ),
        )
    )
    stack.with_panel(
        graph(
            "Jaeger: spans stored",
            "Spans a second that were stored, and spans that could not be stored.",
            PER_SECOND,
            query(
                f"sum by (exporter) (rate(otelcol_exporter_sent_spans_total{{{JAEGER}}}[$__rate_interval]))",
                "stored {{exporter}}",
            ),
            query(
                # Jaeger 2.20 has no such series before the first failure.
                "sum by (exporter) "
                f"(rate(otelcol_exporter_send_failed_spans_total{{{JAEGER}}}[$__rate_interval]))"
                f" or 0 * sum by (exporter) (otelcol_exporter_sent_spans_total{{{JAEGER}}})",
                "failed {{exporter}}",
            ),
        )
    )
    stack.with_panel(
        graph(
            "Jaeger: searches",
            "Requests to the trace storage, a second, by kind and result.",
            PER_SECOND,
            query(
                "sum by (operation, result) "
                f"(rate(jaeger_storage_requests_total{{{JAEGER}}}[$__rate_interval]))",
                "{{operation}} {{result}}",
            ),
        )
    )
    stack.with_panel(
        graph(
            "Jaeger: duration of searches",
            "The mean duration of requests in the last 5 minutes, by kind.",
            SECONDS,
            query(
                f"sum by (operation) (rate(jaeger_storage_latency_seconds_sum{{{JAEGER}}}[5m]))\n"
                f"/ (sum by (operation) (rate(jaeger_storage_latency_seconds_count{{{JAEGER}}}[5m])) > 0)",
                "{{operation}}",
            ),
            thresholds=steps((1, WARN), (5, BAD)),
            show_thresholds=False,
        )
    )
    stack.with_panel(
        graph(
            "Agent: delivered",
            "Share of the sampled spans and of the log lines of 5 minutes that their store has accepted. It falls while "
            "they wait, and is above 100 % while what has waited is delivered.",
            SHARE,
            *(
                query(
                    f'sum by (instance) (rate(otel_sdk_exporter_{what}_exported_total{{{AGENT}, error_type=""}}[5m]))\n'
                    f"/ (sum by (instance) (rate({begun}[5m])) > 0)",
                    f"{name} {{{{instance}}}}",
                )
                for what, name, begun in SIGNALS
            ),
            thresholds=steps((0.9, WARN), (0.99, GOOD), base=BAD),
        )
    )
    stack.with_panel(
        graph(
            "Agent: lost",
            "Spans and log lines a second that their store refused, or that found no room in the agent's queue. Lost log "
            "lines stay in the log of the container.",
            PER_SECOND,
            *(
                query(failed(metric), f"{name} {why} {{{{instance}}}}")
                for what, name, _ in SIGNALS
                for metric, why in (
                    (f"otel_sdk_exporter_{what}_exported_total", "refused"),
                    (f"otel_sdk_processor_{what}_processed_total", "without room"),
                )
            ),
            thresholds=ANY_IS_BAD,
            show_thresholds=False,
        )
    )
    stack.with_panel(
        graph(
            "Agent: waiting",
            "What waits in the agent or is in flight, as a share of the items that its queue holds. The queue is full "
            "earlier if they are large: it holds 16 MiB.",
            SHARE,
            *(
                query(
                    f"(sum by (instance) (otel_sdk_processor_{what}_queue_size{{{AGENT}}})\n"
                    f" + sum by (instance) (otel_sdk_exporter_{what}_inflight{{{AGENT}}}))\n"
                    f"/ sum by (instance) (otel_sdk_processor_{what}_queue_capacity{{{AGENT}}})",
                    f"{name} {{{{instance}}}}",
                )
                for what, name, _ in SIGNALS
            ),
            thresholds=FULLNESS,
            top=1,
        )
    )

    stack.with_panel(
        graph(
            "VictoriaLogs: log lines received",
            "Log lines a second that were stored or dropped, and exports that VictoriaLogs could not decode.",
            PER_SECOND,
            query(
                f"sum by (instance) (rate(vl_rows_ingested_total{{{LOGS}}}[$__rate_interval]))",
                "stored {{instance}}",
            ),
            query(
                f"sum by (instance) (rate(vl_rows_dropped_total{{{LOGS}}}[$__rate_interval]))",
                "dropped {{instance}}",
            ),
            query(
                f'sum by (instance) (rate(vl_http_errors_total{{{LOGS}, path=~"/insert/.*"}}[$__rate_interval]))',
                "exports not decoded {{instance}}",
            ),
        )
    )
    stack.with_panel(
        graph(
            "VictoriaLogs: disk",
            "The disk space of the stored log lines, and of their index.",
            BYTES,
            query(f'vl_data_size_bytes{{{LOGS}, type="storage"}}', "log lines {{instance}}"),
            query(f'vl_data_size_bytes{{{LOGS}, type="indexdb"}}', "index {{instance}}"),
        )
    )
    stack.with_panel(
        number(
            "VictoriaLogs: read-only",
            "1 if VictoriaLogs refuses log lines because its disk is full, otherwise 0.",
            COUNT,
            query(f"max by (instance) (vl_storage_is_read_only{{{LOGS}}})", "{{instance}}"),
            thresholds=steps((1, BAD)),
            height=8,
        )
    )
    stack.with_panel(
        number(
            "Watchdog",
            "1 if the alert that always fires is firing. Only the dead man's switch knows whether it leaves the stack.",
            COUNT,
            query('count(ALERTS{alertname="Watchdog", alertstate="firing"})', "fires"),
            thresholds=steps((1, GOOD), base=BAD),
            height=8,
        )
    )
    stack.with_panel(
        graph(
            "Prometheus: alerts not delivered",
            "Share of the alerts that Alertmanager did not accept. While Alertmanager is down, nobody is alerted.",
            SHARE,
            query(
                "sum by (instance) (rate(prometheus_notifications_errors_total[5m]))\n"
                "/ (sum by (instance) (rate(prometheus_notifications_errors_total[5m]))\n"
                "   + sum by (instance) (rate(prometheus_notifications_sent_total[5m])))",
                "{{instance}}",
            ),
            thresholds=steps((0.03, WARN), (0.5, BAD)),
            top=1,
        )
    )
    stack.with_panel(
        graph(
            "Alertmanager: alerts",
            "Alerts that Alertmanager holds, by state.",
            COUNT,
            query("sum by (state) (alertmanager_alerts)", "{{state}}"),
        )
    )
    stack.with_panel(
        graph(
            "Alertmanager: notifications",
            "Notifications that were sent or failed, a second, by receiver.",
            PER_SECOND,
            query(
                "sum by (integration) (rate(alertmanager_notifications_total[5m]))",
                "sent {{integration}}",
            ),
            query(
                "sum by (integration) (rate(alertmanager_notifications_failed_total[5m]))",
                "failed {{integration}}",
            ),
        )
    )
    return stack
