"""Draws some panels of the Health dashboard with matplotlib, for those who look before they read.

    draw_health.py --prometheus http://127.0.0.1:9090 --minutes 30 --out docs/health.png

The panels, their queries, texts, colours and thresholds are those of grafana/dashboards/health.json; the
values come from a live Prometheus. It is not how Grafana looks.
"""

import argparse
import json
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import ScaledTranslation
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
COLORS = {"green": "#56a64b", "orange": "#ff9830", "red": "#e02f44", "blue": "#3274d9", "purple": "#8f3bb8"}
LINES = ["#3274d9", "#ff9830", "#8f3bb8", "#56a64b", "#e02f44", "#00a3a3"]
INK, FAINT, PAPER, PANEL = "#24292e", "#6e7781", "#e6e9ec", "#ffffff"
INCHES_PER_COLUMN, INCHES_PER_ROW = 0.52, 0.335
TOP = 3.2  # rows
# The rows of the picture, from the top: whether dice is healthy, why, and since when.
SHOWN = [["State", "In this state for"], ["State and reasons"], ["Errors", "Latency of GET /"]]

Json = dict[str, Any]


@dataclass
class Series:
    name: str
    labels: dict[str, str]
    times: list[datetime]
    values: list[float]

    def last(self) -> float:
        known = [value for value in self.values if value == value]
        return known[-1] if known else float("nan")


@dataclass
class Source:
    url: str
    start: float
    end: float
    step: int

    def ask(self, path: str, **parameters: object) -> Json | list[Json]:
        with urllib.request.urlopen(
            f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=30
        ) as answer:
            return json.load(answer)["data"]

    def run(self, target: Json) -> list[Series]:
        window = f"{max(4 * 5, self.step + 5)}s"
        expr = target["expr"].replace("$__rate_interval", window).replace("$service", "dice")
        if target.get("instant"):
            found = self.ask("query", query=expr, time=self.end)["result"]
            for one in found:
                one["values"] = [one["value"]]
        else:
            found = self.ask("query_range", query=expr, start=self.start, end=self.end, step=self.step)[
                "result"
            ]
        return [
            Series(
                legend(target.get("legendFormat", ""), one["metric"]),
                one["metric"],
                [datetime.fromtimestamp(float(at)) for at, _ in one["values"]],
                [float(value) for _, value in one["values"]],
            )
            for one in found
        ]

    def exemplars(self, target: Json) -> list[tuple[datetime, float]]:
        expr = target["expr"].replace("$__rate_interval", "20s")
        found = self.ask("query_exemplars", query=expr, start=self.start, end=self.end)
        return [
            (datetime.fromtimestamp(float(one["timestamp"])), float(one["value"]))
            for series in found
            for one in series["exemplars"]
        ]


def legend(form: str, labels: dict[str, str]) -> str:
    text = re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match[1], ""), form)
    return text or "no route"


def words(value: float, unit: str, defaults: Json) -> str:
    """A value as its panel would write it."""
    for mapping in defaults.get("mappings", []):
        if str(int(value)) in mapping["options"]:
            return mapping["options"][str(int(value))]["text"]
    if value != value:
        return "–"
    decimals = defaults.get("decimals")
    if unit == "percentunit":
        return f"{100 * value:.{1 if decimals is None else int(decimals)}f} %"
    if unit == "s":
        return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"
    if unit == "dtdurations":
        return f"{int(value // 60)} min {int(value % 60)} s"
    if unit == "reqps":
        return f"{value:.3g} req/s"
    if unit.startswith("suffix:"):
        return f"{value:.3g} {unit.removeprefix('suffix:').strip()}"
    return f"{value:.{int(decimals)}f}" if decimals is not None else f"{value:.3g}"


def color_at(value: float, defaults: Json) -> str:
    for mapping in defaults.get("mappings", []):
        if str(int(value)) in mapping["options"]:
            return COLORS[mapping["options"][str(int(value))]["color"]]
    color = INK
    for step in defaults["thresholds"]["steps"]:
        if step["value"] is None or value >= step["value"]:
            color = COLORS[step["color"]]
    return color


def time_axis(axes: Axes, source: Source) -> None:
    axes.set_xlim(datetime.fromtimestamp(source.start), datetime.fromtimestamp(source.end))
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M"))
    axes.xaxis.set_major_locator(mdates.AutoDateLocator(maxticks=7))


def nothing(axes: Axes, panel: Json) -> None:
    axes.axis("off")
    text = panel["fieldConfig"]["defaults"].get("noValue", "No data")
    axes.text(0.5, 0.5, text, ha="center", va="center", color=FAINT, fontsize=11)


def draw_stat(axes: Axes, panel: Json, found: list[list[Series]], source: Source) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    series = [one for target in found for one in target]
    axes.axis("off")
    axes.set_xlim(0, len(series))
    axes.set_ylim(0, 1)
    plain = len(defaults["thresholds"]["steps"]) < 2
    for place, one in enumerate(series):
        value = one.last()
        if not plain:
            axes.add_patch(Rectangle((place + 0.01, 0.02), 0.98, 0.96, color=color_at(value, defaults), lw=0))
        ink = INK if plain else "white"
        many = len(series) > 2
        text = words(value, defaults["unit"], defaults)
        axes.text(place + 0.5, 0.56, text, ha="center", va="center", color=ink, fontsize=15 if many else 21)
        if len(series) > 1:
            name = one.name.replace(", ", "\n")
            axes.text(place + 0.5, 0.2, name, ha="center", va="center", color=ink, fontsize=8.5)


def draw_states(axes: Axes, panel: Json, found: list[list[Series]], source: Source) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    # From below: the first query is on top.
    series = [one for target in found for one in sorted(target, key=lambda one: one.name)][::-1]
    for row, one in enumerate(series):
        width = source.step / 86400
        starts = [mdates.date2num(at) for at in one.times]
        axes.broken_barh(
            [(start - width, width * 1.03) for start in starts],
            (row - 0.4, 0.8),
            facecolors=[color_at(value, defaults) for value in one.values],
            lw=0,
        )
    axes.set_yticks(range(len(series)), [one.name for one in series])
    axes.set_ylim(-0.6, len(series) - 0.4)
    axes.tick_params(length=0)
    time_axis(axes, source)
    for place, (_, (text, color)) in enumerate(
        (key, (option["text"], option["color"]))
        for mapping in defaults["mappings"]
        for key, option in mapping["options"].items()
    ):
        axes.plot([], [], "s", color=COLORS[color], label=text, ms=7, zorder=place)
    under(axes, 3)


def draw_table(axes: Axes, panel: Json, found: list[list[Series]], source: Source) -> None:
    columns = panel["transformations"][0]["options"]["include"]["names"]
    if not found[0]:
        return nothing(axes, panel)
    axes.axis("off")
    for column, name in enumerate(columns):
        # The last column is the widest: it leads to the runbook.
        left = column / (len(columns) + 0.5)
        axes.text(left, 0.95, name, color=FAINT, fontsize=9, va="top")
        for row, one in enumerate(found[0][:4]):
            text = one.labels.get(name, "").rpartition("/")[2]
            axes.text(left, 0.72 - 0.24 * row, text, va="top")
    return None


def override(panel: Json, name: str) -> Json:
    """What the panel gives the series of this name alone."""
    own = {}
    for rule in panel["fieldConfig"]["overrides"]:
        if rule["matcher"]["options"] == name:
            own |= {given["id"]: given["value"] for given in rule["properties"]}
    return own


def under(axes: Axes, columns: int) -> None:
    """The legend, below the times."""
    below = ScaledTranslation(0, -20 / 72, axes.figure.dpi_scale_trans)
    axes.legend(
        loc="upper left", bbox_to_anchor=(-0.01, 0), bbox_transform=axes.transAxes + below, ncols=columns, frameon=False, fontsize=8,
        handlelength=1.2, columnspacing=1.2, borderaxespad=0,
    )  # fmt: skip


def draw_graph(axes: Axes, panel: Json, found: list[list[Series]], source: Source) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    series = [one for target in found for one in target]
    if not series:
        return nothing(axes, panel)
    for number, one in enumerate(series):
        name = f"{one.name}: {words(one.last(), defaults['unit'], defaults)}"
        own = override(panel, one.name)
        color = COLORS[own["color"]["fixedColor"]] if "color" in own else LINES[number % len(LINES)]
        dashed = "custom.lineStyle" in own
        axes.plot(one.times, one.values, color=color, lw=1.6, ls=(0, (5, 4)) if dashed else "-", label=name)
        axes.fill_between(one.times, one.values, color=color, alpha=0 if dashed else 0.06, lw=0)
    top = max((value for one in series for value in one.values if value == value), default=1)
    shown = defaults["custom"]["thresholdsStyle"]["mode"] != "off"
    if shown:
        for step in defaults["thresholds"]["steps"]:
            if step["value"] is not None:
                axes.axhline(step["value"], color=COLORS[step["color"]], ls=(0, (4, 3)), lw=1.2)
                top = max(top, step["value"])
    axes.set_ylim(0, defaults.get("max", top * 1.12 or 1))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words(value, defaults["unit"], {})))
    axes.grid(axis="y", color="#e4e7e7", lw=0.7)
    time_axis(axes, source)
    under(axes, 3 if all(len(one.name) < 30 for one in series) else 2)
    return None


def draw_heat_map(axes: Axes, panel: Json, found: list[list[Series]], source: Source) -> None:
    series = sorted(found[0], key=lambda one: float(one.labels["le"]))
    times = sorted({at for one in series for at in one.times})
    below = [0.0] * len(times)
    cells = []
    for one in series:
        at = dict(zip(one.times, one.values, strict=True))
        total = [at.get(when, 0.0) for when in times]
        cells.append([max(0.0, now - less) or float("nan") for now, less in zip(total, below, strict=True)])
        below = total
    edges = [datetime.fromtimestamp(times[0].timestamp() - source.step), *times]
    mesh = axes.pcolormesh(edges, range(len(series) + 1), cells, cmap="Blues", vmin=0)
    bounds = [float(one.labels["le"]) for one in series]
    for when, value in source.exemplars(panel["targets"][0]):
        row = next(index for index, bound in enumerate(bounds) if value <= bound)
        low = 0.0 if row == 0 else bounds[row - 1]
        share = (value - low) / (bounds[row] - low) if bounds[row] != float("inf") else 0.5
        axes.plot(when, row + share, "D", color="#ff780a", ms=2.6, alpha=0.8, mec="white", mew=0.3)
    axes.set_yticks(range(1, len(series)), [words(bound, "s", {}) for bound in bounds[:-1]])
    axes.tick_params(axis="y", length=0)
    time_axis(axes, source)
    axes.plot([], [], "D", color="#ff780a", ms=4, label="exemplar: leads to a trace")
    under(axes, 1)
    bar = axes.figure.colorbar(mesh, ax=axes, fraction=0.015, pad=0.01)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, length=0)


def draw_bars(axes: Axes, panel: Json, found: list[list[Series]], source: Source) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    series = sorted(found[0], key=lambda one: one.name, reverse=True)
    most = max((one.last() for one in series), default=1)
    for row, one in enumerate(series):
        axes.barh(row, one.last(), color=color_at(one.last(), defaults), height=0.7)
        axes.text(one.last() + most * 0.01, row, words(one.last(), defaults["unit"], defaults), va="center")
    axes.set_yticks(range(len(series)), [one.name for one in series])
    axes.set_xlim(0, most * 1.12)
    axes.set_xticks([])
    axes.tick_params(length=0)


DRAW: dict[str, Callable[[Axes, Json, list[list[Series]], Source], None]] = {
    "stat": draw_stat,
    "state-timeline": draw_states,
    "table": draw_table,
    "timeseries": draw_graph,
    "heatmap": draw_heat_map,
    "bargauge": draw_bars,
}


def shown(dashboard: Json) -> list[Json]:
    """The panels of the picture, moved to where they are in it."""
    named = {panel["title"]: panel for panel in dashboard["panels"]}
    y, panels = 0, []
    for row in SHOWN:
        x = 0
        for title in row:
            place = named[title]["gridPos"]
            panels.append({**named[title], "gridPos": {**place, "x": x, "y": y}})
            x += place["w"]
        y += named[row[0]]["gridPos"]["h"]
    return panels


def marks(axes: Axes, dashboard: Json, source: Source) -> None:
    """Where an annotation begins."""
    for annotation in dashboard["annotations"]["list"]:
        for one in source.run(annotation):
            axes.axvline(one.times[0], color=COLORS[annotation["iconColor"]], ls=":", lw=1.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090")
    parser.add_argument("--minutes", type=int, default=30, help="how far to look back")
    parser.add_argument("--until", type=float, default=time.time(), help="seconds since 1970; default: now")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/health.png")
    options = parser.parse_args()

    end = options.until
    source = Source(options.prometheus, end - 60 * options.minutes, end, max(5, options.minutes * 60 // 240))
    dashboard = json.loads((ROOT / "grafana/dashboards/health.json").read_text(encoding="utf-8"))
    panels = shown(dashboard)

    plt.rcParams.update({"font.size": 8.5, "text.color": INK, "axes.edgecolor": "#c8cdcd"})
    plt.rcParams.update({"xtick.color": FAINT, "ytick.color": FAINT, "font.family": "DejaVu Sans"})
    rows = TOP + max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    figure = plt.figure(figsize=(24 * INCHES_PER_COLUMN, rows * INCHES_PER_ROW), facecolor=PAPER)

    day = datetime.fromtimestamp(end).strftime("%Y-%m-%d %H:%M")
    figure.text(0.012, 1 - 1.05 / rows, dashboard["title"], fontsize=20, weight="bold", va="center")
    figure.text(
        0.012,
        1 - 2.2 / rows,
        f"Panels of the page, drawn with matplotlib from the queries of grafana/dashboards/health.json: the "
        f"{options.minutes} minutes before {day} of a live stack. Not a screenshot of Grafana.",
        color=FAINT,
        fontsize=9.5,
        va="center",
    )
    for panel in panels:
        place = panel["gridPos"]
        left, width = place["x"] / 24, place["w"] / 24
        top, height = (TOP + place["y"]) / rows, place["h"] / rows
        gap_x, gap_y = 0.005, 0.18 / rows
        figure.add_artist(
            Rectangle((left + gap_x, 1 - top - height + gap_y), width - 2 * gap_x, height - 2 * gap_y,
                      color=PANEL, lw=0, zorder=-1)
        )  # fmt: skip
        figure.text(
            left + 0.012, 1 - top - 0.75 / rows, panel["title"], fontsize=10.5, weight="bold", va="center"
        )

        boxed = panel["type"] in ("stat", "table")
        inset_left = 0.014 if boxed else 0.064
        inset_bottom = 0.35 if boxed else 2.15
        if panel["type"] == "bargauge":
            inset_left, inset_bottom = 0.03, 0.4
        if panel["type"] == "state-timeline":
            inset_left = 0.075
        axes = figure.add_axes(
            (
                left + inset_left,
                1 - top - height + inset_bottom / rows,
                width - inset_left - 0.018,
                height - (inset_bottom + 1.5) / rows,
            ),
            facecolor=PANEL,
        )
        axes.spines[:].set_visible(False)
        found = [source.run(target) for target in panel["targets"]]
        DRAW[panel["type"]](axes, panel, found, source)
        if panel["type"] == "timeseries":
            marks(axes, dashboard, source)

    options.out.parent.mkdir(parents=True, exist_ok=True)
    # Twice the width at which GitHub shows it.
    figure.savefig(options.out, dpi=160, facecolor=PAPER)
    # 256 colours are enough, and a third of the size.
    Image.open(options.out).convert("P", palette=Image.Palette.ADAPTIVE, colors=256).save(
        options.out, optimize=True
    )


if __name__ == "__main__":
    main()
