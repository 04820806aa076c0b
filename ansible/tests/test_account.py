"""What provision makes in an AWS account, what it refuses, and that destroy leaves nothing: on moto."""

import json
import re
import sys
from pathlib import Path
from subprocess import DEVNULL

import botocore.exceptions
import pytest
import yaml
from ansible.release import __version__
from cloud import PROFILE, REGION
from moto.ec2.models import EC2Backend
from moto.sns.models import Subscription, sns_backends
from permissions import ACCOUNT, CALLS, listed, topic_arn
from playbook import ANSIBLE, INPUTS, Run, environment, run

POLICY = (ANSIBLE / "iam-policy.json").read_text()
EVERYWHERE = "0.0.0.0/0"
JAEGER = {"aws_infra_jaeger_cidrs": ["198.51.100.0/24"]}
OPS = {"aws_infra_alarm_subscriptions": ["ops@example.com"]}
TOPIC = topic_arn("lapalma-ansible_lapalma")
TAGS = {"Stack": "lapalma", "Environment": "production", "ManagedBy": "lapalma-ansible"}


def tags(listed):
    return {tag["Key"]: tag["Value"] for tag in listed}


def rules(group):
    """(port, from whom) of what a security group lets in."""
    return {
        (p["FromPort"], source)
        for p in group["IpPermissions"]
        for source in [r["CidrIp"] for r in p["IpRanges"]] + [g["GroupId"] for g in p["UserIdGroupPairs"]]
    }


def groups(ec2):
    found = ec2.describe_security_groups(Filters=[{"Name": "tag:Stack", "Values": ["lapalma"]}])
    return {g["GroupName"]: g for g in found["SecurityGroups"]}


def of_balancers(ec2):
    return {name: groups(ec2)[f"lapalma-balancer-{name}"] for name in ("server", "grafana")}


def mine(ec2):
    """Everything with this stack's tag that EC2 still knows."""
    of_stack = [{"Name": "tag:Stack", "Values": ["lapalma"]}]
    instances = ec2.describe_instances(Filters=of_stack)["Reservations"]
    return {
        "instances": [i for r in instances for i in r["Instances"] if i["State"]["Name"] != "terminated"],
        "groups": ec2.describe_security_groups(Filters=of_stack)["SecurityGroups"],
        "subnets": ec2.describe_subnets(Filters=of_stack)["Subnets"],
        "routes": ec2.describe_route_tables(Filters=of_stack)["RouteTables"],
        "gateways": ec2.describe_internet_gateways(Filters=of_stack)["InternetGateways"],
        "vpcs": ec2.describe_vpcs(Filters=of_stack)["Vpcs"],
        "disks": ec2.describe_volumes(Filters=of_stack)["Volumes"],
        "backups": ec2.describe_snapshots(Filters=of_stack)["Snapshots"],
    }


def host_of_ssh(account, key):
    command = [Path(sys.executable).with_name("ansible-inventory"), "--host", "lapalma"]
    return json.loads(Run.of(command, cwd=ANSIBLE, env=environment(account, key)).ok().output)["ansible_host"]


def access_logs(elb):
    """Whether each balancer writes them, and where."""
    found = {}
    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])
        told = tags(attributes["Attributes"])
        found[balancer["LoadBalancerName"]] = (told["access_logs.s3.enabled"], told["access_logs.s3.bucket"])
    return found


SIGNS = {
    "LessThanThreshold": "<",
    "GreaterThanThreshold": ">",
}


def alarms(account):
    """What each alarm of this stack watches, when it fires, what it does then, and what a gap means to it."""
    found = account.client("cloudwatch").describe_alarms(AlarmNamePrefix="lapalma-ansible/lapalma/")
    return {
        alarm["AlarmName"].removeprefix("lapalma-ansible/lapalma/"): (
            {d["Name"]: d["Value"] for d in alarm["Dimensions"]},
            f"{alarm['Namespace']} {alarm['Statistic']} {alarm['MetricName']}"
            f" {SIGNS[alarm['ComparisonOperator']]} {alarm['Threshold']:g}"
            f" in {alarm['EvaluationPeriods']} x {alarm['Period']} s",
            alarm["AlarmActions"],
            alarm["TreatMissingData"],
        )
        for alarm in found["MetricAlarms"]
    }


@pytest.fixture
def subscriptions(monkeypatch):
    """As on AWS: an email address is subscribed when somebody there has confirmed it. moto asks nobody."""

    def arn(subscription):
        pending = subscription.protocol == "email" and not subscription.confirmed
        return "PendingConfirmation" if pending else subscription.true_arn

    def set_arn(subscription, value):
        subscription.true_arn = value

    monkeypatch.setattr(Subscription, "arn", property(arn, set_arn), raising=False)
    backend = sns_backends[ACCOUNT][REGION]

    def confirm():
        for subscription in backend.subscriptions.values():
            subscription.confirmed = True
        backend.subscriptions = {s.arn: s for s in backend.subscriptions.values()}

    return confirm


@pytest.fixture
def account(cloud):
    cloud.reset()
    return cloud


def without(permission):
    policy = json.loads(POLICY)
    for statement in policy["Statement"]:
        statement["Action"] = [action for action in listed(statement["Action"]) if action != permission]
    return json.dumps(policy)


@pytest.fixture
def zones_in_another_order(monkeypatch):
    ordered = EC2Backend.describe_availability_zones

    def turned(backend, *asked, **more):
        return ordered(backend, *asked, **more)[::-1]

    monkeypatch.setattr(EC2Backend, "describe_availability_zones", turned)


def test_make_destroy_works_as_an_operator_runs_it(account, tmp_path):
    settings = tmp_path / "settings.yml"
    settings.write_text(yaml.safe_dump(INPUTS | {"aws_infra_destroy_unasked": True}))
    # Without ARGS, which `make ansible-test ARGS=…` hands on.
    command = ["make", "destroy", f"SETTINGS={settings}", "ARGS="]
    env = environment(account, account.account_with(POLICY))
    destroyed = Run.of(command, cwd=ANSIBLE.parent, env=env, stdin=DEVNULL)
    destroyed.ok().says(f"Nothing of lapalma is left in {REGION}.")


def test_one_permission_less_fails_and_says_which(account):
    key = account.account_with(without("ec2:CreateSubnet"))
    run(account, "provision", key=key).refused().says("is not authorized to perform: ec2:CreateSubnet")


@pytest.mark.parametrize("permission", ["ec2:DescribeAccountAttributes", "ec2:GetSecurityGroupsForVpc"])
def test_a_balancer_needs_permissions_of_ec2_too(account, permission):
    key = account.account_with(without(permission))
    operator = account.client("elbv2", key)
    with pytest.raises(botocore.exceptions.ClientError, match=f"perform: {permission}"):
        operator.create_load_balancer(Name="lapalma-server", Subnets=["subnet-1"])


def test_with_the_documented_policy_a_stack_comes_is_repaired_and_goes_without_a_trace(
    account, request, subscriptions
):
    key = account.account_with(POLICY)
    ec2, elb, iam = account.client("ec2"), account.client("elbv2"), account.client("iam")
    cloudwatch, sns = account.client("cloudwatch"), account.client("sns")
    account.plan = "FREE"
    (
        run(account, "provision", key=key)
        .refused()
        .says(
            "The account is on AWS's free plan, which does not start t3.medium: upgrade the plan, or set"
            " aws_infra_instance_type to c7i-flex.large (61.90 USD a month) or m7i-flex.large (69.93 USD a month)."
        )
    )
    assert not any(":Create" in call for call in account.calls)
    account.plan = "PAID"

    # With Jaeger first, for some and then for others: its rule and its target group have to go again. And once without
    # alarms.
    both = {"aws_infra_alarm_subscriptions": ["ops@example.com", "https://receiver.example.com/Hunter-2"]}
    (
        (first := run(account, "provision", "-vvv", key=key, **JAEGER, **both))
        .ok()
        .says("8 alarms of CloudWatch notify the topic lapalma-ansible_lapalma.")
        .says("They reach ops@example.com after somebody opened the link in the message from AWS Notifications.")
    )
    assert "Hunter-2" not in first.output
    assert "jaeger-unhealthy" in alarms(account)
    subscriptions()
    run(account, "provision", key=key, aws_infra_jaeger_cidrs=["192.0.2.0/24"], aws_infra_alarms=False).ok()
    assert alarms(account) == {}
    assert sns.list_topics()["Topics"] == []
    (
        run(account, "provision", key=key, **OPS)
        .ok()
        .says("0.70 7 alarms")
        .says("1.60 20 GB of data volume")
        .says("3.00 3 backups of it, at most")
        .says("98.54 total")
        .says("7.30 included above for each of 3 subnets; two subnets are enough")
        .says("58.40 more a month if every vCPU is busy all the time (aws_infra_cpu_credits: unlimited)")
    )

    # Network
    [vpc] = mine(ec2)["vpcs"]
    assert vpc["CidrBlock"] == "10.0.0.0/16"
    subnets = mine(ec2)["subnets"]
    assert {s["CidrBlock"] for s in subnets} == {"10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"}
    zones = {s["CidrBlock"]: s["AvailabilityZone"] for s in subnets}
    assert zones == {
        "10.0.0.0/24": "us-east-1a",
        "10.0.1.0/24": "us-east-1b",
        "10.0.2.0/24": "us-east-1c",
    }
    assert all(s["MapPublicIpOnLaunch"] for s in subnets)
    [table] = mine(ec2)["routes"]
    [gateway] = mine(ec2)["gateways"]
    assert {(r["DestinationCidrBlock"], r["GatewayId"]) for r in table["Routes"]} == {
        ("10.0.0.0/16", "local"),
        (EVERYWHERE, gateway["InternetGatewayId"]),
    }
    assert {a["SubnetId"] for a in table["Associations"] if not a["Main"]} == {s["SubnetId"] for s in subnets}

    # Who reaches what
    balancers, instances = of_balancers(ec2), groups(ec2)["lapalma-instance"]
    assert {name: rules(group) for name, group in balancers.items()} == {
        "server": {(80, EVERYWHERE)},
        "grafana": {(80, EVERYWHERE)},
    }
    wanted = {
        (5000, balancers["server"]["GroupId"]),
        (3000, balancers["grafana"]["GroupId"]),
        (9100, "10.0.0.0/16"),
        (8080, "10.0.0.0/16"),
        (22, "203.0.113.7/32"),
    }
    assert rules(instances) == wanted

    # The instance
    [instance] = mine(ec2)["instances"]
    assert instance["InstanceType"] == "t3.medium"
    assert instance["ImageId"] == "ami-00000000000012404"
    assert instance["KeyName"] == "ops"
    assert instance["IamInstanceProfile"]["Arn"].endswith(f"/{PROFILE}")
    assert [g["GroupId"] for g in instance["SecurityGroups"]] == [instances["GroupId"]]
    options = instance["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("required", 2)
    disks = {disk["Attachments"][0]["Device"]: disk for disk in mine(ec2)["disks"]}
    assert {
        device: (disk["VolumeType"], disk["Size"], disk["Encrypted"]) for device, disk in disks.items()
    } == {"/dev/sda1": ("gp3", 30, True), "/dev/sdf": ("gp3", 20, True)}
    data = disks["/dev/sdf"]
    assert tags(data["Tags"]) == TAGS | {"Name": "lapalma-data", "Role": "data"}
    assert {d["DeviceName"]: d["Ebs"]["DeleteOnTermination"] for d in instance["BlockDeviceMappings"]} == {
        "/dev/sda1": True,
        "/dev/sdf": False,
    }
    assert tags(instance["Tags"]) == TAGS | {"Name": "lapalma", "Role": "stack", "Access": "ssh"}
    assert account.calls["ec2:RunInstances"]["CreditSpecification.CpuCredits"] == "unlimited"

    # The balancers
    found = {g["TargetGroupName"]: g for g in elb.describe_target_groups()["TargetGroups"]}
    assert {
        name: (g["Port"], g["HealthCheckPath"], g["Matcher"]["HttpCode"]) for name, g in found.items()
    } == {"lapalma-dice": (5000, "/health", "200"), "lapalma-grafana": (3000, "/api/health", "200")}
    for group in found.values():
        targets = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        assert [t["Target"] for t in targets["TargetHealthDescriptions"]] == [
            {"Id": instance["InstanceId"], "Port": group["Port"]}
        ]
    for name, target in (("server", "dice"), ("grafana", "grafana")):
        [balancer] = elb.describe_load_balancers(Names=[f"lapalma-{name}"])["LoadBalancers"]
        arn = balancer["LoadBalancerArn"]
        assert balancer["Scheme"] == "internet-facing"
        assert balancer["SecurityGroups"] == [balancers[name]["GroupId"]]
        assert len(balancer["AvailabilityZones"]) == 3
        assert tags(elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]) == TAGS
        [listener] = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        assert (listener["Port"], listener["Protocol"]) == (80, "HTTP")
        [rule] = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        assert rule["IsDefault"]
        assert rule["Actions"][0]["TargetGroupArn"] == found[f"lapalma-{target}"]["TargetGroupArn"]

    # The alarms
    [subscription] = sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
    assert tags(sns.list_tags_for_resource(ResourceArn=TOPIC)["Tags"]) == TAGS

    def of_balancer(name, group=None):
        [balancer] = elb.describe_load_balancers(Names=[f"lapalma-{name}"])["LoadBalancers"]
        watched = {"LoadBalancer": balancer["LoadBalancerArn"].partition(":loadbalancer/")[2]}
        if group:
            watched["TargetGroup"] = found[f"lapalma-{group}"]["TargetGroupArn"].rpartition(":")[2]
        return watched

    def acts(action):
        return [TOPIC, f"arn:aws:automate:us-east-1:ec2:{action}"]

    def of_instance(instance):
        watched = {"InstanceId": instance["InstanceId"]}
        check = "AWS/EC2 Maximum StatusCheckFailed_"
        return {
            "lapalma-system-check": (watched, f"{check}System > 0 in 2 x 60 s", acts("recover"), "missing"),
            "lapalma-instance-check": (watched, f"{check}Instance > 0 in 3 x 60 s", acts("reboot"), "missing"),
            "lapalma-cpu-credits": (
                watched,
                "AWS/EC2 Maximum CPUSurplusCreditsCharged > 0 in 6 x 300 s",
                [TOPIC],
                "notBreaching",
            ),
        }

    lone = "AWS/ApplicationELB Maximum HealthyHostCount < 1 in 3 x 60 s"
    answers = "AWS/ApplicationELB Sum HTTPCode_ELB_5XX_Count > 0 in 3 x 60 s"
    watched = {
        "dice-unhealthy": (of_balancer("server", "dice"), lone, [TOPIC], "breaching"),
        "grafana-unhealthy": (of_balancer("grafana", "grafana"), lone, [TOPIC], "breaching"),
        "server-5xx": (of_balancer("server"), answers, [TOPIC], "notBreaching"),
        "grafana-5xx": (of_balancer("grafana"), answers, [TOPIC], "notBreaching"),
    }
    assert alarms(account) == watched | of_instance(instance)
    assert of_balancer("server", "dice")["LoadBalancer"].startswith("app/lapalma-server/")
    assert of_balancer("server", "dice")["TargetGroup"].startswith("targetgroup/lapalma-dice/")

    # Someone stops the instance, opens a port to the world, takes its profile and the metadata's protection away, and
    # turns everything at the balancers. One alarm is deleted, another one is made deaf. And someone's bills need a tag,
    # and three tags are lost.
    cloudwatch.delete_alarms(AlarmNames=["lapalma-ansible/lapalma/server-5xx"])
    cloudwatch.put_metric_alarm(
        AlarmName="lapalma-ansible/lapalma/grafana-5xx",
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_ELB_5XX_Count",
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=1000,
        Period=60,
        EvaluationPeriods=3,
    )
    sns.untag_resource(ResourceArn=TOPIC, TagKeys=["Environment"])
    ec2.delete_tags(Resources=[instance["InstanceId"]], Tags=[{"Key": "Environment"}])
    elb.remove_tags(ResourceArns=[arn], TagKeys=["Environment"])
    bill = [{"Key": "CostCenter", "Value": "42"}]
    ec2.create_tags(Resources=[vpc["VpcId"], instance["InstanceId"]], Tags=bill)
    ec2.authorize_security_group_ingress(
        GroupId=instances["GroupId"], IpProtocol="tcp", FromPort=9090, ToPort=9090, CidrIp=EVERYWHERE
    )
    dice = found["lapalma-dice"]["TargetGroupArn"]
    [stray] = ec2.run_instances(ImageId="ami-00000000000012404", MinCount=1, MaxCount=1)["Instances"]
    elb.deregister_targets(TargetGroupArn=dice, Targets=[{"Id": instance["InstanceId"]}])
    elb.register_targets(TargetGroupArn=dice, Targets=[{"Id": stray["InstanceId"], "Port": 80}])
    elb.modify_target_group(TargetGroupArn=dice, HealthCheckPath="/")
    [server] = elb.describe_load_balancers(Names=["lapalma-server"])["LoadBalancers"]
    [listener] = elb.describe_listeners(LoadBalancerArn=server["LoadBalancerArn"])["Listeners"]
    elb.modify_listener(
        ListenerArn=listener["ListenerArn"],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": found["lapalma-grafana"]["TargetGroupArn"]}],
    )
    elb.set_security_groups(LoadBalancerArn=server["LoadBalancerArn"], SecurityGroups=[instances["GroupId"]])
    # moto forgets what is not named here.
    ec2.modify_instance_metadata_options(
        InstanceId=instance["InstanceId"],
        HttpTokens="optional",
        HttpPutResponseHopLimit=2,
        HttpEndpoint="enabled",
        HttpProtocolIpv6="disabled",
        InstanceMetadataTags="disabled",
    )
    [profile] = ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    ec2.disassociate_iam_instance_profile(AssociationId=profile["AssociationId"])
    ec2.stop_instances(InstanceIds=[instance["InstanceId"]])
    run(account, "provision", key=key, **OPS).ok()
    assert alarms(account) == watched | of_instance(instance)
    assert tags(sns.list_tags_for_resource(ResourceArn=TOPIC)["Tags"]) == TAGS
    assert rules(groups(ec2)["lapalma-instance"]) == wanted
    [target] = elb.describe_target_health(TargetGroupArn=dice)["TargetHealthDescriptions"]
    assert target["Target"]["Id"] == instance["InstanceId"]
    [instance] = mine(ec2)["instances"]
    assert instance["State"]["Name"] == "running"
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["IamInstanceProfile"]["Arn"].endswith(f"/{PROFILE}")
    [listener] = elb.describe_listeners(LoadBalancerArn=server["LoadBalancerArn"])["Listeners"]
    assert listener["DefaultActions"][0]["TargetGroupArn"] == dice
    [server] = elb.describe_load_balancers(Names=["lapalma-server"])["LoadBalancers"]
    assert server["SecurityGroups"] == [balancers["server"]["GroupId"]]
    [group] = elb.describe_target_groups(TargetGroupArns=[dice])["TargetGroups"]
    assert group["HealthCheckPath"] == "/health"
    kept = {"Name": "lapalma", "Role": "stack", "Access": "ssh", "CostCenter": "42"}
    assert tags(instance["Tags"]) == TAGS | kept
    assert tags(elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]) == TAGS
    request.getfixturevalue("zones_in_another_order")
    assert run(account, "provision", key=key, **OPS).ok().changed == 0

    # Another size, profile, and one more subnet, on what exists. Not everybody may open Grafana any more, and alarms
    # notify somebody else.
    iam.create_instance_profile(InstanceProfileName="other-profile")
    other = {"aws_infra_instance_type": "t3.large", "aws_infra_instance_profile": "other-profile"}
    other["aws_infra_subnet_cidrs"] = [*zones, "10.0.3.0/24"]
    few = {"aws_infra_grafana_cidrs": ["192.0.2.0/24"], "aws_infra_alarm_subscriptions": ["team@example.com"]}
    few |= {"aws_infra_ssm": True, "aws_infra_operator_cidr": "", "aws_infra_access_logs_bucket": "logs"}
    account.client("s3").create_bucket(Bucket="logs")
    assert host_of_ssh(account, key) == instance["PublicIpAddress"]
    subscriptions()

    def for_few(instance):
        few = {(80, "192.0.2.0/24"), (80, f"{instance['PublicIpAddress']}/32")}
        return {"server": {(80, EVERYWHERE)}, "grafana": few}

    run(account, "provision", key=key, aws_infra_budget_usd=150, **other, **few).ok()
    [subscription] = sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    assert subscription["Endpoint"] == "team@example.com"
    [instance] = mine(ec2)["instances"]
    assert {name: rules(group) for name, group in of_balancers(ec2).items()} == for_few(instance)
    assert (instance["InstanceType"], instance["State"]["Name"]) == ("t3.large", "running")
    assert host_of_ssh(account, key) == instance["InstanceId"]
    assert 22 not in {port for port, _ in rules(groups(ec2)["lapalma-instance"])}
    assert access_logs(elb) == {"lapalma-server": ("true", "logs"), "lapalma-grafana": ("true", "logs")}
    # moto's DescribeInstances keeps telling the former one.
    [profile] = ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    assert profile["IamInstanceProfile"]["Arn"].endswith("/other-profile")
    assert {s["CidrBlock"]: s["AvailabilityZone"] for s in mine(ec2)["subnets"]} == zones | {
        "10.0.3.0/24": "us-east-1d"
    }
    [server] = elb.describe_load_balancers(Names=["lapalma-server"])["LoadBalancers"]
    assert len(server["AvailabilityZones"]) == 4

    # A new machine in the place of the old one, but not of one whose disk has the data.
    replace = {"aws_infra_replace_instance": True}
    release = [{"Key": "Release", "Value": "3f0c8a7b91de"}]
    ec2.create_tags(Resources=[instance["InstanceId"]], Tags=release)
    run(account, "provision", key=key, **replace, **few).refused().says(
        "The data of lapalma is on the disk of its instance, which aws_infra_replace_instance would delete."
    )
    ec2.create_tags(Resources=[data["VolumeId"]], Tags=[{"Key": "Holds", "Value": "data"}])
    run(account, "provision", key=key, **replace, **few).ok()
    [new] = mine(ec2)["instances"]
    assert new["InstanceId"] != instance["InstanceId"]
    assert holder(ec2, data) == new["InstanceId"]
    assert new["PublicIpAddress"] != instance["PublicIpAddress"]
    assert {name: rules(group) for name, group in of_balancers(ec2).items()} == for_few(new)
    assert alarms(account) == watched | of_instance(new)
    [target] = elb.describe_target_health(TargetGroupArn=dice)["TargetHealthDescriptions"]
    assert target["Target"]["Id"] == new["InstanceId"]

    # Another stack in the same account stays.
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[other], Tags=[{"Key": "Stack", "Value": "other"}])
    elb.create_target_group(Name="other-dice", Protocol="HTTP", Port=80, VpcId=other)
    others = ["lapalma-ansible/lapalma-2/server-5xx", topic_arn("lapalma-ansible_lapalma-2")]
    cloudwatch.put_metric_alarm(
        AlarmName=others[0], ComparisonOperator="LessThanThreshold", EvaluationPeriods=1
    )
    sns.create_topic(Name=others[1].rpartition(":")[2])

    backup = [{"Key": name, "Value": value} for name, value in (TAGS | {"Role": "backup"}).items()]
    of = [{"ResourceType": "snapshot", "Tags": backup}]
    ec2.create_snapshot(VolumeId=data["VolumeId"], TagSpecifications=of)

    run(account, "destroy", key=key).refused().says("Nothing was destroyed").says("backup snap-").says(
        f"data volume {data['VolumeId']}"
    )
    run(account, "destroy", key=key, aws_infra_destroy_unasked=True).ok()
    assert run(account, "destroy", key=key, aws_infra_destroy_unasked=True).ok().changed == 0
    assert all(left == [] for left in mine(ec2).values()), mine(ec2)
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    assert [g["TargetGroupName"] for g in elb.describe_target_groups()["TargetGroups"]] == ["other-dice"]
    assert ec2.describe_vpcs(VpcIds=[other])["Vpcs"]
    assert [a["AlarmName"] for a in cloudwatch.describe_alarms()["MetricAlarms"]] == others[:1]
    assert [t["TopicArn"] for t in sns.list_topics()["Topics"]] == others[1:]

    # test_policy.py holds the policy to the calls that permissions.py lists: they are those that were made.
    # Three are those of a backup and a restore, which need a machine: test_data.py.
    assert account.calls.keys() == CALLS.keys() - {"ec2:CopySnapshot", "ec2:CreateSnapshot", "ec2:DetachVolume"}


def holder(ec2, volume):
    """The instance to which it is attached."""
    [found] = ec2.describe_volumes(VolumeIds=[volume["VolumeId"]])["Volumes"]
    return found["Attachments"][0]["InstanceId"]


def test_data_that_is_kept_is_taken_by_the_next_stack_which_starts_in_its_zone(account):
    key = account.account_with(POLICY)
    ec2 = account.client("ec2")
    zones = ["us-east-1b", "us-east-1a", "us-east-1c"]
    run(account, "provision", key=key, aws_infra_zones=zones).ok()
    [data] = [disk for disk in mine(ec2)["disks"] if tags(disk["Tags"])["Role"] == "data"]
    assert data["AvailabilityZone"] == "us-east-1b"

    (
        run(account, "destroy", key=key, aws_infra_destroy_unasked=True, aws_infra_keep_data=True)
        .ok()
        .says(f"aws_infra_keep_data keeps {data['VolumeId']}: the next make site of lapalma uses the data volume again.")
        .says("Nothing else of lapalma is left in us-east-1.")
    )
    left = {kind: found for kind, found in mine(ec2).items() if found}
    assert [disk["VolumeId"] for disk in left.pop("disks")] == [data["VolumeId"]]
    assert left == {}

    elsewhere = ["us-east-1a", "us-east-1c", "us-east-1d"]
    run(account, "provision", key=key, aws_infra_zones=elsewhere).refused().says(
        f"Name us-east-1b in aws_infra_zones: the data volume {data['VolumeId']} of lapalma is there"
    )
    run(account, "provision", key=key).ok()
    [instance] = mine(ec2)["instances"]
    assert instance["Placement"]["AvailabilityZone"] == "us-east-1b"
    assert holder(ec2, data) == instance["InstanceId"]
    assert run(account, "provision", key=key).ok().changed == 0

    # Which one is it?
    other = ec2.create_volume(Size=1, AvailabilityZone="us-east-1b")["VolumeId"]
    as_data = [{"Key": name, "Value": value} for name, value in (TAGS | {"Role": "data"}).items()]
    ec2.create_tags(Resources=[other], Tags=as_data)
    (
        run(account, "provision", key=key)
        .refused()
        .says("More than one volume of lapalma has the tag Role: data (vol-")
        .says(f"aws ec2 create-tags --tags Key=Role,Value=replaced --resources {other}")
    )


def test_with_a_certificate_and_jaeger(account):
    ec2, elb = account.client("ec2"), account.client("elbv2")
    certificate = account.client("acm").request_certificate(DomainName="*.example.com")["CertificateArn"]
    # As on the free plan: a type that earns no CPU credits.
    account.plan = "FREE"
    inputs = JAEGER | {
        "aws_infra_instance_type": "c7i-flex.large",
        "aws_infra_budget_usd": 150,
        "aws_infra_certificate_arn": certificate,
        "aws_infra_server_domain": "dice.example.com",
        "aws_infra_grafana_domain": "grafana.example.com",
    }
    # The certificate comes later.
    by_http = {name: value for name, value in inputs.items() if not name.endswith(("_arn", "_domain"))}
    run(account, "provision", **by_http).ok().says("Grafana http://lapalma-grafana-")
    (
        run(account, "provision", **inputs)
        .ok()
        .says("dice https://dice.example.com/")
        .says("Jaeger https://grafana.example.com/jaeger/")
        .says("CNAME dice.example.com to lapalma-server-")
        .says("CNAME grafana.example.com to lapalma-grafana-")
    )
    assert "CreditSpecification.CpuCredits" not in account.calls["ec2:RunInstances"]
    assert run(account, "provision", **inputs).ok().changed == 0

    balancers, instances = of_balancers(ec2), groups(ec2)["lapalma-instance"]
    for group in balancers.values():
        assert rules(group) == {(80, EVERYWHERE), (443, EVERYWHERE)}
    assert (16686, balancers["grafana"]["GroupId"]) in rules(instances)
    [grafana] = elb.describe_load_balancers(Names=["lapalma-grafana"])["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=grafana["LoadBalancerArn"])["Listeners"]
    by_port = {listener["Port"]: listener for listener in listeners}
    redirect = by_port[80]["DefaultActions"][0]["RedirectConfig"]
    assert (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == ("HTTPS", "443", "HTTP_301")
    assert by_port[443]["Certificates"] == [{"CertificateArn": certificate}]
    jaeger, default = elb.describe_rules(ListenerArn=by_port[443]["ListenerArn"])["Rules"]
    assert {c["Field"]: c.get("Values") or c["SourceIpConfig"]["Values"] for c in jaeger["Conditions"]} == {
        "path-pattern": ["/jaeger*"],
        "source-ip": ["198.51.100.0/24"],
    }
    assert ":targetgroup/lapalma-jaeger/" in jaeger["Actions"][0]["TargetGroupArn"]
    assert default["IsDefault"]
    # Nobody reaches Jaeger without TLS any more.
    [redirects] = elb.describe_rules(ListenerArn=by_port[80]["ListenerArn"])["Rules"]
    assert redirects["IsDefault"]


NAMES = ("lapalma", "lapalma-app-1", "lapalma-app-2")


def test_instances_for_dice_come_and_go(account):
    key = account.account_with(POLICY)
    ec2, elb = account.client("ec2"), account.client("elbv2")
    two = {"aws_infra_app_instances": 2, "aws_infra_budget_usd": 150}
    (
        run(account, "provision", key=key, **two)
        .ok()
        .says("30.37 2 t3.small for dice")
        .says("32.85 9 public IPv4 addresses")
        .says("7.20 90 GB of disk")
        .says("1.30 13 alarms")
        .says("13 alarms of CloudWatch notify nobody: set aws_infra_alarm_subscriptions.")
        .says("141.60 total")
        .says("175.20 more a month if every vCPU is busy")
    )
    assert run(account, "provision", key=key, **two).ok().changed == 0
    checks = {f"{name}-{check}" for name in NAMES for check in ("system-check", "instance-check", "cpu-credits")}
    of_one = {"dice-unhealthy", "grafana-unhealthy", "server-5xx", "grafana-5xx"}
    assert alarms(account).keys() == of_one | checks
    # A terminated target is not unhealthy: the healthy ones are counted.
    _, fires, notified, gap = alarms(account)["dice-unhealthy"]
    assert fires == "AWS/ApplicationELB Maximum HealthyHostCount < 3 in 10 x 60 s"
    assert (notified, gap) == ([], "breaching")

    by_name = {tags(i["Tags"])["Name"]: i for i in mine(ec2)["instances"]}
    assert {name: tags(i["Tags"])["Role"] for name, i in by_name.items()} == {
        "lapalma": "stack",
        "lapalma-app-1": "app",
        "lapalma-app-2": "app",
    }
    assert len({i["Placement"]["AvailabilityZone"] for i in by_name.values()}) == 3
    assert by_name["lapalma-app-1"]["InstanceType"] == "t3.small"
    # It asks nothing of AWS.
    assert "IamInstanceProfile" not in by_name["lapalma-app-1"]

    # Spans, log lines and scrapes between them, and nothing more from outside.
    balancers, instances = of_balancers(ec2), groups(ec2)["lapalma-instance"]
    assert all(
        [g["GroupId"] for g in i["SecurityGroups"]] == [instances["GroupId"]] for i in by_name.values()
    )
    one_another = {(port, instances["GroupId"]) for port in (4318, 5778, 9428, 5000, 9464)}
    assert rules(instances) == one_another | {
        (5000, balancers["server"]["GroupId"]),
        (3000, balancers["grafana"]["GroupId"]),
        (9100, "10.0.0.0/16"),
        (8080, "10.0.0.0/16"),
        (22, "203.0.113.7/32"),
    }

    def registered(name):
        [group] = elb.describe_target_groups(Names=[f"lapalma-{name}"])["TargetGroups"]
        found = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        return {t["Target"]["Id"] for t in found}

    ids = {name: i["InstanceId"] for name, i in by_name.items()}
    assert registered("dice") == set(ids.values())
    assert registered("grafana") == {ids["lapalma"]}

    # One that was terminated is made again, and one too many is terminated.
    ec2.terminate_instances(InstanceIds=[ids["lapalma-app-1"]])
    run(account, "provision", key=key, **(two | {"aws_infra_app_instances": 1})).ok()
    left = {tags(i["Tags"])["Name"]: i["InstanceId"] for i in mine(ec2)["instances"]}
    assert left.keys() == {"lapalma", "lapalma-app-1"}
    assert left["lapalma"] == ids["lapalma"]
    assert left["lapalma-app-1"] != ids["lapalma-app-1"]
    assert registered("dice") == set(left.values())
    assert {name for name in checks if name not in alarms(account)} == {n for n in checks if "-app-2-" in n}

    # Whoever deploys has to know of them.
    run(account, "deploy", key=key, compose_stack_grafana_password="Krokodil-7-Wolke").refused().says(
        "Run provision first: us-east-1 has 1 running instances of lapalma that run only dice,"
        " but aws_infra_app_instances is 0."
    )

    # As if provision had been interrupted between the two calls that make and tag a target group.
    [group] = elb.describe_target_groups(Names=["lapalma-grafana"])["TargetGroups"]
    elb.remove_tags(ResourceArns=[group["TargetGroupArn"]], TagKeys=list(TAGS))
    run(account, "destroy", key=key, aws_infra_destroy_unasked=True).ok()
    assert all(left == [] for left in mine(ec2).values()), mine(ec2)
    assert elb.describe_target_groups()["TargetGroups"] == []


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"aws_infra_app_instances": 21}, "Set aws_infra_app_instances to a number from 0 to 20"),
        ({"aws_infra_operator_cidr": ""}, "Set aws_infra_operator_cidr"),
        ({"aws_infra_operator_cidr": EVERYWHERE}, "not to the whole world"),
        (
            {"aws_infra_key_name": "none"},
            'Set aws_infra_key_name to an EC2 key pair of us-east-1: "none" does not exist',
        ),
        ({"aws_infra_instance_profile": "none"}, '"none" does not exist'),
        ({"aws_infra_jaeger_cidrs": [EVERYWHERE]}, "Set aws_infra_jaeger_cidrs to at most four"),
        ({"aws_infra_budget_usd": 50}, "30 days would cost 97.19 USD, above aws_infra_budget_usd (50)"),
        ({"aws_infra_data_gb": 0}, "Set aws_infra_data_gb to a number of GB, and aws_infra_backups_kept"),
        ({"aws_infra_backups_kept": 0}, "Set aws_infra_data_gb to a number of GB, and aws_infra_backups_kept"),
        ({"aws_infra_certificate_arn": "arn:aws:acm:x"}, "Set aws_infra_certificate_arn, "),
        (
            {
                "aws_infra_certificate_arn": "arn:aws:acm:sa-east-1:123456789012:certificate/1",
                "aws_infra_server_domain": "dice.example.com",
                "aws_infra_grafana_domain": "grafana.example.com",
            },
            "Set aws_infra_certificate_arn to a certificate in us-east-1",
        ),
        (
            {"aws_infra_alarm_subscriptions": ["http://receiver.example.com"]},
            "Set aws_infra_alarm_subscriptions to email addresses such as ops@example.com and to https addresses",
        ),
        (OPS | {"aws_infra_alarms": False}, "Leave it empty if aws_infra_alarms is false."),
        ({"stack_name": "Not Good"}, "Set stack_name to at most 20"),
        ({"stack_name": "internal-shop"}, "but not with internal- or sg-."),
        ({"aws_infra_subnet_cidrs": ["10.0.0.0/24"]}, "Set aws_infra_subnet_cidrs to two or more ranges of /27"),
        ({"aws_infra_cpu_credits": "none"}, "aws_infra_cpu_credits must be one of: unlimited, standard"),
        (
            {"aws_infra_ubuntu_version": "26.04"},
            f"Set aws_infra_ubuntu_version to 22.04 or 24.04: ansible-core {__version__} manages Python 3.8 to 3.13,"
            " and Ubuntu 26.04 has 3.14.",
        ),
        ({"aws_infra_zones": ["us-east-1a"]}, "Set aws_infra_zones to 3 of us-east-1a, us-east-1b,"),
        ({"aws_infra_zones": ["us-east-1a", "us-east-1b", "us-east-9z"]}, "Set aws_infra_zones to 3 of"),
        (
            {"aws_infra_zones": ["us-east-1e", "us-east-1b", "us-east-1a"]},
            "us-east-1e does not offer t3.medium: name zones in aws_infra_zones that offer the types",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_work_is_refused_before_anything_is_made(account, inputs, sentence):
    run(account, "provision", **inputs).refused().says(sentence)
    assert not any(":Create" in call for call in account.calls)


PLAN = """
- name: Plan
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - name: Preflight
      ansible.builtin.include_role:
        name: aws_infra
        tasks_from: preflight

    - name: What would be made where
      ansible.builtin.debug:
        msg: "{{ aws_infra_image.name }} in {{ aws_infra_zone_of | dictsort | map('join', ' ') | join(', ') }}"
"""


@pytest.fixture
def plan(account, tmp_path):
    """What preflight chooses, with these inputs."""
    (tmp_path / "plan.yml").write_text(PLAN)
    arguments = ["-i", "localhost,", "-e", "@group_vars/all.yml"]
    return lambda **inputs: run(account, str(tmp_path / "plan"), *arguments, **inputs)


@pytest.mark.parametrize(
    ("stack", "app", "sentence"),
    [
        (
            "t3.medium",
            "t3.small",
            "does not start t3.medium: upgrade the plan, or set aws_infra_instance_type to c7i",
        ),
        (
            "c7i-flex.large",
            "t3.large",
            "start t3.large: upgrade the plan, or set aws_infra_app_instance_type to c7i",
        ),
        (
            "t3.medium",
            "t3.large",
            "start t3.medium and t3.large: upgrade the plan, or set aws_infra_instance_type and"
            " aws_infra_app_instance_type to c7i-flex.large (61.90 USD a month) or m7i-flex.large (69.93 USD a month).",
        ),
    ],
)
def test_on_the_free_plan_the_input_that_is_refused_is_named(account, plan, stack, app, sentence):
    account.plan = "FREE"
    inputs = {
        "aws_infra_instance_type": stack,
        "aws_infra_app_instance_type": app,
        "aws_infra_app_instances": 1,
    }
    plan(**inputs).refused().says(sentence)


def test_on_the_free_plan_no_other_type_is_named_where_none_is_large_enough(account, plan, monkeypatch):
    account.plan = "FREE"
    known = EC2Backend.describe_instance_types

    def small_ones(backend, *asked, **more):
        return [t for t in known(backend, *asked, **more) if t["InstanceType"].endswith((".micro", ".small"))]

    monkeypatch.setattr(EC2Backend, "describe_instance_types", small_ones)
    plan().refused().says("which does not start t3.medium: upgrade the plan.")


def test_zones_that_offer_the_instance_type_come_first(plan, monkeypatch):
    offered = EC2Backend.describe_instance_type_offerings

    def not_everywhere(backend, *asked, **more):
        return [
            o for o in offered(backend, *asked, **more) if o["Location"] not in ("us-east-1a", "us-east-1c")
        ]

    monkeypatch.setattr(EC2Backend, "describe_instance_type_offerings", not_everywhere)
    plan().ok().says("in 10.0.0.0/24 us-east-1b, 10.0.1.0/24 us-east-1d, 10.0.2.0/24 us-east-1f")


def test_zones_can_be_named(plan):
    plan(aws_infra_zones=["us-east-1f", "us-east-1e", "us-east-1b"]).ok().says(
        "in 10.0.0.0/24 us-east-1f, 10.0.1.0/24 us-east-1e, 10.0.2.0/24 us-east-1b"
    )


def test_subnets_that_exist_keep_their_zones(account, plan, zones_in_another_order):
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for cidr, zone in (("10.0.0.0/24", "us-east-1d"), ("10.0.2.0/24", "us-east-1a")):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        ec2.create_tags(Resources=[subnet], Tags=[{"Key": k, "Value": v} for k, v in TAGS.items()])

    plan().ok().says("in 10.0.0.0/24 us-east-1d, 10.0.1.0/24 us-east-1b, 10.0.2.0/24 us-east-1a")
    plan(aws_infra_zones=["us-east-1d", "us-east-1b", "us-east-1c"]).refused().says(
        "Leave aws_infra_zones empty: subnet 10.0.2.0/24 of lapalma exists in us-east-1a and cannot move to"
        " us-east-1c."
    )


@pytest.mark.parametrize(
    ("version", "image"),
    [
        (None, "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261001"),
        ("22.04", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20261101"),
    ],
)
def test_the_image_is_the_newest_of_the_named_ubuntu(plan, version, image):
    inputs = {"aws_infra_ubuntu_version": version} if version else {}
    plan(**inputs).ok().says(f"{image} in ")


def test_an_account_that_may_not_ask_for_its_plan_is_warned(account, plan):
    account.plan = "AccessDeniedException"
    plan().ok().says("AWS does not tell the plan of this account (").says(
        "On the free plan it refuses t3.medium"
    )
    # From before there were plans.
    account.plan = "ResourceNotFoundException"
    assert "On the free plan" not in plan().ok().output


def test_a_plan_says_what_would_be_made_or_changed_and_does_neither(account):
    key = account.account_with(POLICY)
    (
        run(account, "plan", key=key)
        .ok()
        .says("97.19 in 30 days")
        .says("- VPC 10.0.0.0/16 - subnet 10.0.0.0/24 in us-east-1a")
        .says("- instance lapalma - data volume - balancer lapalma-server")
        .says("- alarm lapalma-ansible/lapalma/dice-unhealthy")
    )
    run(account, "plan", key=key, aws_infra_budget_usd=50).refused().says("30 days would cost 97.19 USD")
    assert not any(":Create" in call or ":Run" in call for call in account.calls)

    run(account, "provision", key=key).ok()
    ec2, elb = account.client("ec2"), account.client("elbv2")
    account.calls.clear()
    assert run(account, "plan", key=key).ok().says("Nothing: the next lines show").changed == 0
    # Another address of the operator.
    other = run(account, "plan", key=key, aws_infra_operator_cidr="198.51.100.7/32").ok()
    assert other.says("Make the security group of the instances").says("198.51.100.7/32").changed == 1
    assert (22, "203.0.113.7/32") in rules(groups(ec2)["lapalma-instance"])
    assert all(re.search(":(Describe|Get|List)", call) for call in account.calls), account.calls.keys()

    [grafana] = elb.describe_load_balancers(Names=["lapalma-grafana"])["LoadBalancers"]
    elb.delete_load_balancer(LoadBalancerArn=grafana["LoadBalancerArn"])
    assert run(account, "plan", key=key).ok().says("msg: - balancer lapalma-grafana").changed == 0


def test_a_region_without_prices_is_refused(account):
    environment = {"AWS_REGION": "us-oest-1"}
    run(account, "provision", env=environment).refused().says('AWS_REGION is "us-oest-1": set it to one of').says(
        "which https://calculator.aws shows"
    )


def test_credentials_that_do_not_work_are_refused(account):
    with account.knowing_keys():
        (
            run(account, "provision", key=("AKIAWRONG", "wrong"))
            .refused()
            .says(f"AWS does not know your credentials in {REGION}: set AWS_PROFILE")
        )


@pytest.mark.parametrize("password", ["", "short", "admin-admin-admin", "aaaaaaaaaaaaaaa"])
def test_without_a_good_password_for_grafana_nothing_is_made(account, password):
    result = run(account, "site", compose_stack_grafana_password=password).refused()
    result.says("Choose another password for Grafana")
    assert (
        account.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Stack", "Values": ["lapalma"]}])["Vpcs"]
        == []
    )


def test_provision_keeps_the_tag_by_which_prometheus_finds_what_is_deployed(account):
    run(account, "provision").ok()
    ec2 = account.client("ec2")
    [instance] = mine(ec2)["instances"]
    release = {"Key": "Release", "Value": "3f0c8a7b91de"}
    ec2.create_tags(Resources=[instance["InstanceId"]], Tags=[release])

    assert run(account, "provision").ok().changed == 0
    [instance] = mine(ec2)["instances"]
    assert release in instance["Tags"]


def test_another_environment_keeps_the_route_and_a_missing_balancer_is_named(account):
    run(account, "provision").ok()
    run(account, "provision", stack_environment="staging").ok()
    ec2, elb = account.client("ec2"), account.client("elbv2")
    [table] = mine(ec2)["routes"]
    assert EVERYWHERE in [route["DestinationCidrBlock"] for route in table["Routes"]]
    associated = {a["SubnetId"] for a in table["Associations"] if not a["Main"]}
    assert associated == {subnet["SubnetId"] for subnet in mine(ec2)["subnets"]}

    [grafana] = elb.describe_load_balancers(Names=["lapalma-grafana"])["LoadBalancers"]
    elb.delete_load_balancer(LoadBalancerArn=grafana["LoadBalancerArn"])
    run(account, "verify", compose_stack_grafana_password="Krokodil-7-Wolke").refused().says(
        "Run provision first: the load balancers of lapalma cannot be found in us-east-1"
    )
