"""iam-policy.json grants what the calls of the playbooks need, and nothing more."""

import json

import pytest
from permissions import CALLS, ENDS_OR_CHANGES, Policy, actions_of_all_calls, ec2_arn, elb_arn, tagged
from playbook import ANSIBLE

DOCUMENT = (ANSIBLE / "iam-policy.json").read_text()
POLICY = Policy(DOCUMENT)


def test_the_policy_holds_every_action_that_a_call_needs_and_no_other():
    assert POLICY.actions() == actions_of_all_calls()


@pytest.mark.parametrize("action", sorted(action for action in CALLS if ENDS_OR_CHANGES.search(action)))
def test_nothing_that_others_made_can_be_ended_or_changed(action):
    if action.startswith("ec2:"):
        arns = [ec2_arn("i-0123456789abcdef0")]
    else:
        kinds = ("loadbalancer/app", "listener/app", "listener-rule/app", "targetgroup")
        arns = [elb_arn(f"{kind}/shop/0123/4567") for kind in kinds]
    for arn in arns:
        assert not POLICY.grants(action, arn, tagged({"ManagedBy": "others"}))
        assert not POLICY.grants(action, arn, {})


def test_no_tag_can_be_put_on_what_others_made():
    assert not POLICY.grants("ec2:CreateTags", ec2_arn("vpc-0123456789abcdef0"), {})
    assert not POLICY.grants("elasticloadbalancing:AddTags", elb_arn("targetgroup/shop/0123"), {})


def test_a_managed_policy_can_hold_it():
    # AWS counts 6,144 characters, without white space.
    assert len(json.dumps(json.loads(DOCUMENT), separators=(",", ":"))) <= 6144
