"""The first page: is it healthy, since when, which signal says so, and a trace that shows why."""

from grafana_foundation_sdk.builders import common, dashboard
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue

from style import (
    BAD,
    COUNT,
    FIRING,
    FULLNESS,
    GOOD,
    HALF,
    REQUESTS_PER_SECOND,
    SECONDS,
    SHARE,
    STATES,
    WARN,
    bars,
    graph,
    heat_map,
    link,
    log_lines,
    mapping,
    number,
    page,
    query,
    rows,
    search_traces,
    services,
    states,
    steps,
    with_objective,
)

# Chi-squared above this comes once in a million samples of a fair dice; see prometheus/rules.
UNFAIR = 35.89

FAILING = "error=true"

OF = '{service=~"$service"}'
ROUTES = '{service=~"$service", http_route!="/fail"}'
OF_BUDGET = "/ on (service, slo) (1 - slo:objective:ratio)"


def to(uid: str, title: str) -> dashboard.DashboardLink:
    return link(title, f"/d/{uid}", title, keep_time=True)


def failing() -> dashboard.DashboardLink:
    return link("Failing traces of the time shown", search_traces(FAILING), "Search for failed requests")


def of_dice(expr: str) -> str:
    """What only dice has: nothing if another service is chosen."""
    return f'{expr} and on () up{{job="dice", service=~"$service"}}'


def build() -> dashboard.Dashboard:
    health = page(
        "health",
        "Is the service healthy, since when, which signal says so, and which traces show why.",
    )
    health.with_variable(services())
    health.link(
        link(
            "Failing traces in the last 15 minutes",
            search_traces(FAILING, "now-15m", "now"),
            "Search for failed requests",
        )
    )

    health.with_panel(
        number(
            "State",
            "The worst of all reasons. Healthy: every objective is kept. Degraded: keep watch, a budget "
            "burns too fast or a resource runs short. Unhealthy: users notice, act now.",
            units.NoUnit,
            query(f"service:health:state{OF}", "state"),
            thresholds=steps((1, WARN), (2, BAD)),
        )
        .mappings([mapping(STATES)])
        .no_value("unknown")
    )
    health.with_panel(
        number(
            "In this state for",
            "Time since the state last changed, looking back at most six hours.",
            "dtdurations",
            query(
                "time() - max_over_time(timestamp("
                'service:health:state{service=~"$service"} != on () (service:health:state{service=~"$service"} @ end()))[6h:15s])\n'
                'or time() - min_over_time(timestamp(service:health:state{service=~"$service"})[6h:15s])',
                "for",
                instant=True,
            ),
        )
    )
    health.with_panel(
        rows(
            "Firing alerts",
            "Alerts that ask somebody to act: a page at once, a ticket in working hours. The last column links to what to "
            "do. Empty if no alert fires.",
            units.NoUnit,
            query(FIRING, instant=True),
        )
        .no_value("No alert fires")
        .with_transformation(
            DataTransformerConfig(
                id_val="filterFieldsByName",
                options={
                    "include": {"names": ["severity", "alertname", "job", "instance", "slo", "runbook"]}
                },
            )
        )
        .override_by_name(
            "runbook",
            [
                DynamicConfigValue(
                    id_val="links",
                    value=[{"title": "What to do", "url": "${__value.raw}", "targetBlank": True}],
                )
            ],
        )
        .links([to("stack", "What Alertmanager did with them")])
    )
    health.with_panel(
        states(
            "State and reasons",
            "The state over time: it is the worst of the reasons below it. "
            "Fairness is judged from 600 rolls an hour on. On all graphs, blue marks are starts of dice, purple marks are "
            "releases, and red marks are firing alerts.",
            query(f"service:health:state{OF}", "state"),
            query(f"max by (reason) (service:health:reason{OF})", "{{reason}}"),
            texts=STATES,
            height=7,
        )
    )
    health.with_panel(
        graph(
            "Traffic",
            "Requests a second by route.",
            REQUESTS_PER_SECOND,
            query(f"route:http_server_requests:rate5m{OF}", "{{http_route}}"),
        ).links([to("service", "By route and status")])
    )
    health.with_panel(
        with_objective(
            graph(
                "Errors",
                "Share of requests answered with 5xx, by route, beside the share that may fail. Without GET /fail, which "
                "fails by design and is on the Service dashboard.",
                SHARE,
                query(f"route:http_server_errors:ratio_rate5m{ROUTES}", "{{http_route}}"),
                thresholds=steps((0.006, WARN), (0.0144, BAD)),
                show_thresholds=False,
            )
        ).links([failing()])
    )
    health.with_panel(
        graph(
            "Latency",
            "The time in which 50, 95 and 99 of 100 requests are answered, by route. Without GET /fail.",
            SECONDS,
            *(
                query(f"route:http_server_duration_seconds:p{of}_rate5m{ROUTES}", f"p{of} {{{{http_route}}}}")
                for of in (50, 95, 99)
            ),
            thresholds=steps((0.1, WARN), (0.25, BAD)),
            show_thresholds=False,
        ).links([to("service", "By route")])
    )
    health.with_panel(
        graph(
            "Saturation",
            "The highest utilization of all instances: worker threads, heap after garbage collection, CPU.",
            SHARE,
            query(f"max(instance:worker_threads:utilization{OF})", "workers"),
            query(f"max(instance:heap_after_gc:utilization{OF})", "heap"),
            query(f"max(instance:cpu:utilization{OF})", "CPU"),
            thresholds=FULLNESS,
            top=1,
        ).links([to("instances", "Of which instance"), to("jvm", "Inside the JVM"), to("host", "Around it")])
    )
    health.with_panel(
        graph(
            "Answers to the probe",
            "Share of the probes that got the right answer within 1 s, by address. The other panels show only requests that "
            "reach the JVM. This panel shows what clients see. Empty if no blackbox exporter runs.",
            SHARE,
            query(f"avg by (job, instance) (avg_over_time(probe_success{OF}[5m]))", "{{job}} {{instance}}"),
            top=1,
            thresholds=steps((0.9856, WARN), (0.994, GOOD), base=BAD),
        )
    )
    health.with_panel(
        graph(
            "How long the probe waits",
            "Seconds until the probe received the whole answer, by address. After 1 s, the probe gives up.",
            SECONDS,
            query(
                f"max by (job, instance) (max_over_time(probe_duration_seconds{OF}[5m]))",
                "{{job}} {{instance}}",
            ),
            thresholds=steps((1, BAD)),
        )
    )
    health.with_panel(
        heat_map(
            "How long requests take",
            "Answers on the routes with objectives in each bucket of duration. A dot is an exemplar: it leads to the trace "
            "of that one request.",
            query(
                "sum by (le) (increase(http_server_request_duration_seconds_bucket"
                '{service=~"$service"}[$__rate_interval]) and on (service, http_route) service:route)'
            ),
        ).links([failing()])
    )
    health.with_panel(
        log_lines(
            "Log lines: WARN or worse",
            "What the service logged at WARN or worse, also for GET /fail. An error here means that Grafana could not install the "
            "plugin of VictoriaLogs.",
            # 13 is the least that OpenTelemetry calls WARN, whatever a library calls it.
            '{service.name="$service"} severity_number:>=13',
        ).links([to("service", "All lines, by host")])
    )
    health.with_panel(
        number(
            "Kept, and the objective",
            "Availability: the share of requests not answered with 5xx. Latency: the share whose answer began in time. "
            "Reachability: the share of probes that got the right answer within 1 s. Over the last 30 days, or since there "
            "is data, beside the objective.",
            SHARE,
            query(f"1 - slo:error_ratio:rate30d{OF}", "{{slo}}, kept"),
            query(f"slo:objective:ratio{OF}", "{{slo}}, objective"),
            height=8,
        ).decimals(2)
    )
    health.with_panel(
        number(
            "Error budget left",
            "How much is left of the failures, slow answers and failed probes that the objectives allow in 30 days. At 0 %, "
            "the budget is used up. Below 0 %, the objective is missed.",
            SHARE,
            query(f"slo:error_budget:remaining_ratio{OF}", "{{slo}}"),
            thresholds=steps((0, WARN), (0.25, GOOD), base=BAD),
            height=8,
        ).decimals(1)
    )
    health.with_panel(
        graph(
            "How fast the error budget burns",
            "At 1x, the budget of 30 days lasts 30 days. From 6x over 6 hours, or 14.4x over an hour, "
            "somebody is paged if ten requests or more have failed.",
            "suffix:x",
            query(f"slo:error_ratio:rate1h{OF} {OF_BUDGET}", "{{slo}}, over 1 hour"),
            query(f"slo:error_ratio:rate6h{OF} {OF_BUDGET}", "{{slo}}, over 6 hours"),
            thresholds=steps((6, WARN), (14.4, BAD)),
        )
    )
    health.with_panel(
        graph(
            "Fairness",
            f"Chi-squared of the faces of the last hour. Above {UNFAIR} the dice is loaded: a fair one "
            "gets there once in a million samples. Nothing is shown below 600 rolls an hour.",
            units.NoUnit,
            query(of_dice("dice:fairness:chi_squared1h"), "chi-squared"),
            thresholds=steps((UNFAIR, BAD)),
        )
        .legend(common.VizLegendOptions().show_legend(False))
        .no_value("Fewer than 600 rolls")
    )
    health.with_panel(
        bars(
            "Faces rolled in the last hour",
            "A fair dice shows all six faces about equally often.",
            COUNT,
            query(of_dice("face:dice_rolls:increase1h"), "{{face}}", instant=True),
        ).decimals(0)
    )
    health.with_panel(
        number(
            "Rolls in the last hour",
            "Fairness is judged from 600 rolls an hour on.",
            COUNT,
            query(of_dice("dice:rolls:increase1h"), "rolls"),
            thresholds=steps((600, GOOD), base=WARN),
            width=HALF,
            height=8,
        ).decimals(0)
    )
    return health
