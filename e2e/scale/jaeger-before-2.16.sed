# Turns jaeger/ingester.yaml, written for the Jaeger that is deployed, into what Jaeger 2.13 to 2.15 takes. Tests
# with such a Jaeger use it; Kafka's receiver knows only one topic there.
s/^      topics: \[\(.*\)\]$/      topic: \1/
