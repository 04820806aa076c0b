"""Rate, errors and duration by route: as the agent sees them, and as the app itself does."""

from grafana_foundation_sdk.builders import dashboard

from style import (
    BAD,
    GOOD,
    PER_SECOND,
    REQUESTS_PER_SECOND,
    SECONDS,
    SHARE,
    WARN,
    choice,
    graph,
    heat_map,
    instances,
    log_lines,
    page,
    processes,
    query,
    services,
    steps,
    with_objective,
)

OF_AGENT = 'service=~"$service", instance=~"$instance:.+"'
OF_APP = 'job="dice", service=~"$service", instance=~"$instance:.+"'
AGENT = f'{{{OF_AGENT}, http_route=~"$route"}}'
APP = f'{{{OF_APP}, route=~"$route"}}'

COUNT_OF_AGENT = "http_server_request_duration_seconds_count"
COUNT_OF_APP = "http_request_duration_seconds_count"

SHARE_OF_ERRORS = steps((0.006, WARN), (0.0144, BAD))
SLOW = steps((0.1, WARN), (0.25, BAD))


def errors(count: str, labels: str, status: str, by: str) -> str:
    """The share of failed requests; 0 where there is no series of failed ones."""
    whole = f"sum by ({by}) (rate({count}{{{labels}}}[$__rate_interval]))"
    failed = f'sum by ({by}) (rate({count}{{{labels}, {status}=~"5.."}}[$__rate_interval]))'
    return f"({failed} or 0 * {whole}) / {whole}"


def errors_of_agent(routes: str) -> str:
    return errors(COUNT_OF_AGENT, f"{OF_AGENT}, {routes}", "http_response_status_code", "http_route")


def errors_of_app(routes: str) -> str:
    return errors(COUNT_OF_APP, f"{OF_APP}, {routes}", "status", "route")


def percentile(share: float, bucket: str, by: str) -> str:
    return f"histogram_quantile({share}, sum by ({by}, le) (rate({bucket}[$__rate_interval])))"


def build() -> dashboard.Dashboard:
    service = page("service", "Rate, errors and duration of each route.")
    service.with_variable(services())
    service.with_variable(
        choice(
            "route",
            "Route",
            "The template of the route. All includes requests that matched no route.",
            'label_values(http_server_request_duration_seconds_count{service=~"$service"}, http_route)',
        )
    )
    service.with_variable(instances())
    service.with_variable(processes())

    service.with_panel(
        graph(
            "Requests",
            "Requests a second by route, measured by the agent.",
            REQUESTS_PER_SECOND,
            query(
                f"sum by (http_route) (rate({COUNT_OF_AGENT}{AGENT}[$__rate_interval]))",
                "{{http_route}}",
            ),
        )
    )
    # /fail fails by design. On the axis of the others it would hide what is wrong.
    service.with_panel(
        with_objective(
            graph(
                "Errors",
                "Share of requests answered with 5xx by route, measured by the agent, beside the share that may fail. "
                "Without GET /fail.",
                SHARE,
                query(errors_of_agent('http_route=~"$route", http_route!="/fail"'), "{{http_route}}"),
                thresholds=SHARE_OF_ERRORS,
                show_thresholds=False,
            )
        )
    )
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        service.with_panel(
            graph(
                f"Duration, {name}",
                f"{share:.0%} of requests take no longer, by route, measured by the agent.",
                SECONDS,
                query(
                    percentile(share, f"http_server_request_duration_seconds_bucket{AGENT}", "http_route"),
                    "{{http_route}}",
                ),
                thresholds=SLOW,
                show_thresholds=False,
            )
        )
    service.with_panel(
        graph(
            "Answers by status",
            "Requests a second by status code, measured by the agent.",
            REQUESTS_PER_SECOND,
            query(
                f"sum by (http_response_status_code) (rate({COUNT_OF_AGENT}{AGENT}[$__rate_interval]))",
                "{{http_response_status_code}}",
            ),
        )
    )
    service.with_panel(
        heat_map(
            "Durations",
            "Answers of the chosen routes in each bucket of duration. A dot is an exemplar: it leads to "
            "the trace of that one request.",
            query(
                "sum by (le) (increase(http_server_request_duration_seconds_bucket"
                f"{AGENT}[$__rate_interval]))"
            ),
        )
    )
    service.with_panel(
        log_lines(
            "Log lines",
            "What the service logged on the chosen hosts, for all routes: log lines have no route. Below WARN, only lines of sampled "
            "requests are kept.",
            '{service.name="$service",service.instance.id in ($process)}',
        )
    )
    service.with_panel(
        graph(
            "Requests, by the app itself",
            "Requests a second by route, measured by the app's own metrics. Should be as above.",
            REQUESTS_PER_SECOND,
            query(f"sum by (route) (rate({COUNT_OF_APP}{APP}[$__rate_interval]))", "{{route}}"),
        )
    )
    service.with_panel(
        graph(
            "Errors, by the app itself",
            "Share of requests answered with 5xx by route, measured by the app's own metrics. Without GET /fail.",
            SHARE,
            query(errors_of_app('route=~"$route", route!="/fail"'), "{{route}}"),
            thresholds=SHARE_OF_ERRORS,
            show_thresholds=False,
        )
    )
    service.with_panel(
        graph(
            "Duration p95, by the app itself",
            "95 of 100 requests take no longer, by route, measured by the app's own metrics: without "
            "the time that a request waits for a worker thread.",
            SECONDS,
            query(percentile(0.95, f"http_request_duration_seconds_bucket{APP}", "route"), "{{route}}"),
            thresholds=SLOW,
            show_thresholds=False,
        )
    )
    service.with_panel(
        graph(
            "Errors of GET /fail",
            "Share of requests of GET /fail answered with 5xx. It fails by design, so 100 % is right.",
            SHARE,
            query(errors_of_agent('http_route="/fail"'), "agent"),
            query(errors_of_app('route="/fail"'), "app"),
            thresholds=steps((1, GOOD), base=WARN),
            show_thresholds=False,
            top=1,
        )
    )
    service.with_panel(
        graph(
            "Rolls by face",
            "Rolls a second that came up with each face.",
            PER_SECOND,
            query(
                'sum by (face) (rate(dice_rolls_total{job="dice", service=~"$service", instance=~"$instance:.+"}'
                "[$__rate_interval]))",
                "{{face}}",
            ),
        )
    )
    return service
