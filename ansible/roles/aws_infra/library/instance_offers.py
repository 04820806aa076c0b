#!/usr/bin/python
"""Tells which instance types an account can start, and in which availability zones."""

DOCUMENTATION = r"""
module: instance_offers
short_description: Tells which instance types an account can start, and in which availability zones
description:
  - No module of the collections asks EC2 for DescribeInstanceTypeOfferings, or the AWS Free Tier API for the
    plan of the account.
options:
  instance_types:
    description: The instance types to ask for.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Ask where t3.medium can be started
  instance_offers:
    instance_types: [t3.medium]
  register: offers
"""

RETURN = r"""
zones:
  description: The names of the availability zones that offer each type.
  type: dict
  returned: success
  sample: {t3.medium: [us-east-1a, us-east-1b]}
plan:
  description: C(FREE), C(PAID), or empty where AWS does not say.
  type: str
  returned: success
plan_unknown:
  description: Why the plan is not known. Empty where it is, and for an account that has none.
  type: str
  returned: success
free_tier_eligible:
  description: The types that AWS starts on the free plan. Only asked for on that plan.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

try:
    import botocore.config
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so.


def zones_that_offer(ec2, instance_types):
    pages = ec2.get_paginator("describe_instance_type_offerings").paginate(
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": instance_types}],
    )
    zones = {instance_type: [] for instance_type in instance_types}
    for page in pages:
        for offer in page["InstanceTypeOfferings"]:
            zones[offer["InstanceType"]].append(offer["Location"])
    return {instance_type: sorted(names) for instance_type, names in zones.items()}


def plan_of_the_account(freetier):
    """The plan, and why it is not known."""
    try:
        return freetier.get_account_plan_state().get("accountPlanType", ""), ""
    except is_boto3_error_code("ResourceNotFoundException"):
        # An account from before July 2025 has no plan.
        return "", ""
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as e:
        # A limited account, such as one of a lab, may not be allowed to ask.
        return "", str(e)


def free_tier_eligible(ec2):
    pages = ec2.get_paginator("describe_instance_types").paginate(
        Filters=[{"Name": "free-tier-eligible", "Values": ["true"]}]
    )
    return sorted(found["InstanceType"] for page in pages for found in page["InstanceTypes"])


def main():
    module = AnsibleAWSModule(
        argument_spec={"instance_types": {"type": "list", "elements": "str", "required": True}},
        supports_check_mode=True,
    )
    ec2 = module.client("ec2")
    try:
        zones = zones_that_offer(ec2, module.params["instance_types"])
        # It has one endpoint in the world, which a firewall may drop: nobody waits minutes for it.
        soon = botocore.config.Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
        plan, plan_unknown = plan_of_the_account(module.client("freetier", config=soon))
        eligible = free_tier_eligible(ec2) if plan == "FREE" else []
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as e:
        module.fail_json_aws(e, msg="AWS does not say which instance types this account can start")
    module.exit_json(
        changed=False, zones=zones, plan=plan, plan_unknown=plan_unknown, free_tier_eligible=eligible
    )


if __name__ == "__main__":
    main()
