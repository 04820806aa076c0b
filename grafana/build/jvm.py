"""Inside the JVM: memory, garbage collection, threads, classes, CPU, and Undertow's workers."""

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import VariableOption

from style import (
    BAD,
    BYTES,
    COUNT,
    FULL,
    FULLNESS,
    PER_SECOND,
    SHARE,
    WARN,
    graph,
    instances,
    page,
    query,
    services,
    steps,
)

OF = 'service=~"$service", instance=~"$instance:.+"'
HEAP = f'{{{OF}, jvm_memory_type="heap"}}'
ALL = f"{{{OF}}}"


def build() -> dashboard.Dashboard:
    jvm = page("jvm", "Inside the JVM that the service runs in.")
    # Some lines for each instance: of a hundred, a few are chosen.
    jvm.with_variable(services())
    jvm.with_variable(instances().include_all(False).current(VariableOption()))

    jvm.with_panel(
        graph(
            "Heap",
            "Memory that objects use, that the JVM has taken from the system, and that it may take at most. Use rises and "
            "falls with each garbage collection. What counts is what remains after it.",
            BYTES,
            query(f"sum by (instance) (jvm_memory_used_bytes{HEAP})", "used {{instance}}"),
            query(f"sum by (instance) (jvm_memory_committed_bytes{HEAP})", "committed {{instance}}"),
            query(f"sum by (instance) (jvm_memory_limit_bytes{HEAP})", "limit {{instance}}"),
        )
    )
    jvm.with_panel(
        graph(
            "Heap after garbage collection",
            "Share of the limit that is still used after the last collection: the memory that the app "
            "really needs. A rise that does not end is a leak.",
            SHARE,
            query(
                f"sum by (instance) (jvm_memory_used_after_last_gc_bytes{HEAP})\n"
                f"/ sum by (instance) (jvm_memory_limit_bytes{HEAP})",
                "{{instance}}",
            ),
            thresholds=steps((0.85, WARN), (0.95, BAD)),
            top=1,
        )
    )
    jvm.with_panel(
        graph(
            "Time in garbage collection",
            "Share of time, by collector.",
            SHARE,
            query(
                "sum by (instance, jvm_gc_name, jvm_gc_action) "
                f"(rate(jvm_gc_duration_seconds_sum{ALL}[$__rate_interval]))",
                "{{jvm_gc_name}}, {{jvm_gc_action}} {{instance}}",
            ),
            thresholds=steps((0.05, WARN), (0.2, BAD)),
            show_thresholds=False,
        )
    )
    jvm.with_panel(
        graph(
            "Garbage collections",
            "Collections a second, by collector.",
            PER_SECOND,
            query(
                "sum by (instance, jvm_gc_name, jvm_gc_action) "
                f"(rate(jvm_gc_duration_seconds_count{ALL}[$__rate_interval]))",
                "{{jvm_gc_name}}, {{jvm_gc_action}} {{instance}}",
            ),
        )
    )
    jvm.with_panel(
        graph(
            "CPU",
            "Share of the machine's processors that this JVM uses.",
            SHARE,
            query(f"max by (instance) (jvm_cpu_recent_utilization{ALL})", "{{instance}}"),
            thresholds=FULLNESS,
            top=1,
        )
    )
    jvm.with_panel(
        graph(
            "Processors",
            "Processors that the JVM keeps busy, and those that it has.",
            COUNT,
            query(
                f"sum by (instance) (rate(jvm_cpu_time_seconds_total{ALL}[$__rate_interval]))",
                "busy {{instance}}",
            ),
            query(f"max by (instance) (jvm_cpu_count{ALL})", "there {{instance}}"),
        )
    )
    jvm.with_panel(
        graph(
            "Worker threads",
            "Undertow's (XNIO's) worker threads: the busy ones, all of them, and the limit. "
            "If all are busy, further requests wait.",
            "suffix: threads",
            query(f"max by (instance) (undertow_worker_threads_busy{ALL})", "busy {{instance}}"),
            query(f"max by (instance) (undertow_worker_pool_size{ALL})", "there {{instance}}"),
            query(f"max by (instance) (undertow_worker_threads_limit{ALL})", "limit {{instance}}"),
        )
    )
    jvm.with_panel(
        graph(
            "Tasks waiting for a worker",
            "Should be 0 most of the time: a task waits only if every worker is busy.",
            "suffix: tasks",
            query(f"max by (instance) (undertow_worker_queue_size{ALL})", "{{instance}}"),
            thresholds=steps((1, WARN), (10, BAD)),
            show_thresholds=False,
        )
    )
    jvm.with_panel(
        graph(
            "Open connections",
            "Connections of clients to each of the listener's addresses.",
            "suffix: connections",
            query(
                f"sum by (instance, server_address) (undertow_listener_connections{ALL})",
                "{{server_address}} {{instance}}",
            ),
        )
    )
    jvm.with_panel(
        graph(
            "Threads by state",
            "All threads of the JVM. Blocked threads wait for a lock: more than 5 for 2 minutes are alerted.",
            "suffix: threads",
            query(
                f"sum by (instance, jvm_thread_state) (jvm_thread_count{ALL})",
                "{{jvm_thread_state}} {{instance}}",
            ),
        )
    )
    jvm.with_panel(
        graph(
            "Classes",
            "Classes that are loaded. A rise that does not end is a leak of class loaders.",
            COUNT,
            query(f"max by (instance) (jvm_class_count{ALL})", "loaded {{instance}}"),
        )
    )
    jvm.with_panel(
        graph(
            "Other memory",
            "Used outside the heap: code, classes.",
            BYTES,
            query(
                "sum by (instance, jvm_memory_pool_name) "
                f'(jvm_memory_used_bytes{{{OF}, jvm_memory_type="non_heap"}})',
                "{{jvm_memory_pool_name}} {{instance}}",
            ),
        )
    )
    jvm.with_panel(
        graph(
            "Restarts in the last 15 minutes",
            "Restarts of the JVM. Two or more are alerted.",
            units.Short,
            query(
                'instance:jvm_restarts:count15m{service=~"$service", instance=~"$instance:.+"}',
                "{{instance}}",
            ),
            thresholds=steps((1, WARN), (2, BAD)),
            width=FULL,
        )
    )
    return jvm
