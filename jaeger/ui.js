// What Jaeger's pages show. JavaScript and not JSON: only a function can turn a trace's start, which is
// in microseconds, into what Grafana takes. No dollar sign may stand here: Jaeger would replace it.
function UIConfig() {
  const around = 5 * 60 * 1000; // ms shown before and after the trace
  // Behind a balancer Grafana is on the same host and port as this page.
  const behindBalancer = ["", "80", "443"].includes(window.location.port);
  const grafana = behindBalancer
    ? window.location.origin
    : window.location.protocol + "//" + window.location.hostname + ":3000";

  return {
    dependencies: { menuEnabled: true },
    archiveEnabled: false,
    monitor: { menuEnabled: true },
    search: { maxLookback: { label: "2 days", value: "2d" } },
    linkPatterns: [
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
    ],
  };
}
