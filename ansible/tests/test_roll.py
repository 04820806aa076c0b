"""dice on two instances behind one balancer: a deploy goes from one to the other, and no client notices."""

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
    machines = stack.machines
    return {
        name: requests.get(f"http://{machines.address(host, machines.private)}:5000/health", timeout=20).json()[
            "version"
        ]
        for name, host in machines.hosts.items()
    }


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
        .says("lapalma works.")
    )
    app = stack.machines.apps[APP]
    public = stack.machines.address(app, stack.machines.public)
    stack.made.says(f"ok       {public}:9464 (dice_agent) is closed from outside")
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


def test_the_same_command_again_takes_nobody_out_of_service(stack):
    with Load(url(stack), stack.machines.folder) as load:
        assert stack.play("site").ok().changed == 0
    assert load.statuses == {200: load.requests}


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
            .says(f"The roll over lapalma, {APP} stopped at lapalma: those before it run the new")
        )
    assert versions(stack) == {"lapalma": "2", APP: "2"}
    assert load.requests > 500
    assert (load.statuses, load.errors) == ({200: load.requests}, [])
    assert healthy(stack) == {"lapalma", APP}


def test_fewer_instances_leave_without_a_failed_request_and_a_deploy_to_one_fails_some(stack):
    stack.inputs["aws_infra_app_instances"] = 0
    with Load(url(stack), stack.machines.folder) as load:
        stack.play("provision").ok()
    assert (load.statuses, load.errors) == ({200: load.requests}, [])
    assert healthy(stack) == {"lapalma"}

    with Load(url(stack), stack.machines.folder) as load:
        stack.play("deploy", compose_stack_app_version="4").ok()
    wait_until(lambda: stack.targets("dice-discovery"), [], "targets of dice-discovery")
    failed = load.requests - load.statuses[200]
    # The time without dice: some seconds, of which this is a bound and not a promise.
    assert 0 < failed / load.rate < 30, load.statuses


def test_at_the_end_nothing_is_left(stack):
    stack.play("destroy").ok().says(f"Nothing of lapalma is left in {REGION}.")
