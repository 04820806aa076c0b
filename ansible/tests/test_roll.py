"""dice on two instances behind one balancer: a deploy goes from one to the other, and no client notices."""

import re
import subprocess

import pytest
import requests
from cloud import REGION
from load import Load
from machines import ROOT, docker, pinned
from stack import stack_from_nothing
from waiting import wait_until

APP = "lapalma-app-1"


@pytest.fixture(scope="module")
def stack(cloud, tmp_path_factory):
    folder = tmp_path_factory.mktemp("machines")
    with stack_from_nothing(cloud, folder, apps=1, aws_infra_budget_usd=150) as stack:
        yield stack


def url(stack):
    return f"http://{stack.machines.address(stack.machines.balancers['server'], stack.machines.public)}/"


def versions(stack):
    """What dice says it is, on each instance."""
    said = {}
    for name, host in stack.machines.hosts.items():
        address = stack.machines.address(host, stack.machines.private)
        said[name] = requests.get(f"http://{address}:5000/health", timeout=20).json()["version"]
    return said


def healthy(stack):
    """The instances that the balancer sends requests to."""
    elb, ec2 = stack.cloud.client("elbv2"), stack.cloud.client("ec2")
    [group] = elb.describe_target_groups(Names=["lapalma-dice"])["TargetGroups"]
    targets = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
    ids = [t["Target"]["Id"] for t in targets if t["TargetHealth"]["State"] == "healthy"]
    found = ec2.describe_instances(InstanceIds=ids)["Reservations"] if ids else []
    return {tag["Value"] for r in found for tag in r["Instances"][0]["Tags"] if tag["Key"] == "Name"}


def test_one_command_leads_to_two_instances_of_dice(stack):
    (
        stack.made.ok()
        .says("ok       Every target of Prometheus is up")
        .says(f"ok       A roll, at {APP}")
        .says(f"ok       The trace of a roll at {APP}, in Jaeger")
        .says("ok       The log line of that roll, in VictoriaLogs")
        .says(f"ok       The log line of a roll at {APP}, in VictoriaLogs")
        .says("lapalma works.")
    )
    app = stack.machines.apps[APP]
    public = stack.machines.address(app, stack.machines.public)
    stack.made.says(f"ok       {public}:9464 (dice_agent) is closed from outside")
    # It is open to that instance, in the private network.
    public = stack.machines.address(stack.machines.host, stack.machines.public)
    stack.made.says(f"ok       {public}:9428 (victorialogs) is closed from outside")
    assert healthy(stack) == {"lapalma", APP}

    runs = stack.machines.on_host("docker", "ps", "--format", "{{.Names}}", container=app)
    assert set(runs.splitlines()) == {"lapalma-dice-1", "lapalma-node-exporter-1", "lapalma-cadvisor-1"}

    # To rules and dashboards it is one more of the same job.
    address = stack.machines.address(app, stack.machines.private)
    [target] = stack.targets("dice-discovery")
    where = {name: target.pop(name) for name in ("instance_id", "availability_zone")}
    assert target == {"job": "dice", "instance": f"{address}:5000"}
    [target] = stack.targets("dice-agent-discovery")
    assert target == {"job": "dice-agent", "instance": f"{address}:9464", **where}


def test_a_deploy_of_nothing_new_takes_nobody_out_of_service(stack):
    assert stack.play("deploy").ok().changed == 0


def test_no_request_fails_while_a_change_is_deployed(stack):
    with Load(url(stack), stack.machines.folder) as load:
        stack.play("deploy", compose_stack_app_version="2").ok()
    assert versions(stack) == {"lapalma": "2", APP: "2"}
    assert load.requests > 500
    assert (load.statuses, load.errors) == ({200: load.requests}, [])
    assert healthy(stack) == {"lapalma", APP}


def test_a_version_that_does_not_start_stops_the_roll_and_no_request_fails(stack):
    arguments = "agent-config/target/container/jvm.args"
    with (
        stack.changing(arguments, lambda text: text + "-XX:+NoSuchFlag\n"),
        Load(url(stack), stack.machines.folder) as load,
    ):
        (
            stack.play("deploy", compose_stack_app_version="3", compose_stack_wait_seconds=30)
            .refused()
            .says(f"The roll over lapalma, {APP} stopped at lapalma: instances before it run the new")
        )
    assert versions(stack) == {"lapalma": "2", APP: "2"}
    assert load.requests > 500
    assert (load.statuses, load.errors) == ({200: load.requests}, [])
    assert healthy(stack) == {"lapalma", APP}


def test_an_instance_that_is_alone_stays_and_a_deploy_fails_some_requests(stack):
    app = stack.machines.apps[APP]
    stack.machines.on_host("docker", "stop", "lapalma-dice-1", container=app)
    wait_until(lambda: healthy(stack), {"lapalma"}, "healthy instances")
    with Load(url(stack), stack.machines.folder) as load:
        # HAProxy, unlike AWS's balancer, sends nothing to the last target where that drains.
        deploy = stack.play("deploy", compose_stack_app_version="4", compose_stack_drain_seconds=0).ok()
    leaves = r"Leave the balancer[^*]*\*+\s+{}: \[{}[ \]]"
    assert re.search(leaves.format("skipping", "lapalma"), deploy.output), deploy.output
    assert re.search(leaves.format("changed", APP), deploy.output), deploy.output
    # That this load sees what fails: the seconds of one start, of which this is a bound and no promise.
    assert 0 < (load.requests - load.statuses[200]) / load.rate < 60, load.statuses
    assert versions(stack) == {"lapalma": "4", APP: "4"}
    assert healthy(stack) == {"lapalma", APP}


def test_an_instance_too_many_goes_without_a_failed_request(stack):
    stack.inputs["aws_infra_app_instances"] = 0
    with Load(url(stack), stack.machines.folder) as load:
        stack.play("provision").ok()
    assert (load.statuses, load.errors) == ({200: load.requests}, [])
    assert healthy(stack) == {"lapalma"}
    wait_until(lambda: stack.targets("dice-discovery"), [], "targets of dice-discovery")


# Of "Hunter-2-Hunter", by bcrypt.
STORE_ASKS = """
basic_auth_users:
  lapalma: '$2b$04$eyg5OcgH7aBKPKip9NsdmO1eO.EJB9ZU9W8.0Q4YG7yTGU98ozy56'
"""


@pytest.fixture
def elsewhere(stack):
    """Addresses of a Jaeger and of a store of metrics that asks for a password: others' clusters, in small."""
    machines = stack.machines
    files = machines.folder / "store"
    files.mkdir()
    (files / "store.yml").write_text("{}\n")
    (files / "web.yml").write_text(STORE_ASKS)
    jaeger, store = f"{machines.name}-jaeger", f"{machines.name}-store"
    network = f"--network={machines.private}"
    variables = {"LISTEN_HOST": "0.0.0.0", "DATA": "/tmp/badger"}
    variables |= {"SAMPLING_FILE": "/etc/jaeger/sampling.json", "UI_CONFIG": "/etc/jaeger/ui.js"}
    try:
        docker(
            *("run", "--detach", f"--name={jaeger}", network),
            f"--volume={stack.checkout}/jaeger:/etc/jaeger:ro",
            *(f"--env=JAEGER_{name}={value}" for name, value in variables.items()),
            *(pinned("JAEGER"), "--config=/etc/jaeger/config.yaml"),
        )
        docker(
            *("run", "--detach", f"--name={store}", network, f"--volume={files}:/store:ro"),
            *(pinned("PROMETHEUS"), "--config.file=/store/store.yml", "--web.config.file=/store/web.yml"),
            *("--web.enable-remote-write-receiver", "--storage.tsdb.path=/prometheus"),
        )
        yield [machines.address(container, machines.private) for container in (jaeger, store)]
    finally:
        for container in (jaeger, store):
            subprocess.run(["docker", "rm", "-fv", container], capture_output=True)


def test_traces_and_metrics_go_to_clusters_that_exist(stack, elsewhere):
    jaeger, store = elsewhere
    stack.inputs |= {
        "compose_stack_otlp_endpoint": f"http://{jaeger}:4318",
        "compose_stack_sampling_endpoint": f"http://{jaeger}:5778/api/sampling",
        "compose_stack_jaeger_url": f"http://{jaeger}:16686",
        "compose_stack_remote_write_url": f"http://{store}:9090/api/v1/write",
        "compose_stack_remote_write_user": "lapalma",
        "compose_stack_remote_write_password": "Hunter-2-Hunter",
    }
    assert "Hunter" not in stack.play("deploy", "-vvv").ok().output
    assert "jaeger" not in stack.containers()
    (
        stack.play("verify")
        .ok()
        .says("ok       The trace of that roll, in Jaeger")
        .says("ok       The log line of that roll, in VictoriaLogs")
    )

    def written():
        ask = {"params": {"query": 'up{job="dice"}'}, "auth": ("lapalma", "Hunter-2-Hunter")}
        answer = requests.get(f"http://{store}:9090/api/v1/query", **ask, timeout=20)
        return [series["metric"] for series in answer.json()["data"]["result"]]

    of_dice = {"__name__": "up", "job": "dice", "instance": "dice:5000"}
    of_stack = {"stack": "lapalma", "environment": "production", "region": REGION}
    of_writer = {"cluster": "lapalma", "replica": "a"}
    wait_until(written, [of_dice | of_stack | of_writer], "series in the store")


@pytest.fixture
def engines(stack):
    """A Kafka and a Cassandra, on this machine, that ask for TLS and a password: who, and where they are."""
    password = 'Hunter-2: "$x" #'
    folders = ("e2e/target/test-classes", "stack/target/classes", "stack/process/target/classes")
    classes = [ROOT / folder for folder in folders]
    command = ["java", "-cp", ":".join(map(str, classes)), "lapalma.e2e.scale.Engines"]
    command += [stack.machines.folder / "engines", stack.machines.gateway(stack.machines.private)]
    # It ends with its standard input.
    with subprocess.Popen(
        [*command, "lapalma", password],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        said = dict(process.stdout.readline().split() for _ in range(3))
        yield {
            f"compose_stack_{engine}_{name}": value
            for engine, where in (("kafka", "brokers"), ("cassandra", "servers"))
            for name, value in {
                where: [said[engine]],
                "user": "lapalma",
                "password": password,
                "tls": True,
                "ca": said["ca"],
            }.items()
        }


def test_traces_go_through_a_kafka_and_a_cassandra_that_exist(stack, engines):
    for name in [name for name in stack.inputs if name.startswith("compose_stack_")]:
        del stack.inputs[name]
    before = stack.containers()
    wrong = engines | {"compose_stack_kafka_brokers": ["127.0.0.1:1"]}
    stack.play("deploy", **wrong).refused().says("The instance reaches none of compose_stack_kafka_brokers")
    assert stack.containers() == before

    # What was given before, collectors elsewhere, comes back with its own overlay.
    wrong = engines | {"compose_stack_cassandra_password": "Hunter-3", "compose_stack_wait_seconds": 60}
    stack.play("deploy", **wrong).refused().says("which ran before, runs again.")
    assert set(stack.containers()) == set(before)

    settings = {"compose_stack_cassandra_replication_factor": 1, "compose_stack_releases_kept": 2}
    stack.inputs |= engines | settings
    assert "Hunter" not in stack.play("deploy", "-vvv").ok().output
    (
        stack.play("verify")
        .ok()
        .says("ok       The trace of that roll, in Jaeger")
        .says("ok       Every target of Prometheus is up")
    )
    jaeger = {"jaeger:8888", "collector:8888", "ingester:8888"}
    assert {target["instance"] for target in stack.targets("jaeger")} == jaeger
    for part in ("collector", "ingester", "jaeger"):
        assert "Hunter" not in stack.machines.on_host("docker", "inspect", stack.containers()[part])
    assert len(stack.machines.on_host("ls", "/opt/lapalma/releases").split()) == 2
    assert stack.play("deploy").ok().changed == 0


def test_at_the_end_nothing_is_left(stack):
    stack.play("destroy").ok().says(f"Nothing of lapalma is left in {REGION}.")
