"""Which of several instances is it: all of them as rows, the highest as lines."""

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from style import (
    BAD,
    COUNT,
    FULLNESS,
    REQUESTS_PER_SECOND,
    SECONDS,
    SHARE,
    WARN,
    graph,
    instances,
    merged_rows,
    most,
    number,
    page,
    query,
    search_traces,
    services,
    steps,
)

OF = '{service=~"$service", job!~"dice|probe-.+", instance=~"$instance:.+"}'
RECORDED = '{service=~"$service", instance=~"$instance:.+"}'

TRACES = search_traces("service.instance.id=${__value.raw}", "now-1h", "now")


def recorded(name: str) -> str:
    """What prometheus/rules record of each instance."""
    return f"instance:{name}{RECORDED}"


def build() -> dashboard.Dashboard:
    page_of = page("instances", "Which of several instances differs from the others.")
    page_of.with_variable(services())
    page_of.with_variable(instances())

    page_of.with_panel(
        number(
            "Up",
            "Instances whose agent answers Prometheus.",
            COUNT,
            query(f"sum(up{OF})", "up"),
        )
    )
    page_of.with_panel(
        number(
            "Away",
            "Instances that Prometheus cannot reach.",
            COUNT,
            query(f"sum(1 - up{OF})", "away"),
            thresholds=steps((1, WARN)),
        )
    )
    page_of.with_panel(
        merged_rows(
            "Instances",
            "Requests, failures and the 95th percentile are those of the routes with objectives over five minutes. instance is the address "
            "that Prometheus scrapes. service.instance.id changes with each start of the JVM: click on it to see the "
            "traces of this start.",
            {
                "up": (f"max by (instance) (up{OF})", units.NoUnit),
                "started as": (
                    f"max by (instance, service_instance_id, service_version) (target_info{OF})",
                    units.NoUnit,
                ),
                "requests": (
                    f"max by (instance) ({recorded('http_server_requests:rate5m')})",
                    REQUESTS_PER_SECOND,
                ),
                "failures": (f"max by (instance) ({recorded('http_server_errors:ratio_rate5m')})", SHARE),
                "p95": (
                    f"max by (instance) ({recorded('http_server_duration_seconds:p95_rate5m')})",
                    SECONDS,
                ),
                "workers": (f"max by (instance) ({recorded('worker_threads:utilization')})", SHARE),
                "heap": (f"max by (instance) ({recorded('heap_after_gc:utilization')})", SHARE),
                "CPU": (f"max by (instance) ({recorded('cpu:utilization')})", SHARE),
                "restarts in 15 minutes": (f"max by (instance) ({recorded('jvm_restarts:count15m')})", COUNT),
            },
            by="instance",
        ).override_by_name(
            "service.instance.id",
            [
                DynamicConfigValue(
                    id_val="links",
                    value=[{"title": "Its traces", "url": TRACES, "targetBlank": True}],
                )
            ],
        )
    )
    for title, description, unit, name, thresholds in (
        (
            "Requests",
            "Requests a second on the routes with objectives.",
            REQUESTS_PER_SECOND,
            "http_server_requests:rate5m",
            None,
        ),
        (
            "Failures",
            "Share of requests answered with 5xx. If there are several instances, more than 5 % is alerted.",
            SHARE,
            "http_server_errors:ratio_rate5m",
            steps((0.006, WARN), (0.05, BAD)),
        ),
        (
            "Duration, p95",
            "95 of 100 requests take no longer.",
            SECONDS,
            "http_server_duration_seconds:p95_rate5m",
            steps((0.1, WARN), (0.25, BAD)),
        ),
        ("Worker threads", "Share that is busy.", SHARE, "worker_threads:utilization", FULLNESS),
        (
            "Heap after garbage collection",
            "Share of the limit that is in use.",
            SHARE,
            "heap_after_gc:utilization",
            steps((0.85, WARN), (0.95, BAD)),
        ),
        ("CPU", "Share of the machine that the JVM uses.", SHARE, "cpu:utilization", FULLNESS),
    ):
        page_of.with_panel(
            graph(
                title,
                f"{description} The ten instances that were highest in the time shown.",
                unit,
                query(most(recorded(name)), "{{instance}}"),
                show_thresholds=False,
                **({"thresholds": thresholds} if thresholds else {}),
            )
        )
    return page_of
