"""dice on two instances behind one balancer: a deploy goes from one to the other, and no client notices."""

import re

import pytest
import requests
from cloud import REGION
from load import Load
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
    assert target == {"job": "dice", "service": "dice", "instance": f"{address}:5000"}
    [target] = stack.targets("dice-agent-discovery")
    assert target == {"job": "dice-agent", "service": "dice", "instance": f"{address}:9464", **where}


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
    arguments = "agent-config/target/container/sealed/java.args"
    with (
        stack.changing(arguments, lambda text: "-Xmx1\n" + text),
        Load(url(stack), stack.machines.folder) as load,
    ):
        (
            stack.play("deploy", compose_stack_app_version="3", compose_stack_wait_seconds=30)
            .refused()
            .says("The deployment stopped at lapalma. Instances with the new release: none.")
            .says(f"Instances that were not touched: {APP}.")
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


def test_at_the_end_nothing_is_left(stack):
    stack.play("destroy").ok().says(f"Nothing of lapalma is left in {REGION}.")
