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

// Plots.
const COLOURS = { worse: "#a4262c", better: "#12703a", same: "#5b6474" };
const charts = [];
const digits = (value) => Number(value.toPrecision(3));
const interval = (row) => `×${digits(row.ratio)} [${digits(row.low)}, ${digits(row.high)}]`;

// One plot, with a row for each variant.
function plot(place, measure, rowHeight, xAxis, renderRow) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = measure.title;
  const drawing = document.createElement("div");
  figure.append(caption, drawing);
  place.append(figure);

  const rows = [...measure.rows].reverse();
  drawing.style.height = `${rows.length * rowHeight + 50}px`;
  const chart = echarts.init(drawing, null, { renderer: "svg" });
  chart.setOption({
    animation: false,
    grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
    xAxis: { ...xAxis, axisLabel: { formatter: (value) => `×${Number(value.toPrecision(3))}`, hideOverlap: true } },
    yAxis: {
      type: "category",
      data: rows.map((row) => row.variant),
      axisLabel: { width: innerWidth < 640 ? 120 : 190, overflow: "break", interval: 0, fontSize: 11, lineHeight: 12 },
      axisTick: { show: false },
    },
    tooltip: { confine: true, formatter: ({ dataIndex }) => `${rows[dataIndex].variant}: ${interval(rows[dataIndex])}` },
    series: [
      {
        type: "custom",
        dimensions: ["low", "ratio", "high", "row"],
        encode: { x: [0, 1, 2], y: 3 },
        data: rows.map((row, index) => [row.low, row.ratio, row.high, index]),
        renderItem: ({ dataIndex }, api) => ({
          type: "group",
          children: renderRow(rows, dataIndex, (ratio) => api.coord([ratio, dataIndex])),
        }),
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

const read = (id) => JSON.parse(document.getElementById(id).textContent);

// For each measure, the interval of each variant.
for (const measure of read("data")) {
  const wide = Math.max(...measure.rows.map((row) => row.high)) / Math.min(...measure.rows.map((row) => row.low)) > 8;
  const xAxis = {
    type: wide ? "log" : "value",
    scale: true,
    min: (range) => Math.min(range.min, 1),
    max: (range) => Math.max(range.max, 1),
  };
  plot(document.getElementById("plots"), measure, 24, xAxis, (rows, index, at) => {
    const row = rows[index];
    const same = row.verdict !== "MORE" && row.verdict !== "LESS";
    const colour = same ? COLOURS.same : row.worse ? COLOURS.worse : COLOURS.better;
    const [low, y] = at(row.low);
    return [
      { type: "line", shape: { x1: low, y1: y, x2: at(row.high)[0], y2: y }, style: { stroke: colour, lineWidth: 2 } },
      {
        type: "circle",
        shape: { cx: at(row.ratio)[0], cy: y, r: 4 },
        style: { fill: same ? "#fff" : colour, stroke: colour, lineWidth: 2 },
      },
    ];
  });
}

const resize = () => charts.forEach((chart) => chart.resize());
window.addEventListener("resize", resize);
window.addEventListener("beforeprint", resize);
