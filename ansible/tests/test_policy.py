"""iam-policy.json grants what the calls of the playbooks need, and nothing more."""

import json

import pytest
from permissions import (
    ACCOUNT,
    CALLS,
    ENDS_OR_CHANGES,
    ROLE,
    Policy,
    actions_of_all_calls,
    alarm_arn,
    ec2_arn,
    elb_arn,
    tagged,
    topic_arn,
)
from playbook import ANSIBLE

DOCUMENT = (ANSIBLE / "iam-policy.json").read_text()
POLICY = Policy(DOCUMENT)

CHANGES = sorted(action for action in CALLS if ENDS_OR_CHANGES.search(action))
BALANCER = "loadbalancer/app/{}/0123"
LISTENER = "listener/app/{}/0123/4567"
RULE = "listener-rule/app/{}/0123/4567/89ab"
TARGET_GROUP = "targetgroup/{}/0123"


def granted_of_others(arn):
    """The changes that are granted on a resource of their service that has no tag, or that of others."""
    service = arn.split(":")[2]
    return {
        action.rpartition(":")[2]
        for action in CHANGES
        for keys in ({}, tagged({"ManagedBy": "others"}))
        if action.startswith(f"{service}:") and POLICY.grants(action, arn, keys)
    }


def test_the_policy_holds_every_action_that_a_call_needs_and_no_other():
    assert POLICY.actions() == actions_of_all_calls()


@pytest.mark.parametrize(
    "arn",
    [
        *(ec2_arn(f"{kind}-0123456789abcdef0") for kind in ("i", "vol", "snap")),
        *(elb_arn(kind.format("shop")) for kind in (BALANCER, LISTENER, RULE, TARGET_GROUP)),
        # A name of this stack does not make a balancer this stack's.
        *(elb_arn(BALANCER.format(name)) for name in ("shop-server", "shop-grafana")),
        alarm_arn("shop/dice-unhealthy"),
    ],
)
def test_nothing_that_others_made_can_be_ended_changed_or_tagged(arn):
    assert granted_of_others(arn) == set()


OF_LISTENERS = {"CreateRule", "DeleteListener", "DeleteRule", "ModifyListener", "ModifyRule"}
OF_TARGET_GROUPS = {"AddTags", "ModifyTargetGroupAttributes", "RegisterTargets"}


@pytest.mark.parametrize(
    ("arn", "granted"),
    [
        (elb_arn(LISTENER.format("shop-server")), OF_LISTENERS),
        (elb_arn(RULE.format("shop-server")), OF_LISTENERS),
        (elb_arn(TARGET_GROUP.format("shop-dice")), OF_TARGET_GROUPS),
        (elb_arn(TARGET_GROUP.format("shop-server")), set()),
        (alarm_arn("lapalma-ansible/shop/server-5xx"), {"DeleteAlarms", "PutMetricAlarm"}),
        (topic_arn("lapalma-ansible_shop"), {"DeleteTopic", "Subscribe", "TagResource", "Unsubscribe"}),
        (topic_arn("shop"), {"Unsubscribe"}),
    ],
)
def test_by_its_name_alone_can_be_changed_what_the_readme_says_and_no_more(arn, granted):
    assert granted_of_others(arn) == granted


def test_an_alarm_may_be_the_first_of_the_account_that_acts_on_ec2():
    role = "arn:aws:iam::123456789012:role/aws-service-role/{}.amazonaws.com/any"
    services = ("elasticloadbalancing", "events", "ec2")
    granted = [s for s in services if POLICY.grants("iam:CreateServiceLinkedRole", role.format(s), {})]
    assert granted == ["elasticloadbalancing", "events"]


def test_data_of_others_can_be_copied_in_no_way():
    for tags in ({}, {"ManagedBy": "others"}):
        assert not POLICY.grants("ec2:CreateSnapshot", ec2_arn("vol-0123"), tagged(tags))
        assert not POLICY.grants("ec2:CopySnapshot", ec2_arn("snap-0123"), tagged(tags))
        assert not POLICY.grants("ec2:CreateVolume", ec2_arn("snap-0123"), tagged(tags))


OURS = {"ManagedBy": "lapalma-ansible"}
START = {
    "SubnetId": "subnet-0123",
    "SecurityGroupId.1": "sg-0123",
    "TagSpecification.1.ResourceType": "instance",
    "TagSpecification.1.Tag.1.Key": "ManagedBy",
    "TagSpecification.1.Tag.1.Value": "lapalma-ansible",
    "TagSpecification.2.ResourceType": "volume",
    "TagSpecification.2.Tag.1.Key": "ManagedBy",
    "TagSpecification.2.Tag.1.Value": "lapalma-ansible",
}


@pytest.mark.parametrize(
    ("changed", "tags", "refused"),
    [
        ({}, OURS, None),
        ({"TagSpecification.1.Tag.1.Value": "others"}, OURS, "ec2:RunInstances"),
        ({"TagSpecification.2.Tag.1.Value": "others"}, OURS, "ec2:RunInstances"),
        ({}, {"ManagedBy": "others"}, "ec2:RunInstances"),
        ({}, {}, "ec2:RunInstances"),
    ],
)
def test_an_instance_starts_only_with_the_tag_and_where_the_tag_is(changed, tags, refused):
    assert POLICY.refuses("ec2:RunInstances", START | changed, lambda _: tags) == refused


def test_an_instance_gets_the_role_of_the_profile_and_no_other():
    to_ec2 = {"iam:PassedToService": "ec2.amazonaws.com"}
    granted = [
        role
        for role in (ROLE, "admin", f"{ROLE}-admin")
        if POLICY.grants("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{role}", to_ec2)
    ]
    assert granted == [ROLE]


def test_a_balancer_gets_its_tag_in_the_call_that_makes_it_and_in_no_other():
    balancer = elb_arn(BALANCER.format("shop-server"))
    made_by = "elasticloadbalancing:CreateAction"
    assert POLICY.grants("elasticloadbalancing:AddTags", balancer, {made_by: "CreateLoadBalancer"})
    assert not POLICY.grants("elasticloadbalancing:AddTags", balancer, {made_by: "CreateListener"})


def test_a_managed_policy_can_hold_it():
    # AWS counts 6,144 characters, without white space.
    assert len(json.dumps(json.loads(DOCUMENT), separators=(",", ":"))) <= 6144
