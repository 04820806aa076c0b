// Fills the first page from Prometheus, which serves it, and from Jaeger, which lets it read traces.
"use strict";

const REFRESH = 10_000; // ms
const SHOWN = 15 * 60; // s
// How far back to look for a request: further, only if there is none. At a high rate an hour would be megabytes.
const WINDOWS = [60, 3600]; // s
const MOST_TRIES = 5;
// The labels of a failure, of an answer after more than 100 ms, and of a roll.
const REQUESTS = [
  ["Latest failure", 'http_response_status_code=~"5.."'],
  ["Latest slow request", 'le!~"0\\\\.0.*|0\\\\.1"'],
  ["Latest roll", 'http_route="/", http_response_status_code="200"'],
];
const DURATIONS = "http_server_request_duration_seconds";
const CHARTS = [
  ["Requests a second", `sum by (service, job) (rate(${DURATIONS}_count[1m]))`, ""],
  ["Failures (5xx) a second", `sum by (service, job) (rate(${DURATIONS}_count{http_response_status_code=~"5.."}[1m]))`, ""],
  ["95th percentile", `1000 * histogram_quantile(0.95, sum by (service, job, le) (rate(${DURATIONS}_bucket[1m])))`, " ms"],
  ["Heap used", 'sum by (service, job) (jvm_memory_used_bytes{jvm_memory_type="heap"}) / 1048576', " MiB"],
];
const STATES = ["healthy", "degraded", "unhealthy"];
const REASONS = {
  down: "an instance does not answer Prometheus",
  errors: "requests fail",
  latency: "answers are slow",
  reachability: "probes from outside fail",
  saturation: "the worker threads are busy",
  heap: "the heap is nearly full",
  cpu: "the CPU is busy",
  fairness: "the dice is unfair",
};

const { jaeger, logs, grafana } = document.body.dataset;
const at = (id) => document.getElementById(id);
// What the other parts have: found out once.
let jaegerPages = true;
let prometheusPages = false;

async function prometheus(path, parameters) {
  const answer = await fetch(`../api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body.data;
}

async function query(expression) {
  return (await prometheus("query", { query: expression })).result;
}

function ago(ms) {
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}

function short(number) {
  return Number(number.toPrecision(3)).toString();
}

// ---- Health and alerts

async function showHealth() {
  const states = await query('{__name__=~".+:health:state"}');
  const reasons = await query('{__name__=~".+:health:reason"} > 0');
  const service = (metric) => metric.service ?? metric.__name__.split(":")[0];
  const worst = Math.max(-1, ...states.map((one) => Number(one.value[1])));
  at("health").className = "banner " + (STATES[worst] ?? "unknown");
  at("health").replaceChildren(
    ...states.map(({ metric, value }) => {
      const why = reasons
        .filter((one) => service(one.metric) === service(metric))
        .map((one) => REASONS[one.metric.reason] ?? one.metric.reason);
      const state = STATES[Number(value[1])] ?? "in an unknown state";
      return element("p", {}, `${service(metric)} is ${state}` + (why.length ? `: ${why.join(", ")}.` : "."));
    }),
  );
  if (!states.length) {
    at("health").append(element("p", {}, "It is not known whether the stack is healthy: no rule has been evaluated yet."));
  }
}

// The links of an alert end when they are opened. Here they begin before the alert and end now.
function pinned(url, alert) {
  const hours = (count, unit) => Number(count) * (unit === "d" ? 24 : 1);
  const from = (count, unit) => Date.parse(alert.activeAt) - hours(count, unit) * 3_600_000;
  return url
    .replace(/lookback=(\d+)([hd])/, (_, count, unit) => `start=${from(count, unit)}000&end=${Date.now()}000`)
    .replace(/_time%3A(\d+)([hd])/, (_, count, unit) =>
      `_time%3A%5B${new Date(from(count, unit)).toISOString()}%2C%20${new Date().toISOString()}%5D`);
}

function alertRow(alert, withGrafana) {
  const { runbook_url, traces_url, logs_url, dashboard_url, summary } = alert.annotations;
  const urls = [["What to do", runbook_url], ["Traces", jaegerPages && traces_url], ["Log lines", logs_url], ["Dashboard", withGrafana && dashboard_url]];
  return element(
    "li",
    {},
    element("span", { class: "badge " + (alert.labels.severity === "page" ? "unhealthy" : "degraded") }, alert.labels.severity ?? "alert"),
    element("div", {},
      element("strong", {}, alert.labels.alertname), `, began ${ago(Date.parse(alert.activeAt))}`,
      element("div", {}, summary ?? ""),
      element("div", { class: "actions" }, ...urls.filter(([, url]) => url).map(([text, url]) => link(text, pinned(url, alert))))),
  );
}

async function showAlerts(withGrafana) {
  const { alerts } = await prometheus("alerts", {});
  const real = alerts.filter((alert) => alert.labels.severity !== "none");
  const firing = real.filter((alert) => alert.state === "firing")
    .sort((a, b) => (b.labels.severity === "page") - (a.labels.severity === "page"));
  const pending = new Set(real.filter((alert) => alert.state === "pending").map((alert) => alert.labels.alertname));
  at("alerts").replaceChildren(
    firing.length ? element("ul", { class: "rows" }, ...firing.map((alert) => alertRow(alert, withGrafana))) : element("p", {}, "No alert is firing."),
    pending.size ? element("p", { class: "quiet" }, `About to fire, if it lasts: ${[...pending].join(", ")}.`) : "",
  );
}

// ---- Requests and traces

async function spansOf(id) {
  if (!jaeger) return [];
  const answer = await fetch(`${jaeger}/api/v3/traces/${id}`);
  if (!answer.ok) return [];
  const spans = [];
  for (const resource of (await answer.json()).result?.resourceSpans ?? []) {
    const service = attributes(resource.resource)["service.name"];
    for (const scope of resource.scopeSpans ?? []) {
      for (const span of scope.spans ?? []) {
        const start = Number(span.startTimeUnixNano) / 1e6;
        spans.push({ ...span, service, start, ms: Number(span.endTimeUnixNano) / 1e6 - start, values: attributes(span) });
      }
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}

function attributes(of) {
  return Object.fromEntries((of?.attributes ?? []).map(({ key, value }) => [key, String(Object.values(value ?? {})[0] ?? "")]));
}

function said(spans, request) {
  const exceptions = spans.flatMap((span) => (span.events ?? []).map((event) => attributes(event)["exception.message"]));
  const faces = spans.map((span) => span.values["dice.value"]).filter(Boolean).map((face) => `rolled ${face}`);
  const status = request.values["http.response.status_code"];
  return [...new Set([status, ...exceptions.filter(Boolean), ...faces])].filter(Boolean).join(", ");
}

function logLines(query, end) {
  return `${logs}/select/vmui/#/?query=${query}&g0.range_input=15m&${end}&displayFields=_msg,dice_value,exception.message`;
}

function traceLinks(id, ms) {
  const lines = logLines(`trace_id%3A${id}`, `g0.end_input=${new Date(ms + 300_000).toISOString().slice(0, 19)}Z`);
  return element("div", { class: "actions" },
    jaeger ? link("Trace", jaegerPages ? `${jaeger}/trace/${id}` : `#trace=${id}`) : "",
    logs ? link("Log lines", lines) : "");
}

// Jaeger may have dropped the trace of an exemplar, as with tail sampling: the newest that it has.
async function requestRow([title, labels]) {
  const newest = [];
  for (const seconds of WINDOWS) {
    const end = Date.now() / 1000;
    const series = newest.length ? [] : await prometheus("query_exemplars", { query: `${DURATIONS}_bucket{${labels}}`, start: end - seconds, end });
    newest.push(...series.flatMap((one) => one.exemplars));
  }
  newest.sort((a, b) => b.timestamp - a.timestamp);
  const ids = [...new Set(newest.map((one) => one.labels.trace_id))].filter((id) => /^[0-9a-f]{32}$/.test(id));
  for (const id of ids.slice(0, MOST_TRIES)) {
    const spans = await spansOf(id).catch(() => []);
    if (spans.length || !jaeger) {
      const exemplar = newest.find((one) => one.labels.trace_id === id);
      const ms = exemplar.timestamp * 1000;
      // The trace may begin with a caller.
      const request = spans.find((span) => span.spanId === exemplar.labels.span_id) ?? spans[0];
      return element("li", {}, element("strong", {}, title), element("div", {},
        element("div", {}, request ? `${request.service}: ${request.name}` : id,
          element("span", { class: "quiet" }, ` ${short(exemplar.value * 1000)} ms, ${ago(ms)}`)),
        element("div", {}, request ? said(spans, request) : ""), traceLinks(id, ms)));
    }
  }
  return element("li", {}, element("strong", {}, title),
    element("div", { class: "quiet" }, ids.length ? "Jaeger does not have its trace." : "None in the last hour."));
}

async function showRequests() {
  at("requests").replaceChildren(element("ul", { class: "rows" }, ...(await Promise.all(REQUESTS.map(requestRow)))));
}

// For a Jaeger without pages.
async function showTrace() {
  const id = /^#trace=([0-9a-f]{32})$/.exec(location.hash)?.[1];
  at("trace").hidden = !id;
  if (!id) return;
  const spans = await spansOf(id);
  const start = spans[0]?.start ?? 0;
  const whole = Math.max(0.001, ...spans.map((span) => span.start + span.ms - start));
  const depth = (span) => {
    const parent = spans.find((one) => one.spanId === span.parentSpanId);
    return parent && parent !== span ? 1 + depth(parent) : 0;
  };
  at("trace").replaceChildren(element("h2", {}, "Trace ", element("small", {}, id)),
    ...(spans.length ? spans.map((span) => {
      const bar = element("i", { class: span.status?.code === 2 ? "bar failed" : "bar" });
      bar.style.marginLeft = `${(100 * (span.start - start)) / whole}%`;
      bar.style.width = `${Math.max(0.5, (100 * span.ms) / whole)}%`;
      const name = element("summary", {}, element("span", {}, `${span.service}: ${span.name}`), element("span", { class: "quiet" }, ` ${short(span.ms)} ms`), bar);
      name.style.paddingLeft = `${depth(span)}rem`;
      const values = [span.values, ...(span.events ?? []).map(attributes)].flatMap(Object.entries);
      return element("details", !depth(span) || span.status?.code === 2 ? { open: "" } : {}, name,
        element("dl", {}, ...values.flatMap(([key, value]) => [element("dt", {}, key), element("dd", {}, value)])));
    }) : [element("p", {}, "Jaeger has no trace with this ID.")]),
    spans.length ? traceLinks(id, start).lastChild : "");
  at("trace").scrollIntoView();
}

// ---- Charts and links

async function chart([title, expression, unit]) {
  const end = Date.now() / 1000;
  const { result } = await prometheus("query_range", { query: expression, start: end - SHOWN, end, step: 15 });
  const lines = result.map(({ metric, values }) => ({ name: metric.service ?? metric.job, points: values.map(([time, value]) => [time, Number(value)]).filter(([, value]) => Number.isFinite(value)) }))
    .filter(({ points }) => points.length);
  const top = Math.max(...lines.flatMap(({ points }) => points.map(([, value]) => value)), 0);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  lines.forEach(({ points }, index) => {
    const line = document.createElementNS(svg.namespaceURI, "polyline");
    line.setAttribute("class", `line-${index % 3}`);
    line.setAttribute("points", points.map(([time, value]) => `${100 - ((end - time) / SHOWN) * 100},${39 - (value / (top || 1)) * 37}`).join(" "));
    svg.append(line);
  });
  const last = ({ name, points }) => (lines.length > 1 ? `${name} ` : "") + short(points.at(-1)[1]) + unit;
  return element("figure", {},
    element("figcaption", {}, prometheusPages ? link(title, `../query?${new URLSearchParams({ "g0.expr": expression, "g0.tab": "graph", "g0.range_input": "15m" })}`) : title),
    element("div", { class: "now" }, ...(lines.length ? lines.map((line, index) => element("span", { class: `line-${index % 3}` }, last(line))) : ["no data yet"])),
    svg,
    element("div", { class: "quiet" }, lines.length ? `highest: ${short(top)}${unit}` : ""));
}

async function showCharts() {
  at("charts").replaceChildren(...(await Promise.all(CHARTS.map(chart))));
}

// Only links that land on data.
async function showLinks(withGrafana) {
  const found = [];
  if (jaeger && jaegerPages) {
    const services = await fetch(`${jaeger}/api/v3/services`).then((answer) => answer.json()).catch(() => ({}));
    for (const service of services.services ?? []) {
      found.push(link(`Traces of ${service}`, `${jaeger}/search?service=${encodeURIComponent(service)}&lookback=1h`));
    }
  }
  if (logs) found.push(link("Log lines", logLines("*", "g0.relative_time=last_15_minutes")));
  if (prometheusPages) found.push(link("Rules of the alerts", "../alerts"), link("Targets", "../targets"));
  if (withGrafana) found.push(link("Dashboards", `${grafana}/d/health`));
  found.push(link("Runbook", "./runbook.html"));
  at("links").replaceChildren(...found.map((one) => element("li", {}, one)));
}

async function refresh() {
  if (!document.hidden) {
    try {
      // Only a stack with a Grafana probes it.
      const withGrafana = Boolean(grafana) && (await query('up{job="probe-grafana"}')).length > 0;
      await Promise.all([showHealth(), showAlerts(withGrafana), showRequests(), showCharts(), showLinks(withGrafana)]);
      at("updated").textContent = `Updated at ${new Date().toLocaleTimeString()}, and every ${REFRESH / 1000} s`;
    } catch (failure) {
      at("health").className = "banner unknown";
      at("health").replaceChildren(element("p", {}, `It is not known whether the stack is healthy: Prometheus does not answer (${failure.message}).`));
    }
  }
  setTimeout(refresh, REFRESH);
}

async function start() {
  prometheusPages = await fetch("../query").then((answer) => answer.ok).catch(() => false);
  // A Jaeger that does not let this page read it is taken to have pages.
  jaegerPages = jaeger ? await fetch(`${jaeger}/`).then((answer) => answer.text()).then((text) => text.includes("jaeger-ui-root")).catch(() => true) : false;
  addEventListener("hashchange", showTrace);
  await Promise.all([refresh(), showTrace()]);
}
start();
