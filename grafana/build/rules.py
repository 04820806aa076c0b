"""What every dashboard keeps: the rules of grafana/dashboard-linter, and our own.

Left out: its rules on the labels job and instance, because a dashboard of a service selects by the label service; and those
on the syntax of queries, because DashboardsIT runs each. The project cannot run the linter itself: the Go proxy has no
version of it.
"""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

MARKS = ["Starts", "Releases", "Alerts"]
# These panels show what an alert looks at, over the window of its rule; a failure counts for that long.
WINDOW_OF_AN_ALERT = re.compile(
    "Dropped data|Prometheus: .+|Jaeger: duration of searches|Agent: delivered|Alertmanager: notifications"
    "|Processes killed because memory ran out"
)
RATE = re.compile(r"\b(?:rate|irate|increase)\(\w+(?:{[^}]*})?\[([^]]+)]")
# A 0 or a 1 for each series that exists is no counter's value.
EXISTS = re.compile(r"(?:0 \* sum|count) by \(\w+\) \(\w+{[^}]*}\)")
COUNTER = re.compile(r"\b\w+_total\b")


def faults(dashboard: Json) -> Iterator[str]:
    if dashboard["editable"]:
        yield "it can be edited in Grafana"
    if [mark["name"] for mark in dashboard["annotations"]["list"]] != MARKS or dashboard["graphTooltip"] != 1:
        yield f"it does not show {', '.join(MARKS)}, or does not share its crosshair"
    for machine in ("127.0.0.1", "localhost"):
        if machine in str(dashboard):
            yield f"it names {machine}, which is another machine for each reader"
    of_type = {
        kind: [v for v in dashboard["templating"]["list"] if v["type"] == kind]
        for kind in ("datasource", "query")
    }
    if [(v["name"], v["label"]) for v in of_type["datasource"]] != [("datasource", "Data source")]:
        yield "it has no variable datasource with the label Data source"
    for variable in of_type["query"]:
        if variable["refresh"] != 2:
            yield f"the variable {variable['name']} is not read again when the time range changes"
    for panel in dashboard["panels"]:
        for fault in of_panel(panel):
            yield f"{panel['title'] or panel['id']}: {fault}"


def of_panel(panel: Json) -> Iterator[str]:
    field = panel["fieldConfig"]["defaults"]
    steps = field.get("thresholds", {}).get("steps", [])
    if not panel["title"] or not panel.get("description", "").endswith("."):
        yield "it has no title, or no description that ends in a full stop"
    if not field.get("unit") or not steps or not panel["targets"]:
        yield "it has no unit, no thresholds or no query"
    if field.get("unit") == "percentunit" and len(steps) < 2 and panel["title"] != "Kept, and the objective":
        yield "what runs out has thresholds"
    exprs = [target.get("expr", "") for target in panel["targets"]]
    errors = panel["title"] == "Errors"
    if errors and (
        "max" in field or 'http_route!="/fail"' not in exprs[0] or "slo:objective" not in exprs[1]
    ):
        yield "a breach of one and a half percent is not seen on it"
    if panel["gridPos"]["w"] not in (12, 24):
        yield "it is neither a half nor the whole of the page wide"
    if panel["datasource"]["uid"] not in ("${datasource}", "victorialogs"):
        yield "its datasource is not that of the variable"
    for expr in exprs:
        windows = {window for window in RATE.findall(expr) if window != "$__rate_interval"}
        if windows and not WINDOW_OF_AN_ALERT.fullmatch(panel["title"]):
            yield f"a rate over {', '.join(windows)} in place of $__rate_interval"
        counters = COUNTER.findall(EXISTS.sub("", RATE.sub("", expr)))
        if counters:
            yield f"{', '.join(counters)} without rate or increase"
