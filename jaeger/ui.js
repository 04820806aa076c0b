// What Jaeger's pages show. JavaScript and not JSON: only a function can turn a trace's start, which is
// in microseconds, into what Grafana takes. No dollar sign may appear here: Jaeger would replace it.
function UIConfig() {
  // Compose and make up put GRAFANA_URL here. Without one there are no links to Grafana.
  const grafana = "@GRAFANA_URL@";
  // The same of VictoriaLogs' page, VICTORIALOGS_EXTERNAL_URL: empty where browsers do not reach it.
  const logs = "@VICTORIALOGS_EXTERNAL_URL@";
  const around = 5 * 60 * 1000; // ms shown before and after the trace

  const linksToGrafana = [
    {
      type: "tags",
      key: "http.route",
      url: {
        parameters: ["http.route", "trace.startTime"],
        template: function (span) {
          const start = Math.floor(span["trace.startTime"] / 1000);
          return (
            grafana + "/d/service" +
            "?var-route=" + encodeURIComponent(span["http.route"]) +
            "&from=" + (start - around) + "&to=" + (start + around)
          );
        },
      },
      text: "This route in Grafana, around the time of this trace",
    },
    {
      type: "traces",
      url: {
        parameters: ["startTime"],
        template: function (trace) {
          const start = Math.floor(trace.startTime / 1000);
          return grafana + "/d/health?from=" + (start - around) + "&to=" + (start + around);
        },
      },
      text: "Health in Grafana, around the time of this trace",
    },
  ];

  const linksToLogs = [
    {
      type: "traces",
      url: {
        parameters: ["traceID", "startTime"],
        template: function (trace) {
          const end = new Date(Math.floor(trace.startTime / 1000) + around).toISOString().slice(0, 19) + "Z";
          return (
            logs + "/select/vmui/#/?query=trace_id%3A" + trace.traceID +
            "&g0.range_input=15m&g0.end_input=" + end + "&displayFields=_msg,dice_value,exception.message"
          );
        },
      },
      text: "Log lines of this trace",
    },
  ];

  // The names of the services whose spans Jaeger has; none where that cannot be found out.
  function services() {
    // Where the pages begin: behind the load balancer they have a path of their own. Without it a relative address
    // would lead below the page of a trace.
    if (!document.querySelector("base")) {
      return [];
    }
    try {
      // Not asynchronous: the pages read this configuration once, when this function returns.
      const request = new XMLHttpRequest();
      request.open("GET", "api/v3/services", false);
      request.send();
      return request.status === 200 ? JSON.parse(request.responseText).services || [] : [];
    } catch (failure) {
      return [];
    }
  }

  // Relative, for the same reason.
  function search(service, label, parameters) {
    return { label: label, url: "search?service=" + encodeURIComponent(service) + "&lookback=1h" + parameters, anchorTarget: "_self" };
  }
  function tag(name, value) {
    return "&tags=" + encodeURIComponent(JSON.stringify(Object.fromEntries([[name, value]])));
  }

  const known = services();
  const menu = [
    {
      label: "Searches of dice",
      items: [
        search("dice", "Failed requests", tag("error", "true")),
        search("dice", "Requests over 100 ms", "&minDuration=100ms"),
        search("dice", "All sixes", tag("dice.value", "6")),
      ],
    },
  ];
  // Any other service that is observed.
  for (const service of known.filter((one) => one !== "dice" && one !== "player")) {
    menu.push({
      label: "Searches of " + service,
      items: [
        search(service, "Failed requests", tag("error", "true")),
        search(service, "Requests over 100 ms", "&minDuration=100ms"),
      ],
    });
  }
  if (known.includes("player")) {
    menu.push({
      label: "Searches of player",
      items: [
        // Not by the tag error: a caller has it on calls of missing pages too.
        search("player", "Calls answered with 500", tag("http.response.status_code", "500")),
        search("player", "Calls over 100 ms", "&minDuration=100ms"),
      ],
    });
  }

  return {
    // System Architecture: the page is empty while no service calls another.
    dependencies: { menuEnabled: known.length > 1 },
    menu: menu,
    archiveEnabled: false,
    // Attributes instead of tags, span name instead of operation.
    useOpenTelemetryTerms: true,
    monitor: { menuEnabled: true },
    search: { maxLookback: { label: "2 days", value: "2d" } },
    linkPatterns: (grafana.startsWith("http") ? linksToGrafana : []).concat(logs.startsWith("http") ? linksToLogs : []),
  };
}
