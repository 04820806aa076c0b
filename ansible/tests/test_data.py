"""The data of a stack outlives a restart, an instance, a wrong change and a layout. It can go to existing stores instead.

On moto and on containers.
"""

import io
import json
import re
import shutil
import subprocess
import tarfile
import time
import uuid

import pytest
import requests
from cloud import REGION
from machines import ROOT, docker, pinned
from moto.ec2.models import EC2Backend
from stack import COMPOSE_FILES, HEALTH_CHECKS, LOG_LINE, stack_from_nothing
from waiting import wait_until


@pytest.fixture(scope="module")
def stack(cloud, tmp_path_factory):
    with stack_from_nothing(cloud, tmp_path_factory.mktemp("machines")) as stack:
        stack.made.ok()
        yield stack


def test_the_stack_survives_a_restart_of_its_host(stack):
    docker("restart", stack.machines.host)
    stack.machines.wait_for_ssh()
    wait_until(
        stack.states, lambda s: s.count("(healthy)") == HEALTH_CHECKS, "containers after a restart", 300
    )
    stack.play("verify").ok()


def all_of(count):
    return lambda told: (told.get("traces"), told.get("lines")) == (count, count)


def test_a_dead_instance_is_replaced_by_one_command_and_has_the_data_of_the_former_one(stack):
    ec2 = stack.cloud.client("ec2")
    kept = stack.rolls(100, every=0.1)
    wait_until(lambda: stack.stored(kept), all_of(100), "100 rolls in the stores")
    # VictoriaLogs writes what it has in memory within 11 s.
    stack.rolls(120, every=0.1)
    # As the kernel does after half a minute.
    stack.machines.on_host("sync")
    late = stack.rolls(100, every=0.1)
    cut = time.time()
    before = stack.stored(late, cut)
    stack.machines.cut_power(stack.machines.host)
    [old] = [r["Instances"][0] for r in running(ec2)]
    ec2.terminate_instances(InstanceIds=[old["InstanceId"]])

    start = time.monotonic()
    stack.play("site").ok().says("lapalma works.")
    print(f"replaced after {time.monotonic() - start:.0f} s")

    [new] = [r["Instances"][0] for r in running(ec2)]
    assert new["InstanceId"] != old["InstanceId"]
    after = stack.stored(late, cut)
    print(f"of the last 10 s and of 30 min: before {before}, after {after}")
    there = stack.stored(kept, cut)
    assert (there["traces"], there["lines"]) == (100, 100)
    # At most half a minute, which is six scrapes, and one that was under way.
    assert before["samples"] - there["samples"] <= 7
    assert stack.play("site").ok().changed == 0


def running(ec2):
    live = [{"Name": "tag:Name", "Values": ["lapalma"]}, {"Name": "instance-state-name", "Values": ["running"]}]
    return ec2.describe_instances(Filters=live)["Reservations"]


def test_a_backup_is_restored_in_another_zone_when_nothing_answers_in_the_former_one(stack):
    ec2 = stack.cloud.client("ec2")
    before = stack.rolls(100, every=0.1)
    counted = wait_until(lambda: stack.stored(before), all_of(100), "100 rolls in the stores")
    backed_up = time.time()
    stack.play("backup").ok()
    [former] = data_volumes(ec2, "data")
    # To AWS it runs, as in a zone that has failed.
    stack.machines.cut_power(stack.machines.host)
    [[dead]] = [r["Instances"] for r in running(ec2)]

    there = {"aws_infra_snapshot": "latest", "aws_infra_restore_zone": "us-east-1b"}
    stack.play("move", **there | {"aws_infra_restore_zone": "us-east-1a"}).refused().says(
        "Run make restore with ZONE= and another zone with a subnet of lapalma: us-east-1b, us-east-1c."
    )
    assert data_volumes(ec2, "data") == [former]
    start = time.monotonic()
    stack.play("move", **there).ok().says("lapalma works.")
    print(f"restored in the other zone after {time.monotonic() - start:.0f} s")

    [[instance]] = [r["Instances"] for r in running(ec2)]
    assert instance["InstanceId"] != dead["InstanceId"]
    assert [dead["Placement"]["AvailabilityZone"], instance["Placement"]["AvailabilityZone"]] == [
        "us-east-1a",
        "us-east-1b",
    ]
    restored = stack.stored(before, backed_up)
    print(f"before the backup {counted}, in the other zone {restored}")
    assert (restored["traces"], restored["lines"]) == (100, 100)
    # A scrape may have been under way.
    assert counted["samples"] - 1 <= restored["samples"]
    assert data_volumes(ec2, "replaced") == [former]
    assert stack.play("site").ok().changed == 0
    # The next test begins without a backup.
    ec2.delete_volume(VolumeId=former)
    for backup in backups(ec2):
        ec2.delete_snapshot(SnapshotId=backup)


SILENCE = """
import datetime, json, urllib.request
ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=4)
silence = {"createdBy": "test", "comment": "holidays", "startsAt": "2026-01-01T00:00:00Z", "endsAt": ends.isoformat(),
           "matchers": [{"name": "alertname", "value": "None", "isRegex": False, "isEqual": True}]}
urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:9093/api/v2/silences", json.dumps(silence).encode(),
                                              {"Content-Type": "application/json"}))
"""
# There is no Grafana here: a file stands for what it writes.
GRAFANA = "/var/lib/docker/volumes/lapalma_grafana-data/_data/grafana.db"
SILENCES = "/var/lib/docker/volumes/lapalma_alertmanager-data/_data/silences"


def test_a_backup_is_restored_and_only_what_came_after_it_is_lost(stack, monkeypatch):
    ec2, on_host = stack.cloud.client("ec2"), stack.machines.on_host
    stack.play("restore", aws_infra_snapshot="latest").refused().says("there is none yet, make backup makes one")
    on_host("docker", "volume", "create", "lapalma_grafana-data")
    on_host("sh", "-c", f"echo dashboards >{GRAFANA}")
    assert on_host("python3", "-c", SILENCE) == ""
    before = stack.rolls(100, every=0.1)
    counted = wait_until(lambda: stack.stored(before), all_of(100), "100 rolls in the stores")
    # Alertmanager writes its silences twice a minute.
    written = ("sh", "-c", f"grep -qa holidays {SILENCES} && echo written || true")
    wait_until(lambda: on_host(*written), "written", "the silence on the disk")
    backed_up = time.time()

    stack.play("backup").ok()
    [first] = backups(ec2)
    assert {"ec2:CreateSnapshot", "ec2:DescribeSnapshots"} <= stack.cloud.calls.keys()

    on_host("sh", "-c", f"echo none >{GRAFANA}")
    after = stack.rolls(100, every=0.1)
    wait_until(lambda: stack.stored(after), all_of(100), "100 more rolls in the stores")
    [former] = data_volumes(ec2, "data")
    stack.play("restore", aws_infra_snapshot=first).ok().says("lapalma works.").says(
        f"The former one, {former}, stays until you delete it"
    )

    restored, lost = stack.stored(before, backed_up), stack.stored(after)
    print(f"of before the backup: {counted}, restored {restored}; of after it: {lost}")
    assert (restored["traces"], restored["lines"]) == (100, 100)
    assert counted["samples"] - 1 <= restored["samples"]
    assert (lost["traces"], lost["lines"]) == (0, 0)
    assert '"comment":"holidays"' in stack.asked("http://127.0.0.1:9093/api/v2/silences")
    assert on_host("cat", GRAFANA) == "dashboards"
    assert data_volumes(ec2, "replaced") == [former]
    [now] = data_volumes(ec2, "data")
    assert stack.play("site").ok().changed == 0

    # None would stay, or the one may not be whole.
    stack.play("backup", aws_infra_backups_kept=0).refused().says("Set aws_infra_data_gb to a number of GB")
    create = EC2Backend.create_snapshot

    def too_slow(*asked, **more):
        on_host("fsfreeze", "--unfreeze", "/var/lib/docker/volumes")
        return create(*asked, **more)

    with monkeypatch.context() as slow:
        slow.setattr(EC2Backend, "create_snapshot", too_slow)
        stack.play("backup").refused().says("Run make backup again, which deletes it.")
    assert backups(ec2) == [first]

    # The newest stay.
    elsewhere = stack.cloud.client("ec2", region="us-west-2")
    copied = {"aws_infra_backups_kept": 1, "aws_infra_backup_region": "us-west-2", "data_volume_backup_hours": 24}
    for _ in range(2):
        former = backups(elsewhere)
        stack.play("backup", **copied).ok()
        [copy] = backups(elsewhere)
        assert [copy] != former
    due = on_host("cut", "-d ", "-f2", "/var/lib/machine-watch/backup.prom")
    assert 23 * 3600 < int(due) - time.time() < 25 * 3600
    [second] = backups(ec2)
    assert second != first
    assert backups(ec2, "unfinished") == []
    stack.play("restore", aws_infra_snapshot=first).refused().says(f"newest first: {second}")

    # One that is damaged changes nothing.
    with stack.machines.disks.file(second).open("r+b") as file:
        file.truncate(0)
        file.truncate(20 << 30)
    stack.play("restore", aws_infra_snapshot="latest").refused().says("the former data is in use again")
    assert data_volumes(ec2, "data") == [now]
    assert data_volumes(ec2, "restored") == []
    wait_until(lambda: stack.stored(before), all_of(100), "the rolls of before")


def backups(ec2, role="backup"):
    found = ec2.describe_snapshots(Filters=[{"Name": "tag:Role", "Values": [role]}])["Snapshots"]
    return [snapshot["SnapshotId"] for snapshot in found]


def data_volumes(ec2, role):
    found = ec2.describe_volumes(Filters=[{"Name": "tag:Role", "Values": [role]}])["Volumes"]
    return [volume["VolumeId"] for volume in found]


# A commit whose overlays lie beside docker-compose.yml.
EARLIER = "e13da9b"
EARLIER_FILES = [
    "docker-compose.yml",
    "docker-compose.production.yml",
    # Of the tests, and where these have it now: no operator's release has it.
    "e2e/compose/offline.yml",
    COMPOSE_FILES[-1],
]


@pytest.fixture
def earlier(stack, tmp_path):
    """The files and the playbooks of that commit, with the agent and the image that are built now."""
    known = subprocess.run(["git", "cat-file", "-e", EARLIER + "^{commit}"], cwd=ROOT, capture_output=True)
    if known.returncode != 0:
        pytest.skip(
            f"An earlier release is made of commit {EARLIER}, which this checkout does not have: where it is a shallow"
            " clone, `git fetch --unshallow` gets it."
        )
    archive = subprocess.run(["git", "archive", EARLIER], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(tmp_path, filter="data")
    (tmp_path / "e2e/compose/docker-compose.offline.yml").rename(tmp_path / "e2e/compose/offline.yml")
    stack.lay_over(tmp_path)
    # The hosts have no images but today's.
    images = dict(line.split("=") for line in (ROOT / ".env").read_text().splitlines() if "_IMAGE=" in line)
    pins = tmp_path / ".env"
    pins.write_text(re.sub(r"(?m)^(\w+_IMAGE)=(.*)$", lambda m: f"{m[1]}={images.get(m[1], m[2])}", pins.read_text()))
    attach = tmp_path / "agent-config/target/container"
    shutil.copytree(stack.checkout / "agent-config/target/container", attach)
    # The earlier playbook checks for opentelemetry-javaagent.jar. Today's jvm.args loads lapalma-agent.jar.
    shutil.copy(attach / "lapalma-agent.jar", attach / "opentelemetry-javaagent.jar")
    return tmp_path


@pytest.fixture
def bare(stack):
    """The stack's instance as it is before the first deploy, but for Docker and its images."""
    for name in [name for name in stack.inputs if name.startswith("compose_stack_")]:
        del stack.inputs[name]
    on_host = stack.machines.on_host
    on_host("sh", "-c", "docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes")
    on_host("sh", "-c", "docker volume ls --quiet | xargs --no-run-if-empty docker volume rm")
    on_host("rm", "-r", "/opt/lapalma")
    assert on_host("docker", "ps", "--all", "--quiet") == ""
    assert on_host("docker", "volume", "ls", "--quiet") == ""


def test_a_host_of_an_earlier_layout_takes_this_one_and_goes_back_and_keeps_its_data(stack, earlier, bare):
    """The earlier one has no VictoriaLogs and no blackbox exporter either."""
    earlier_health_checks = HEALTH_CHECKS - 1
    on_host = stack.machines.on_host
    jaeger, prometheus = "http://127.0.0.1:16686/api/traces/", "http://127.0.0.1:9090/api/v1/query?query="

    def release():
        return on_host("cat", "/opt/lapalma/deployed")

    def definitions():
        """The fingerprint of what Compose made each container of."""
        ask = '{{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.config-hash"}}'
        return set(on_host("docker", "ps", "--format", ask).splitlines())

    def rolls(at=""):
        return json.loads(stack.asked(prometheus + "sum(dice_rolls_total)" + at))["data"]["result"]

    def assert_it_works(health_checks):
        assert stack.states().count("(healthy)") == health_checks, stack.states()
        # The balancer notices a healthy target some seconds later.
        wait_until(lambda: stack.server("/").status_code, 200, "the balancer's answer")

    then = {"compose_stack_source": str(earlier), "compose_stack_files": EARLIER_FILES}
    stack.play("deploy", ansible=earlier / "ansible", **then).ok()
    assert_it_works(earlier_health_checks)
    first, made_of = release(), definitions()
    assert "docker-compose.production.yml" in on_host("ls", "/opt/lapalma/current").split()

    trace = uuid.uuid4().hex
    stack.server("/", traceparent=f"00-{trace}-00000000000000aa-01")
    of_a_roll = '"operationName":"GET /"'
    wait_until(lambda: stack.asked(jaeger + trace), lambda told: of_a_roll in told, "the trace")
    [counted] = wait_until(rolls, lambda found: found and float(found[0]["value"][1]) > 0, "the series")

    assert "victorialogs" not in stack.containers()

    def assert_it_works_and_has_its_data(health_checks=HEALTH_CHECKS):
        assert_it_works(health_checks)
        assert of_a_roll in stack.asked(jaeger + trace)
        assert rolls(f"&time={counted['value'][0]}") == [counted]

    stack.play("deploy").ok()
    assert_it_works_and_has_its_data()
    second = release()
    assert second != first
    assert on_host("ls", "/opt/lapalma/current/compose") == "production.yml"
    logged = stack.rolled()

    stack.play("deploy", compose_stack_release="former").ok()
    assert_it_works_and_has_its_data(earlier_health_checks)
    assert (release(), definitions()) == (first, made_of)
    (
        stack.play("verify")
        .ok()
        .says("ok       Every target of Prometheus is up")
        .says("not run  The log line of that roll, in VictoriaLogs: the release that runs has no VictoriaLogs")
    )

    stack.play("deploy").ok()
    assert_it_works_and_has_its_data()
    assert release() == second
    assert LOG_LINE in stack.lines(logged)
    (
        stack.play("verify")
        .ok()
        .says("ok       Every target of Prometheus is up")
        .says("ok       The log line of that roll, in VictoriaLogs")
    )


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

    of_dice = {"__name__": "up", "job": "dice", "service": "dice", "instance": "dice:5000"}
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
