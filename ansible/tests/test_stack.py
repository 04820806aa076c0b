"""Provision, deploy, verify and destroy, on moto and on an instance and balancers that are containers."""

import json
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest
import requests
import yaml
from cloud import REGION
from machines import ROOT, docker, pinned
from stack import (
    COMPOSE_FILES,
    HEALTH_CHECKS,
    LOG_LINE,
    PASSWORD,
    RECEIVER,
    empty_image,
    packed_anew,
    stack_from_nothing,
)
from waiting import wait_until


@pytest.fixture(scope="module")
def stack(cloud, tmp_path_factory):
    with stack_from_nothing(cloud, tmp_path_factory.mktemp("machines"), "-vvv") as stack:
        yield stack


def test_one_command_leads_from_nothing_to_a_stack_that_works(stack):
    (
        stack.made.ok()
        .says("ok       A roll, through the server's balancer")
        .says("ok       The trace of that roll, in Jaeger")
        .says("ok       The log line of that roll, in VictoriaLogs")
        .says("ok       Every target of Prometheus is up")
        .says("not run  Grafana works, through its balancer")
        .says("lapalma works.")
    )
    stack.made.says(f"ssh ubuntu@{stack.machines.address(stack.machines.host, stack.machines.public)}")
    # The links of alerts begin where people reach Grafana.
    grafana = stack.machines.address(stack.machines.balancers["grafana"], stack.machines.public)
    environment = stack.machines.on_host("docker", "inspect", "lapalma-prometheus-1")
    assert f'"GRAFANA_URL=http://{grafana}"' in environment


def test_prometheus_knows_how_full_the_data_volume_is(stack):
    query = 'node_filesystem_avail_bytes{mountpoint="/var/lib/docker/volumes"}'
    told = json.loads(stack.asked(f"http://127.0.0.1:9090/api/v1/query?query={quote(query)}"))
    [volume] = told["data"]["result"]
    assert 0 < int(volume["value"][1]) < 20 << 30


def test_an_update_of_docker_restarts_no_container(stack):
    def started():
        ask = "docker ps --quiet | xargs docker inspect --format '{{.Name}} {{.State.StartedAt}}'"
        return set(stack.machines.on_host("sh", "-c", ask).splitlines())

    before = started()
    # As its package does.
    stack.machines.on_host("systemctl", "restart", "docker")
    assert len(before) == len(stack.containers())
    assert started() == before
    stack.rolled()


# Containers whose checks fail: in 25 s, the first one 20 times or more, and the second one 3 times.
FAILING = """
for each in sick:1s weak:8s; do
  docker run --detach --name "${each%:*}" --stop-timeout 1 --health-cmd false --health-interval "${each#*:}" \
    --entrypoint sleep "$0" 3600
done
"""


def test_a_reboot_that_is_due_is_a_metric_and_what_stays_unhealthy_is_restarted(stack):
    on_host = stack.machines.on_host

    def reboots():
        told = json.loads(stack.asked("http://127.0.0.1:9090/api/v1/query?query=node_reboot_required"))
        return [series["value"][1] for series in told["data"]["result"]]

    def started(container):
        return on_host("docker", "inspect", "--format", "{{.State.StartedAt}}", container)

    try:
        on_host("sh", "-c", FAILING, pinned("ALERTMANAGER"))
        sick, weak = started("sick"), started("weak")
        wait_until(reboots, ["0"], "the metric of node-exporter")
        # As Ubuntu's packages do.
        on_host("touch", "/var/run/reboot-required")
        wait_until(lambda: started("sick") != sick, True, "a restart of the container that stays unhealthy")
        assert started("weak") == weak
        wait_until(reboots, ["1"], "the metric of node-exporter")
    finally:
        on_host("rm", "-f", "/var/run/reboot-required")
        on_host("docker", "rm", "--force", "sick", "weak")


# An address beyond the machine, as the metadata service is: what a container asks of it is forwarded.
METADATA = """
set -e
ip netns add metadata
ip link add to-metadata type veth peer name eth0 netns metadata
ip address add 169.254.169.1/24 dev to-metadata
ip link set to-metadata up
ip -n metadata address add 169.254.169.254/24 dev eth0
ip -n metadata link set eth0 up
ip -n metadata link set lo up
systemd-run --quiet --unit=metadata ip netns exec metadata python3 -m http.server --bind 169.254.169.254 80
"""
# Prints the service of each container whose user gets an answer from there, and `host` if the machine itself does.
ASKS_FOR_METADATA = """
ask() { timeout 5 "$@" bash -c 'exec 3<>/dev/tcp/169.254.169.254/80' 2>/dev/null; }
until ask env; do sleep 0.2; done
echo host
docker ps --format '{{.Label "com.docker.compose.service"}} {{.ID}}' | while read -r service id; do
  pid=$(docker inspect --format '{{.State.Pid}}' "$id")
  user=$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")
  if ask nsenter --net --target "$pid" --setuid "$user"; then echo "$service"; fi
done
"""


def test_of_the_containers_only_prometheus_and_alertmanager_reach_the_metadata(stack):
    stack.machines.on_host("sh", "-c", METADATA)
    try:
        reached = set(stack.machines.on_host("timeout", "120", "sh", "-c", ASKS_FOR_METADATA).split())
    finally:
        stack.machines.on_host("sh", "-c", "systemctl stop metadata; ip netns delete metadata")
    assert reached == {"host", "prometheus", "alertmanager"}
    # There is no Grafana here, but cAdvisor is in the same networks.
    networks = yaml.safe_load((ROOT / COMPOSE_FILES[0]).read_text())["services"]
    assert networks["grafana"]["networks"] == networks["cadvisor"]["networks"]


def test_no_secret_is_told_however_much_is_asked(stack):
    assert PASSWORD not in stack.made.output
    assert RECEIVER not in stack.made.output


def test_the_same_command_again_changes_nothing(stack):
    before = stack.containers()
    assert stack.play("site").ok().changed == 0
    assert stack.containers() == before


def test_each_target_answers_as_its_balancer_demands(stack):
    elb = stack.cloud.client("elbv2")
    groups = {g["TargetGroupName"]: g for g in elb.describe_target_groups()["TargetGroups"]}
    assert set(groups) == {"lapalma-dice", "lapalma-grafana"}

    dice = groups["lapalma-dice"]
    address = stack.machines.address(stack.machines.host, stack.machines.private)
    answer = requests.get(f"http://{address}:{dice['Port']}{dice['HealthCheckPath']}", timeout=20)
    assert str(answer.status_code) == dice["Matcher"]["HttpCode"]

    # No Grafana here: its balancer says so, as it finds no healthy target.
    assert stack.grafana("/").status_code == 503


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/metrics", 200), ("/health", 200), ("/fail", 500), ("/none", 404)]
)
def test_the_servers_balancer_forwards_everything(stack, path, status):
    assert stack.server(path).status_code == status


def test_a_changed_rule_restarts_prometheus_only_and_the_former_release_comes_back(stack):
    before = stack.containers()
    with stack.changing("prometheus/rules/health.yml", lambda text: text + "# changed\n"):
        stack.play("deploy").ok()
    after = stack.containers()
    assert {s for s in after if after[s] != before[s]} == {"prometheus"}
    rules = ["cat", "/opt/lapalma/current/prometheus/rules/health.yml"]
    assert "# changed" in stack.machines.on_host(*rules)

    # As on a machine that has built nothing.
    unbuilt = {"compose_stack_attach": "none", "compose_stack_image": "lapalma/none"}
    stack.play("deploy", compose_stack_release="former", compose_stack_grafana_password="", **unbuilt).ok()
    assert "# changed" not in stack.machines.on_host(*rules)
    back = stack.containers()
    assert {s for s in back if back[s] != after[s]} == {"prometheus"}

    stack.play("deploy", compose_stack_release="0123").refused().says("0123 is not on lapalma: run `make deploy")
    assert stack.containers() == back


# It looks at the silences of the deploy before it.
def test_a_deploy_silences_its_own_restarts_until_soon_after_it(stack):
    ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9093/api/v2/silences').read().decode())"
    silences = json.loads(stack.machines.on_host("python3", "-c", ask))
    active = [silence for silence in silences if silence["status"]["state"] == "active"]
    assert {silence["comment"] for silence in active} == {"Deploy to lapalma"}
    now = datetime.now(timezone.utc)
    at_most = {
        "TargetMissing|DiceDown": timedelta(minutes=1),
        "DiceRestarting|ContainerRestarting": timedelta(minutes=16),
        "AgentExportFailing|AgentQueueFull": timedelta(minutes=16),
    }
    left = [
        (matcher["value"], datetime.fromisoformat(silence["endsAt"]) - now)
        for silence in active
        for matcher in silence["matchers"]
        if matcher["name"] == "alertname"
    ]
    assert {alerts for alerts, _ in left} == at_most.keys()
    assert all(ends <= at_most[alerts] for alerts, ends in left)


def test_the_instance_is_tagged_with_the_release_that_runs(stack):
    ec2 = stack.cloud.client("ec2")
    named = [{"Name": "key", "Values": ["Release"]}]
    [tag] = ec2.describe_tags(Filters=named)["Tags"]
    assert tag["Value"] == stack.machines.on_host("cat", "/opt/lapalma/deployed")
    # Provision leaves it: Prometheus discovers instances by it.
    stack.play("provision").ok()
    assert ec2.describe_tags(Filters=named)["Tags"] == [tag]


def test_a_release_that_make_dist_packed_is_deployed_instead_of_what_was_built_here(stack, tmp_path):
    # With what only the tests lay over it.
    archive = packed_anew(ROOT / "target/lapalma-test.tar.gz", tmp_path, stack.checkout, COMPOSE_FILES[2:])
    with stack.changing("prometheus/rules/health.yml", lambda text: text + "- nonsense: [\n"):
        stack.play("deploy", compose_stack_archive=str(archive)).ok()

    deployed = stack.machines.on_host("cat", "/opt/lapalma/current/.env")
    assert "\nAPP_VERSION=test\n" in deployed
    [sum, _] = archive.with_name(archive.name + ".sha256").read_text().split()
    image = f"lapalma/dice:{sum[:12]}"
    id = docker("image", "inspect", "--format={{.Id}}", image).strip()
    docker("rmi", image)
    runs = stack.machines.on_host("docker", "inspect", "--format={{.Config.Image}}", "lapalma-dice-1")
    assert runs == "lapalma/dice:" + id.removeprefix("sha256:")[:12]
    assert "/otel/sealed/cache.aot" in stack.machines.on_host("docker", "exec", "lapalma-dice-1", "cat", "/proc/1/maps")
    stack.rolled()


# It deploys what was built here again.
def test_an_image_may_be_of_a_registry_with_a_port(stack):
    image = "registry.example.com:5000/team/dice:1"
    docker("tag", "lapalma/dice:dev", image)
    try:
        stack.play("deploy", compose_stack_image=image).ok()
        [id] = docker("image", "inspect", "--format={{.Id}}", image).split()
        runs = stack.machines.on_host("docker", "inspect", "--format={{.Config.Image}}", "lapalma-dice-1")
        assert runs == "registry.example.com:5000/team/dice:" + id.removeprefix("sha256:")[:12]
        # No name is left on this machine that only the copy needed.
        assert runs not in docker("image", "ls", "--format={{.Repository}}:{{.Tag}}").splitlines()
    finally:
        docker("rmi", image)
        stack.play("deploy").ok()


def test_an_image_for_another_processor_is_refused(stack, tmp_path):
    image = "lapalma/foreign:1"
    before = stack.containers()
    docker("load", "--input", empty_image(tmp_path, image, "s390x"))
    try:
        stack.play("deploy", compose_stack_image=image).refused().says(f"{image} is for s390x, but lapalma has")
    finally:
        docker("rmi", image)
    assert stack.containers() == before


def test_a_rule_that_prometheus_cannot_read_touches_nothing(stack):
    before = stack.containers()
    with stack.changing("prometheus/rules/health.yml", lambda text: text + "- nonsense: [\n"):
        stack.play("deploy").refused().says("promtool")
    assert stack.containers() == before
    assert "nonsense" not in stack.machines.on_host("cat", "/opt/lapalma/current/prometheus/rules/health.yml")


def test_after_a_failed_deploy_the_former_release_runs_and_the_way_back_is_told(stack):
    runs = stack.machines.on_host("cat", "/opt/lapalma/deployed")
    with stack.changing(
        "jaeger/config.yaml", lambda text: text.replace("extensions: [", "extensions: [nonsense, ")
    ):
        (
            stack.play("deploy", compose_stack_wait_seconds=60)
            .refused()
            .says(f"Release {runs}, which ran before, runs again.")
            .says("To go back further, run `make deploy RELEASE=NAME` with one of")
        )
    assert stack.machines.on_host("cat", "/opt/lapalma/deployed") == runs
    assert stack.states().count("(healthy)") == HEALTH_CHECKS, stack.states()
    assert stack.server("/").status_code == 200


def test_a_roll_that_fails_at_the_balancer_brings_the_former_release_back(stack):
    runs, rules = stack.machines.on_host("cat", "/opt/lapalma/deployed"), "prometheus/rules/health.yml"
    with stack.changing(rules, lambda text: text + "# not reached\n"):
        (
            stack.play("deploy", compose_stack_server_url="http://127.0.0.1:9", compose_stack_wait_seconds=20)
            .refused()
            .says("A roll at http://127.0.0.1:9/ fails (")
            .says(f"Release {runs}, which ran before, runs again.")
        )
    assert "# not reached" not in stack.machines.on_host("cat", f"/opt/lapalma/current/{rules}")


def test_a_victorialogs_that_does_not_start_brings_the_former_release_back(stack):
    runs = stack.machines.on_host("cat", "/opt/lapalma/deployed")
    with stack.changing("victorialogs/victorialogs.env", lambda text: text.replace("64MiB", "much")):
        (
            stack.play("deploy", compose_stack_wait_seconds=40)
            .refused()
            .says("did not become healthy: VictoriaLogs does not answer. To see why, run `sudo docker logs")
            .says("victorialogs Restarting")
            .says(f"Release {runs}, which ran before, runs again.")
        )
    stack.rolled()


def test_a_changed_retention_restarts_victorialogs_only_which_keeps_its_lines(stack):
    trace, before = stack.rolled(), stack.containers()
    stack.play("deploy", compose_stack_logs_retention="3d", compose_stack_logs_retention_size="64MiB").ok()
    after = stack.containers()
    assert {service for service in after if after[service] != before[service]} == {"victorialogs"}
    flags = stack.asked("http://127.0.0.1:9428/flags")
    assert '-retentionPeriod="3d"' in flags
    assert '-retention.maxDiskSpaceUsageBytes="64MiB"' in flags
    assert LOG_LINE in stack.lines(trace)


def test_a_log_line_that_is_missing_fails_the_verification_unless_none_is_sent(stack):
    line = "The log line of that roll, in VictoriaLogs"
    without = {"compose_stack_log_export": False}
    stack.play("deploy", **without).ok()
    stack.play("verify", **without).ok().says(f"not run  {line}: compose_stack_log_export is false")
    (
        stack.play("verify", stack_verify_tries=2)
        .refused()
        .says("ok       The trace of that roll, in Jaeger")
        .says("ok       Every target of Prometheus is up")
        .says(f"FAILED   {line}: http://127.0.0.1:9428/select/logsql/query?query=_time:1h%20trace_id:")
        .says("Look for failed exports with `sudo docker logs lapalma-dice-1` on the instance that rolled, or")
    )


def test_the_newest_releases_are_kept_and_the_images_that_they_name(stack):
    on_host = stack.machines.on_host
    names = ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]
    # One of a release that is long gone, and one that is not of this stack.
    for image in ("prom/node-exporter:v0.0.1", "example.com:5000/tool:1"):
        on_host("sh", "-c", f"tar -cf - /etc/hostname | docker import - {image}")
    needed = set(on_host(*names).splitlines()) - {"prom/node-exporter:v0.0.1"}
    assert "example.com:5000/tool:1" in needed
    runs = on_host("cat", "/opt/lapalma/deployed")
    others = [name for name in on_host("ls", "-t", "/opt/lapalma/releases").splitlines() if name != runs]
    assert len(others) > 2

    with stack.changing("prometheus/rules/health.yml", lambda text: text + "# one more\n"):
        stack.play("deploy", compose_stack_releases_kept=3).ok()
    kept = on_host("ls", "/opt/lapalma/releases").split()
    assert set(kept) == {on_host("cat", "/opt/lapalma/deployed"), runs, others[0]}
    assert set(on_host(*names).splitlines()) == needed
    on_host("docker", "image", "rm", "example.com:5000/tool:1")


def test_prometheus_finds_other_machines_of_the_vpc_and_not_its_own(stack):
    ec2 = stack.cloud.client("ec2")
    [subnet, *_] = ec2.describe_subnets(Filters=[{"Name": "tag:Stack", "Values": ["lapalma"]}])["Subnets"]
    tags = [{"Key": "Environment", "Value": "production"}, {"Key": "Role", "Value": "database"}]
    [other] = ec2.run_instances(
        ImageId="ami-00000000000012404",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet["SubnetId"],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )["Instances"]
    try:
        wait_until(
            lambda: stack.targets("node-discovery"),
            [
                {
                    "job": "node-discovery",
                    "instance": f"{other['PrivateIpAddress']}:9100",
                    "instance_id": other["InstanceId"],
                    "machine_environment": "production",
                    "machine_role": "database",
                }
            ],
            "targets of node-discovery",
            seconds=180,
        )
        # The metric of the rule PrometheusDiscoveryFailing, which only a discovery has.
        found = 'prometheus_sd_refresh_failures_total{config="node-discovery",mechanism="ec2"} 0'
        assert found in stack.asked("http://127.0.0.1:9090/metrics")
    finally:
        ec2.terminate_instances(InstanceIds=[other["InstanceId"]])


def test_a_port_that_is_open_to_the_world_fails_the_verification(stack):
    address = stack.machines.address(stack.machines.host, stack.machines.public)
    for port in ("9090", "9428"):
        open_port = ["python3", "-m", "http.server", port, "--bind", address]
        docker("exec", "--detach", stack.machines.host, *open_port)
    try:
        (
            stack.play("verify")
            .refused()
            .says(f"FAILED   {address}:9090 (prometheus) is open from outside")
            .says(f"FAILED   {address}:9428 (victorialogs) is open from outside")
            .says(f"ok       {address}:9100 (node_exporter) is closed from outside")
        )
    finally:
        stack.machines.on_host("pkill", "--full", "http.server 9")


def test_a_part_that_is_down_fails_the_verification(stack):
    stack.machines.on_host("docker", "stop", "lapalma-jaeger-1")
    try:
        (
            stack.play("verify", stack_verify_tries=2)
            .refused()
            .says("FAILED   The trace of that roll, in Jaeger")
            .says("ok       A roll, through the server's balancer")
        )
    finally:
        stack.machines.on_host("docker", "start", "lapalma-jaeger-1")
        wait_until(
            stack.states, lambda s: s.count("(healthy)") == HEALTH_CHECKS, "containers after Jaeger's start", 60
        )


def test_the_verification_asks_through_grafana(stack):
    with stack.grafana_answers():
        answer = stack.play("verify", "-vvv", stack_verify_without_grafana=False).ok()
        for row in (
            "Grafana works, through its balancer",
            "Grafana's datasources",
            "Grafana's dashboards",
            "Grafana's default datasource has the machine and the containers",
            "The trace of that roll, by Grafana's datasource of Jaeger",
            "An exemplar of a roll, by Grafana's datasource of Prometheus",
            "The trace of that exemplar, by Grafana's datasource of Jaeger",
        ):
            answer.says(f"ok       {row}")
        assert PASSWORD not in answer.output

        (
            stack.play(
                "verify",
                stack_verify_without_grafana=False,
                stack_verify_tries=1,
                compose_stack_grafana_password="Another-1-Wolke",
            )
            .refused()
            .says("FAILED   Grafana's datasources")
            .says("FAILED   The trace of that exemplar, by Grafana's datasource of Jaeger")
            .says("ok       Grafana works, through its balancer")
        )


def test_grafana_cannot_be_left_out_on_aws_itself(stack):
    # What asks AWS is told where it is service by service: to the check, this is the real one.
    env = {"AWS_ENDPOINT_URL": ""} | {
        f"AWS_ENDPOINT_URL_{service}": stack.cloud.endpoint
        for service in ("EC2", "ELASTIC_LOAD_BALANCING_V2", "STS")
    }
    stack.play("verify", env=env).refused().says("Remove stack_verify_without_grafana")


def test_jaegers_pages_are_on_the_balancer_for_those_named(stack):
    here = {"aws_infra_jaeger_cidrs": [stack.machines.gateway(stack.machines.public) + "/32"]}
    for playbook in ("provision", "deploy"):
        stack.play(playbook, **here).ok()
    # Grafana's datasource asks under the path that Jaeger's pages have now.
    with stack.grafana_answers():
        (
            stack.play("verify", stack_verify_without_grafana=False, **here)
            .ok()
            .says("ok       The trace of that roll, by Grafana's datasource of Jaeger")
            .says("ok       The trace of that exemplar, by Grafana's datasource of Jaeger")
        )
    wait_until(lambda: stack.grafana("/jaeger/").status_code, 200, "Jaeger's pages")

    stack.play("provision", aws_infra_jaeger_cidrs=["198.51.100.0/24"]).ok()
    # Grafana's, which is not here.
    wait_until(lambda: stack.grafana("/jaeger/").status_code, 503, "Jaeger's pages for others")


def test_at_the_end_nothing_is_left(stack):
    stack.play("destroy").ok().says(f"Nothing of lapalma is left in {REGION}.")
    assert stack.play("destroy").ok().changed == 0
