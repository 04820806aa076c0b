"""The one visual language: what a colour, a threshold, a unit and a size mean on every dashboard."""

import json
import re
from string import ascii_uppercase
from typing import Protocol, Self, TypeVar
from urllib.parse import quote

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    heatmap,
    logs,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphThresholdsStyleMode,
    HeatmapCellLayout,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    AnnotationQuery,
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
    VariableHide,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

GOOD = "green"
WARN = "orange"
BAD = "red"
UNKNOWN = "#808080"

FULL = 24
HALF = 12

BYTES = units.BytesIEC
BYTES_PER_SECOND = units.BytesPerSecondIEC
COUNT = units.Short
PER_SECOND = "ops"
REQUESTS_PER_SECOND = units.RequestsPerSecond
SECONDS = units.Seconds
SHARE = units.PercentUnit

PROMETHEUS = DataSourceRef(type_val="prometheus", uid="${datasource}")
VICTORIALOGS = DataSourceRef(type_val="victoriametrics-logs-datasource", uid="victorialogs")

# Each dashboard's uid and title, in the order in which a person looks.
DASHBOARDS = {
    "health": "Health",
    "service": "Service",
    "instances": "Instances",
    "jvm": "JVM",
    "host": "Host and containers",
    "stack": "Observability stack",
}

STATES = {0: ("healthy", GOOD), 1: ("degraded", WARN), 2: ("unhealthy", BAD)}


class _Panel(Protocol):
    """What the builders of all kinds of panels have in common."""

    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def unit(self, unit: str) -> Self: ...
    def datasource(self, datasource: DataSourceRef) -> Self: ...
    def span(self, w: int) -> Self: ...
    def height(self, h: int) -> Self: ...
    def thresholds(self, thresholds: dashboard.ThresholdsConfig) -> Self: ...
    def with_target(self, target: prometheus.Dataquery) -> Self: ...


P = TypeVar("P", bound=_Panel)


def query(
    expr: str, legend: str = "", *, instant: bool = False, scraped_every: str = ""
) -> prometheus.Dataquery:
    """``scraped_every`` is for what is scraped less often than the datasource says (timeInterval):
    a rate needs a window of several scrapes."""
    target = prometheus.Dataquery().expr(expr).legend_format(legend or "__auto")
    if scraped_every:
        target = target.interval(scraped_every)
    return target.instant() if instant else target.range()


def steps(*above: tuple[float, str], base: str = GOOD) -> dashboard.ThresholdsConfig:
    """``base`` below the first step, then each colour from its value on."""
    return (
        dashboard.ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(value=None, color=base)] + [Threshold(value=v, color=c) for v, c in above])
    )


NONE = steps()
"""No value of this panel is bad in itself."""

ANY_IS_BAD = steps((1e-9, BAD))
"""Of what should be 0."""

FULLNESS = steps((0.8, WARN), (0.9, BAD))
"""Of a share of what there is."""


OBJECTIVE = "objective: at most"
"""The legend of the line that an objective draws."""


def _dress(
    panel: P,
    title: str,
    description: str,
    unit: str,
    targets: list[prometheus.Dataquery],
    thresholds: dashboard.ThresholdsConfig,
    width: int,
    height: int,
) -> P:
    panel.title(title).description(description).unit(unit).datasource(PROMETHEUS)
    panel.span(width).height(height).thresholds(thresholds)
    for ref, target in zip(ascii_uppercase, targets, strict=False):
        panel.with_target(target.ref_id(ref).datasource(PROMETHEUS))
    return panel


def graph(
    title: str,
    description: str,
    unit: str,
    *targets: prometheus.Dataquery,
    thresholds: dashboard.ThresholdsConfig = NONE,
    show_thresholds: bool = True,
    top: float | None = None,
    width: int = HALF,
) -> timeseries.Panel:
    """Lines over time, from 0, with thresholds as dashed lines."""
    panel = _dress(timeseries.Panel(), title, description, unit, list(targets), thresholds, width, 8)
    dashed = show_thresholds and thresholds is not NONE
    panel.thresholds_style(
        common.GraphThresholdsStyleConfig().mode(
            GraphThresholdsStyleMode.DASHED if dashed else GraphThresholdsStyleMode.OFF
        )
    )
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    panel.legend(
        common.VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs(["lastNotNull"])
    )
    panel.tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    panel.line_width(2).fill_opacity(8).show_points(VisibilityMode.NEVER).min(0)
    return panel if top is None else panel.max(top)


def with_objective(panel: timeseries.Panel) -> timeseries.Panel:
    """Adds how much of the requests may fail: as a series, so that the number stands in prometheus/rules only."""
    line = query('max(1 - slo:objective:ratio{slo="availability", service=~"$service"})', OBJECTIVE)
    panel.with_target(line.ref_id("Z").datasource(PROMETHEUS))
    return panel.override_by_name(
        OBJECTIVE,
        [
            DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": BAD}),
            DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [8, 6]}),
            DynamicConfigValue(id_val="custom.fillOpacity", value=0),
        ],
    )


def number(
    title: str,
    description: str,
    unit: str,
    *targets: prometheus.Dataquery,
    thresholds: dashboard.ThresholdsConfig = NONE,
    width: int = HALF,
    height: int = 5,
) -> stat.Panel:
    """What it is now, in large digits, one for each series."""
    panel = _dress(stat.Panel(), title, description, unit, list(targets), thresholds, width, height)
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.color_mode(BigValueColorMode.NONE if thresholds is NONE else BigValueColorMode.BACKGROUND_SOLID)
    panel.graph_mode(BigValueGraphMode.NONE).text_mode(BigValueTextMode.AUTO)
    panel.orientation(VizOrientation.VERTICAL)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    return panel


def bars(
    title: str,
    description: str,
    unit: str,
    *targets: prometheus.Dataquery,
    thresholds: dashboard.ThresholdsConfig = NONE,
) -> bargauge.Panel:
    """What it is now, as bars to compare."""
    panel = _dress(bargauge.Panel(), title, description, unit, list(targets), thresholds, HALF, 8)
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS)).min(0)
    panel.display_mode(BarGaugeDisplayMode.BASIC).orientation(VizOrientation.HORIZONTAL)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    return panel


def states(
    title: str,
    description: str,
    *targets: prometheus.Dataquery,
    texts: dict[int, tuple[str, str]],
    height: int,
) -> statetimeline.Panel:
    """Since when: bands in the colour of the state."""
    panel = _dress(
        statetimeline.Panel(),
        title,
        description,
        units.NoUnit,
        list(targets),
        NONE,
        FULL,
        height,
    )
    panel.mappings([mapping(texts)])
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.show_value(VisibilityMode.NEVER).merge_values(True).row_height(0.85)
    panel.legend(
        common.VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    panel.tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.SINGLE))
    return panel


def heat_map(title: str, description: str, target: prometheus.Dataquery) -> heatmap.Panel:
    """How many in which bucket, with exemplars: a click on one leads to its trace."""
    target.format(PromQueryFormat.HEATMAP).exemplar(True).legend_format("{{le}}")
    panel = _dress(heatmap.Panel(), title, description, SECONDS, [target], NONE, FULL, 10)
    panel.calculate(False).rows_frame(heatmap.RowsHeatmapOptions().layout(HeatmapCellLayout.AUTO))
    panel.color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(64))
    panel.y_axis(heatmap.YAxisConfig().unit(SECONDS))
    panel.cell_values(heatmap.CellValues().unit(COUNT))
    panel.exemplars_color("rgba(255,120,10,0.9)").show_legend().cell_gap(1)
    return panel


class Lines(Dataquery):
    """A query in LogsQL, which the SDK has no type for, as the datasource of VictoriaLogs takes it.

    The line of an exception names it: the message alone is often the same for all.
    """

    MOST = 100

    def __init__(self, filters: str) -> None:
        self._expr = (
            f"{filters} | format if (exception.type:*) "
            '"<_msg>: <exception.type>: <exception.message>" as _msg'
        )

    def build(self) -> Self:
        return self

    def to_json(self) -> dict[str, object]:
        return {
            "datasource": VICTORIALOGS,
            "editorMode": "code",
            "expr": self._expr,
            "maxLines": self.MOST,
            # The plugin's name for single lines, in place of numbers made of them.
            "queryType": "instant",
            "refId": "A",
        }


def log_lines(title: str, description: str, filters: str) -> logs.Panel:
    """The newest log lines that pass the filters; a click on one shows its fields, and leads to its trace."""
    panel = (
        logs.Panel()
        .title(title)
        .description(
            f"{description} The newest {Lines.MOST}; a click on a line shows its fields and its trace."
        )
        .datasource(VICTORIALOGS)
        .with_target(Lines(filters))
    )
    panel.span(FULL).height(10).unit(units.NoUnit).thresholds(NONE)
    return panel.show_time(True).wrap_log_message(True).enable_log_details(True)


def rows(
    title: str, description: str, unit: str, target: prometheus.Dataquery, width: int = FULL
) -> table.Panel:
    target.format(PromQueryFormat.TABLE)
    panel = _dress(table.Panel(), title, description, unit, [target], NONE, width, 5)
    return panel.show_header(True)


def merged_rows(title: str, description: str, columns: dict[str, tuple[str, str]], *, by: str) -> table.Panel:
    """One row for each value of the label ``by``: a column for each query, with its unit."""
    panel = _dress(table.Panel(), title, description, units.NoUnit, [], NONE, FULL, 10).show_header(True)
    names = {by: by, "service_instance_id": "service.instance.id", "service_version": "version"}
    for ref, (name, (expr, unit)) in zip("ABCDEFGHIJ", columns.items(), strict=False):
        panel.with_target(
            query(expr, instant=True).format(PromQueryFormat.TABLE).ref_id(ref).datasource(PROMETHEUS)
        )
        names[f"Value #{ref}"] = name
        panel.override_by_name(name, [DynamicConfigValue(id_val="unit", value=unit)])
    panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(
        DataTransformerConfig(id_val="filterFieldsByName", options={"include": {"names": list(names)}})
    )
    return panel.with_transformation(
        DataTransformerConfig(id_val="organize", options={"renameByName": names})
    )


def most(expr: str, count: int = 10) -> str:
    """Of a selector's series, those that were highest in the time shown: few lines, however many there are."""
    return f"{expr}\nand topk({count}, max_over_time({expr}[$__range] @ end()))"


def mapping(texts: dict[int, tuple[str, str]]) -> ValueMapping:
    """Values as words in their colour."""
    return ValueMap(
        options={
            str(value): ValueMappingResult(text=text, color=color, index=index)
            for index, (value, (text, color)) in enumerate(texts.items())
        }
    )


class PrometheusAnnotation(AnnotationQuery):
    """The SDK's annotation, with what the Prometheus datasource adds to it."""

    def __init__(self, name: str, expr: str, color: str, title: str, text: str) -> None:
        super().__init__(
            name=name, datasource=PROMETHEUS, enable=True, hide=False, icon_color=color, expr=expr
        )
        self._added = {"step": "15s", "titleFormat": title, "textFormat": text}

    def to_json(self) -> dict[str, object]:
        return super().to_json() | self._added


class Annotation(dashboard.AnnotationQuery):
    """Builds a mark at each time at which ``expr`` has a value."""

    def __init__(self, name: str, expr: str, color: str, title: str, text: str) -> None:
        super().__init__()
        self._internal = PrometheusAnnotation(name, expr, color, title, text)


def _marks() -> list[Annotation]:
    """What happened at that time, on every dashboard."""
    return [
        Annotation(
            "Starts",
            # Not where scrapes only failed for a while: each start has another id, or, where the deployment names
            # the instances, its counters are reset.
            '(target_info{service!=""} unless on (service_instance_id) '
            'count_over_time(target_info{service!=""}[1h] offset 30s))\n'
            'or (target_info{service!=""} and on (instance) '
            'resets(jvm_cpu_time_seconds_total{service!=""}[30s]) > 0)',
            "blue",
            "{{service}} started",
            "{{instance}}, version {{service_version}}",
        ),
        Annotation(
            "Releases",
            # A version that did not run in the five minutes before.
            'group by (service, service_version) (target_info{service!=""})\n'
            "unless on (service, service_version) group by (service, service_version) "
            '(count_over_time(target_info{service!=""}[5m] offset 30s))',
            "purple",
            "Release of {{service}}",
            "version {{service_version}}",
        ),
        Annotation("Alerts", FIRING, BAD, "{{alertname}}", "{{severity}} {{service}} {{instance}}"),
    ]


FIRING = 'ALERTS{alertstate="firing", severity!="none"}'
"""Every alert that fires, but for Watchdog, which always does."""


def choice(name: str, label: str, description: str, values: str) -> dashboard.QueryVariable:
    """A variable of which several values, or all, can be chosen; in queries: label=~"$name"."""
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .description(description)
        .query({"qryType": 1, "query": values, "refId": name})
        .datasource(PROMETHEUS)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(selected=True, text=["All"], value=["$__all"]))
    )


def search_traces(tags: str, start: str = "${__from}", end: str = "${__to}") -> str:
    """A link to the traces of the chosen service that have these tags, as Grafana's Explore shows them.

    It leads through Grafana's own datasource, so it works wherever Grafana does: whether or not a browser reaches
    Jaeger, and whatever Jaeger's address is.
    """
    query = {
        "refId": "A",
        "datasource": {"type": "jaeger", "uid": "jaeger"},
        "queryType": "search",
        "service": "${service}",
        "tags": tags,
        "limit": 20,
    }
    pane = {"datasource": "jaeger", "queries": [query], "range": {"from": start, "to": end}}
    panes = quote(json.dumps({"traces": pane}, separators=(",", ":")))
    # Grafana fills in its variables before the browser decodes the address.
    return "/explore?schemaVersion=1&panes=" + re.sub(r"%24%7B(.+?)%7D", r"${\1}", panes)


def services() -> dashboard.QueryVariable:
    """The services that Prometheus scrapes: one is chosen."""
    return (
        choice(
            "service",
            "Service",
            "A service of prometheus/rules/objectives.yml.",
            'label_values(up{service!=""}, service)',
        )
        .multi(False)
        .include_all(False)
        .current(VariableOption(selected=True, text="dice", value="dice"))
    )


def instances() -> dashboard.QueryVariable:
    """The hosts that the service runs on: agent and app may have a port each, so the port is left out."""
    return choice(
        "instance",
        "Host",
        "Where the service runs, without the port.",
        'label_values(up{service=~"$service", job!~"probe-.+"}, instance)',
    ).regex("/^(.*):[0-9]+$/")


def processes() -> dashboard.QueryVariable:
    """The starts of the service on the chosen hosts: log lines have the ids of these, and no host. Nobody has to see it."""
    return (
        dashboard.QueryVariable("process")
        .label("Process")
        .description("The service.instance.id of each start of the service on the chosen hosts.")
        .query(
            {
                "qryType": 1,
                "query": 'label_values(target_info{service=~"$service", instance=~"$instance:.+"}, service_instance_id)',
                "refId": "process",
            }
        )
        .datasource(PROMETHEUS)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .hide(VariableHide.HIDE_VARIABLE)
        .multi(True)
        # Without a value for all, it stands for the ids one by one.
        .include_all(True)
        .current(VariableOption(selected=True, text=["All"], value=["$__all"]))
    )


def link(title: str, url: str, tooltip: str, *, keep_time: bool = False) -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink(title)
        .type(DashboardLinkType.LINK)
        .icon("dashboard" if url.startswith("/d/") else "external link")
        .url(url)
        .tooltip(tooltip)
        .keep_time(keep_time)
        .include_vars(url.startswith("/d/"))
        .as_dropdown(False)
        .target_blank(not url.startswith("/d/"))
        .tags([])
    )


def page(uid: str, description: str) -> dashboard.Dashboard:
    """An empty dashboard with links to all others, and with the marks that all have."""
    new = (
        dashboard.Dashboard(DASHBOARDS[uid])
        .uid(uid)
        .description(description)
        .tags(["dice"])
        .readonly()
        .timezone("browser")
        .time("now-1h", "now")
        .refresh("10s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.DatasourceVariable("datasource")
            .label("Data source")
            .type("prometheus")
            .current(VariableOption(selected=True, text="Prometheus", value="prometheus"))
        )
    )
    for mark in _marks():
        new.annotation(mark)
    for other, title in DASHBOARDS.items():
        if other != uid:
            new.link(link(title, f"/d/{other}", f"To the dashboard {title}", keep_time=True))
    return new
