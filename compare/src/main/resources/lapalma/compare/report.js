"use strict";

// Tables: a click sorts by the column, a second one the other way round.
for (const button of document.querySelectorAll("thead button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const column = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const rows = [...body.rows];
    const number = (row) => (row.cells[column].dataset.sort === undefined ? NaN : Number(row.cells[column].dataset.sort));
    const text = (row) => row.cells[column].textContent;
    rows.sort((a, b) => {
      const x = number(a);
      const y = number(b);
      // What was not measured stays at the end.
      if (x === Infinity || y === Infinity) return x === y ? 0 : x === Infinity ? 1 : -1;
      if (Number.isNaN(x) || Number.isNaN(y)) return text(a).localeCompare(text(b)) * (down ? -1 : 1);
      return (x - y) * (down ? -1 : 1);
    });
    body.append(...rows);
  });
}

// Plots: one for each measure, with an interval for each variant.
const COLOURS = { worse: "#a4262c", better: "#12703a", same: "#5b6474" };
const plots = document.getElementById("plots");
const charts = [];
for (const measure of JSON.parse(document.getElementById("data").textContent)) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = measure.title;
  const place = document.createElement("div");
  figure.append(caption, place);
  plots.append(figure);

  const rows = [...measure.rows].reverse();
  place.style.height = `${rows.length * 24 + 50}px`;
  const same = (row) => row.verdict !== "MORE" && row.verdict !== "LESS";
  const colour = (row) => (same(row) ? COLOURS.same : row.worse ? COLOURS.worse : COLOURS.better);
  const chart = echarts.init(place, null, { renderer: "svg" });
  const wide = Math.max(...rows.map((row) => row.high)) / Math.min(...rows.map((row) => row.low)) > 8;
  chart.setOption({
    animation: false,
    grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
    xAxis: {
      type: wide ? "log" : "value",
      scale: true,
      min: (range) => Math.min(range.min, 1),
      max: (range) => Math.max(range.max, 1),
      axisLabel: { formatter: (value) => `×${Number(value.toPrecision(3))}`, hideOverlap: true },
    },
    yAxis: {
      type: "category",
      data: rows.map((row) => row.variant),
      axisLabel: { width: innerWidth < 640 ? 120 : 190, overflow: "break", interval: 0, fontSize: 11 },
      axisTick: { show: false },
    },
    tooltip: {
      confine: true,
      formatter: ({ dataIndex }) => {
        const row = rows[dataIndex];
        const digits = (value) => Number(value.toPrecision(4));
        return `${row.variant}: ×${digits(row.ratio)} [${digits(row.low)}, ${digits(row.high)}]`;
      },
    },
    series: [
      {
        type: "custom",
        dimensions: ["low", "ratio", "high", "row"],
        encode: { x: [0, 1, 2], y: 3 },
        data: rows.map((row, index) => [row.low, row.ratio, row.high, index]),
        renderItem: (parameters, api) => {
          const row = rows[parameters.dataIndex];
          const [low, y] = api.coord([api.value(0), api.value(3)]);
          const [middle] = api.coord([api.value(1), api.value(3)]);
          const [high] = api.coord([api.value(2), api.value(3)]);
          return {
            type: "group",
            children: [
              { type: "line", shape: { x1: low, y1: y, x2: high, y2: y }, style: { stroke: colour(row), lineWidth: 2 } },
              {
                type: "circle",
                shape: { cx: middle, cy: y, r: 4 },
                style: { fill: same(row) ? "#fff" : colour(row), stroke: colour(row), lineWidth: 2 },
              },
            ],
          };
        },
        markLine: {
          silent: true,
          symbol: "none",
          label: { show: false },
          lineStyle: { color: "#1d2433", type: "dashed" },
          data: [{ xAxis: 1 }],
        },
      },
    ],
  });
  charts.push(chart);
}
const resize = () => charts.forEach((chart) => chart.resize());
window.addEventListener("resize", resize);
window.addEventListener("beforeprint", resize);
