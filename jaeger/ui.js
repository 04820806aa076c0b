// What Jaeger's pages show. JavaScript and not JSON: only a function can turn a trace's start, which is
// in microseconds, into what Grafana takes. No dollar sign may appear here: Jaeger would replace it.
function UIConfig() {
  // Compose and make up put GRAFANA_URL here. Without one there are no links to Grafana.
  const grafana = "@GRAFANA_URL@";
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
  ];

  // Relative: behind the load balancer the pages have a path of their own.
  function search(label, parameters) {
    return { label: label, url: "search?service=dice&lookback=1h" + parameters, anchorTarget: "_self" };
  }
  function tag(name, value) {
    return "&tags=" + encodeURIComponent(JSON.stringify(Object.fromEntries([[name, value]])));
  }

  return {
    // dice calls no other service.
    dependencies: { menuEnabled: false },
    menu: [
      {
        label: "Searches of dice",
        items: [
          search("Failed requests", tag("error", "true")),
          search("Requests over 100 ms", "&minDuration=100ms"),
          search("All sixes", tag("dice.value", "6")),
        ],
      },
    ],
    archiveEnabled: false,
    monitor: { menuEnabled: true },
    search: { maxLookback: { label: "2 days", value: "2d" } },
    linkPatterns: grafana.startsWith("http") ? linksToGrafana : [],
  };
}
