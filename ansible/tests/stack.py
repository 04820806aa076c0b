"""A stack on moto, whose instances and balancers are containers, and what the tests ask of it."""

import json
import re
import shutil
import subprocess
from contextlib import contextmanager

import requests
from cloud import REGION
from machines import ROOT, Machines, docker, pinned
from playbook import run

PASSWORD = "Krokodil-7-Wolke"
RECEIVER = "http://receiver.invalid/hook-4711"

COMPOSE_FILES = [
    "docker-compose.yml",
    "docker-compose.production.yml",
    # No registry, no Grafana.
    "e2e/compose/docker-compose.offline.yml",
    # Written below.
    "docker-compose.moto.yml",
]

# On EC2, Prometheus has all of this from the instance.
FROM_METADATA = """
services:
  prometheus:
    environment:
      AWS_ENDPOINT_URL: {endpoint}
      AWS_REGION: {region}
      AWS_ACCESS_KEY_ID: root
      AWS_SECRET_ACCESS_KEY: root
"""


class Stack:
    def __init__(self, cloud, machines, checkout, inputs):
        self.cloud, self.machines, self.checkout, self.inputs = cloud, machines, checkout, inputs

    def play(self, playbook, *arguments, env=None, **of_this_play):
        inputs = {
            "compose_stack_source": str(self.checkout),
            "compose_stack_files": COMPOSE_FILES,
            "compose_stack_grafana_password": PASSWORD,
            "compose_stack_alert_url": RECEIVER,
            "stack_verify_without_grafana": True,
            "aws_infra_destroy_unasked": True,
        }
        inputs = inputs | self.inputs | of_this_play
        return run(self.cloud, playbook, *self.machines.arguments(), *arguments, env=env, **inputs)

    def containers(self):
        """Their ids, by service."""
        ask = '{{.Label "com.docker.compose.service"}} {{.ID}}'
        return dict(
            line.split()
            for line in self.machines.on_host("docker", "ps", "--no-trunc", "--format", ask).splitlines()
        )

    def states(self):
        ask = '{{.Label "com.docker.compose.service"}} {{.Status}}'
        return self.machines.on_host("docker", "ps", "--all", "--format", ask)

    def targets(self, job):
        ask = f"http://127.0.0.1:9090/api/v1/targets?scrapePool={job}"
        answer = self.machines.on_host(
            "python3", "-c", f"import urllib.request as u; print(u.urlopen('{ask}').read().decode())"
        )
        return [target["labels"] for target in json.loads(answer)["data"]["activeTargets"]]

    def server(self, path):
        address = self.machines.address(self.machines.balancers["server"], self.machines.public)
        return requests.get(f"http://{address}{path}", timeout=20)

    def grafana(self, path):
        address = self.machines.address(self.machines.balancers["grafana"], self.machines.public)
        return requests.get(f"http://{address}{path}", timeout=20)

    def changing(self, path, change):
        """The file of the checkout, changed until the end of the block."""
        return Changed(self.checkout / path, change)


class Changed:
    def __init__(self, file, change):
        self.file, self.change = file, change

    def __enter__(self):
        self.before = self.file.read_text()
        after = self.change(self.before)
        assert after != self.before
        self.file.write_text(after)

    def __exit__(self, *_):
        self.file.write_text(self.before)


def copy_of_the_checkout(to):
    folders = ["jaeger", "prometheus", "grafana", "agent-config/target/container"]
    overlays = [f"docker-compose.{name}.yml" for name in ("app", "clusters", "collectors")]
    for path in [".env", *folders, *overlays, *COMPOSE_FILES[:-1]]:
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / path).is_dir() else shutil.copy)(ROOT / path, to / path)
    fit_to_the_jaeger_at_hand(to)
    return to


def fit_to_the_jaeger_at_hand(checkout):
    """The ingester's file is for the Jaeger that .env names; a stand-in for its image may be of an older one."""
    said = docker("run", "--rm", pinned("JAEGER"), "version")
    if int(re.search(r"v2\.(\d+)\.", said)[1]) < 16:
        adapt = ROOT / "e2e/scale/jaeger-before-2.16.sed"
        subprocess.run(["sed", "-i", "-f", adapt, checkout / "jaeger/ingester.yaml"], check=True)


@contextmanager
def stack_from_nothing(cloud, folder, *arguments, apps=0, **inputs):
    """A stack that `site` made: `made` is what it said."""
    cloud.reset()
    machines = Machines(cloud, folder, apps)
    try:
        machines.start()
        cloud.after_change = machines.embody
        inputs["aws_infra_app_instances"] = apps
        stack = Stack(cloud, machines, copy_of_the_checkout(folder / "checkout"), inputs)
        endpoint = cloud.listen_on(machines.gateway(machines.private))
        (stack.checkout / COMPOSE_FILES[-1]).write_text(
            FROM_METADATA.format(endpoint=endpoint, region=REGION)
        )
        stack.made = stack.play("site", *arguments)
        yield stack
    finally:
        cloud.after_change = lambda: None
        machines.stop()
