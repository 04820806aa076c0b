"""A stack on moto, whose instances and balancers are containers, and what the tests ask of it."""

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import tarfile
import time
import uuid
from contextlib import contextmanager

import requests
import yaml
from cloud import REGION
from machines import ROOT, Machines, docker, pinned, without_digests
from playbook import ANSIBLE, run
from waiting import wait_until

PASSWORD = "Krokodil-7-Wolke"
RECEIVER = "http://receiver.invalid/hook-4711"
# Of a roll, as VictoriaLogs has it.
LOG_LINE = '"_msg":"Dice rolled"'

# How many containers of a deployment have a health check: all but VictoriaLogs.
HEALTH_CHECKS = 7

COMPOSE_FILES = [
    "docker-compose.yml",
    "compose/production.yml",
    # No registry, no Grafana.
    "e2e/compose/offline.yml",
    # Stack.lay_over writes it.
    "docker-compose.moto.yml",
]

# Answers as Grafana does to who knows the password, and hands on to datasources: there is no Grafana here.
# https://grafana.com/docs/grafana/latest/developers/http_api/data_source/ has the paths.
GRAFANA = """
import base64, json, sys, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

address, password, datasources, dashboards = sys.argv[1:]
LOGIN = "Basic " + base64.b64encode(b"admin:" + password.encode()).decode()
DATASOURCES = json.loads(datasources)
PROXY = "/api/datasources/proxy/uid/"
uids = lambda names: json.dumps([{"uid": name} for name in names], separators=(",", ":"))
PAGES = {
    "/api/health": '{"database": "ok"}',
    "/api/datasources": uids([*DATASOURCES, "victorialogs", "alertmanager"]),
    "/api/search?type=dash-db": uids(json.loads(dashboards)),
}

class Grafana(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/api/health" and self.headers.get("Authorization") != LOGIN:
            return self.answer(401, b"")
        if self.path in PAGES:
            return self.answer(200, PAGES[self.path].encode())
        if not self.path.startswith(PROXY):
            return self.answer(404, b"")
        uid, _, path = self.path.removeprefix(PROXY).partition("/")
        try:
            with urllib.request.urlopen(DATASOURCES[uid] + "/" + path) as got:
                self.answer(got.status, got.read())
        except urllib.error.HTTPError as e:
            self.answer(e.code, e.read())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

ThreadingHTTPServer((address, 3000), Grafana).serve_forever()
"""


# Of the traces that are named, how many Jaeger and VictoriaLogs have; and how many samples Prometheus has of a time.
STORED = """
import json, sys, urllib.error, urllib.parse, urllib.request

def ask(url, **query):
    with urllib.request.urlopen(url + "?" + urllib.parse.urlencode(query)) as answer:
        return answer.read().decode()

def in_jaeger(trace):
    try:
        return bool(ask("http://127.0.0.1:16686/api/traces/" + trace))
    except urllib.error.HTTPError:
        return False

at, traces = float(sys.argv[1]), set(sys.argv[2:])
of_these = "_time:1h 'Dice rolled' trace_id:in(%s) | uniq by (trace_id)" % ",".join(traces)
lines = ask("http://127.0.0.1:9428/select/logsql/query", query=of_these)
counted = "count_over_time(up{job='dice'}[30m])"
[samples] = json.loads(ask("http://127.0.0.1:9090/api/v1/query", query=counted, time=at))["data"]["result"]
print(json.dumps({
    "traces": sum(map(in_jaeger, traces)),
    "lines": len(lines.splitlines()),
    "samples": int(samples["value"][1]),
}))
"""


class Stack:
    def __init__(self, cloud, machines, checkout, inputs):
        self.cloud, self.machines, self.checkout, self.inputs = cloud, machines, checkout, inputs
        self.endpoint = cloud.listen_on(machines.gateway(machines.private))
        # Of an operator who may do what the documentation asks for.
        self.key = cloud.account_with((ANSIBLE / "iam-policy.json").read_text())

    def play(self, playbook, *arguments, env=None, ansible=ANSIBLE, **of_this_play):
        inputs = {
            "compose_stack_source": str(self.checkout),
            "compose_stack_files": COMPOSE_FILES,
            "compose_stack_grafana_password": PASSWORD,
            "compose_stack_alert_url": RECEIVER,
            "stack_verify_without_grafana": True,
            "aws_infra_destroy_unasked": True,
        }
        inputs = inputs | self.inputs | of_this_play
        return run(
            self.cloud,
            playbook,
            *self.machines.arguments(),
            *arguments,
            key=self.key,
            env=env,
            ansible=ansible,
            **inputs,
        )

    def lay_over(self, release):
        """Writes the last Compose file of a release.

        It gives Prometheus the address of moto. Until a container is healthy, its health check runs every second. After that,
        only dice's runs as often as it does for an operator: each check starts several processes.
        """
        compose = yaml.safe_load((release / COMPOSE_FILES[0]).read_text())
        services = {
            name: {"healthcheck": {"start_interval": "1s"} | ({} if name == "dice" else {"interval": "60s"})}
            for name, service in compose["services"].items()
            if "healthcheck" in service
        }
        # On EC2, Prometheus has all of this from the instance.
        services["prometheus"]["environment"] = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "root",
            "AWS_SECRET_ACCESS_KEY": "root",
        }
        (release / COMPOSE_FILES[-1]).write_text(yaml.safe_dump({"services": services}))

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
        answer = self.asked(f"http://127.0.0.1:9090/api/v1/targets?scrapePool={job}")
        return [target["labels"] for target in json.loads(answer)["data"]["activeTargets"]]

    def asked(self, url):
        """What the instance gets from there."""
        return self.machines.on_host(
            "python3", "-c", f"import urllib.request as u; print(u.urlopen('{url}').read().decode())"
        )

    def lines(self, trace):
        """What VictoriaLogs says of the log lines of a trace."""
        return self.asked(f"http://127.0.0.1:9428/select/logsql/query?query=trace_id:{trace}")

    def rolled(self):
        """The trace of a roll whose log line VictoriaLogs has."""
        trace = uuid.uuid4().hex
        self.server("/", traceparent=f"00-{trace}-00000000000000aa-01")
        wait_until(lambda: self.lines(trace), lambda told: LOG_LINE in told, "the log line of a roll")
        return trace

    def rolls(self, count, every=0.0):
        """The traces of so many rolls."""
        traces = [uuid.uuid4().hex for _ in range(count)]
        for trace in traces:
            assert self.server("/", traceparent=f"00-{trace}-00000000000000aa-01").status_code == 200
            time.sleep(every)
        return traces

    def stored(self, traces, at=None):
        """What the stores have: of these traces, and of the half hour before `at`, which is now if it is not said."""
        told = self.machines.on_host("python3", "-c", STORED, str(at or time.time()), *traces)
        return json.loads(told) if told.startswith("{") else {"error": told}

    def server(self, path, **headers):
        address = self.machines.address(self.machines.balancers["server"], self.machines.public)
        return requests.get(f"http://{address}{path}", headers=headers, timeout=20)

    def grafana(self, path):
        address = self.machines.address(self.machines.balancers["grafana"], self.machines.public)
        return requests.get(f"http://{address}{path}", timeout=20)

    @contextmanager
    def grafana_answers(self):
        """A stand-in for Grafana on the instance, with the datasources that the deployed Grafana would have."""
        deployed = json.loads(self._compose("config", "--format", "json"))
        url = deployed["services"]["grafana"]["environment"]["JAEGER_URL"]
        published = self.machines.on_host("docker", "port", self.containers()["jaeger"], "16686")
        assert "//jaeger:16686" in url
        datasources = {
            "prometheus": "http://127.0.0.1:9090",
            "jaeger": url.replace("jaeger:16686", published, 1),
        }
        dashboards = [path.stem for path in (self.checkout / "grafana/dashboards").glob("*.json")]
        address = self.machines.address(self.machines.host, self.machines.private)
        arguments = [address, PASSWORD, json.dumps(datasources), json.dumps(dashboards)]
        docker("exec", "--detach", self.machines.host, "python3", "-c", GRAFANA, *arguments)
        try:
            yield
        finally:
            self.machines.on_host("pkill", "--full", "BaseHTTPRequestHandler")

    def _compose(self, *arguments):
        """docker compose, as the playbooks run it on the instance, with Grafana."""
        files = [f"--file={file}" for file in COMPOSE_FILES]
        options = [*files, "--env-file=.env", "--env-file=deploy.env", "--profile=registry"]
        command = shlex.join(["docker", "compose", *options, *arguments])
        return self.machines.on_host("sh", "-c", f"cd /opt/lapalma/current && {command}")

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
    folders = ["jaeger", "victorialogs", "prometheus", "grafana", "agent-config/target/container"]
    overlays = [f"compose/{name}.yml" for name in ("app", "clusters", "collectors")]
    for path in [*folders, "docs/runbook.md", *overlays, *COMPOSE_FILES[:-1]]:
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / path).is_dir() else shutil.copy)(ROOT / path, to / path)
    (to / ".env").write_text(without_digests(ROOT / ".env"))
    fit_to_the_jaeger_at_hand(to)
    return to


def packed_anew(archive, folder, source, added):
    """A copy of a release, with these files of another folder added, and its checksum."""
    copy = folder / archive.name
    with tarfile.open(archive) as packed, tarfile.open(copy, "w:gz", compresslevel=1) as anew:
        for entry in packed:
            anew.addfile(entry, packed.extractfile(entry))
        for path in added:
            anew.add(source / path, f"release/{path}")
    digest = hashlib.sha256(copy.read_bytes()).hexdigest()
    copy.with_name(copy.name + ".sha256").write_text(f"{digest}  {copy.name}\n")
    return copy


def empty_image(folder, name, architecture):
    """An archive, for `docker load`, of an image without files, as if it had been built for this architecture."""
    with tarfile.open(folder / "layer.tar", "w"):
        pass
    layer = hashlib.sha256((folder / "layer.tar").read_bytes()).hexdigest()
    files = {"type": "layers", "diff_ids": [f"sha256:{layer}"]}
    image = {"architecture": architecture, "os": "linux", "rootfs": files}
    (folder / "image.json").write_text(json.dumps(image))
    manifest = [{"Config": "image.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(folder / "image.tar", "w") as archive:
        for file in ("layer.tar", "image.json", "manifest.json"):
            archive.add(folder / file, file)
    return folder / "image.tar"


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
        stack.lay_over(stack.checkout)
        stack.made = stack.play("site", *arguments)
        yield stack
    finally:
        cloud.after_change = lambda: None
        machines.stop()
