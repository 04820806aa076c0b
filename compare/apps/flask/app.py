"""The dice server in Flask: the same requests, answers, log lines and metrics as dice-undertow."""

import json
import logging
import os
import random
import sys

from flask import Flask, jsonify
from prometheus_flask_exporter import PrometheusMetrics

APP = "dice-api"


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the ids that an agent adds to a record."""

    def format(self, record):
        line = {"message": record.getMessage(), "level": record.levelname, "app": APP}
        for name in ("dice_value", "otelTraceID"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        return json.dumps(line)


handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JsonFormatter())
log = logging.getLogger(APP)
log.addHandler(handler)
log.setLevel(logging.INFO)
logging.getLogger("werkzeug").setLevel(logging.ERROR)

app = Flask(APP)
metrics = PrometheusMetrics(app, static_labels={"app": APP})
metrics.info("app_info", "Which version of the app runs", version=os.environ.get("APP_VERSION", "dev"))


@app.get("/")
def roll():
    value = random.randint(1, 6)
    log.info("Dice rolled", extra={"dice_value": value})
    return jsonify(dice_value=value)


@app.get("/health")
def health():
    return jsonify(status="ok", app=APP, version=os.environ.get("APP_VERSION", "dev"))


@app.get("/fail")
def fail():
    raise RuntimeError("Intentional failure")


@app.errorhandler(RuntimeError)
def failed(error):
    log.exception("Request failed")
    return jsonify(error="internal_server_error", app=APP, message=str(error)), 500


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")), threaded=True)
