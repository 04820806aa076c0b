"""What each call to AWS needs of an IAM policy, and what a policy grants.

moto enforces the action of a call's own name only: on every resource, without conditions, and without the actions of
other services that AWS asks for as well. So the tests' AWS asks here instead. What is written here was read and not
tried, in November 2026:

- Elastic Load Balancing User Guide, "Elastic Load Balancing API permissions", API 2015-12-01. One translation of that
  page lists iam:CreateServiceLinkedRole for CreateTargetGroup too.
- The managed policy ElasticLoadBalancingFullAccess, version 9, for ec2:GetSecurityGroupsForVpc: that page does not list
  it, and AWS denies CreateLoadBalancer without it (kubernetes-sigs/aws-load-balancer-controller, issue 3917).
- Service Authorization Reference, Amazon EC2 and Elastic Load Balancing V2: dependent actions, and which actions can
  be limited by aws:ResourceTag. All actions that end or change something can. Managed policies do so for those whose
  names do not say that they change something: AWSRefactoringToolkitFullAccess for AssociateRouteTable,
  AttachInternetGateway, AuthorizeSecurityGroupIngress and CreateRoute, ROSAKubeControllerPolicy for CreateListener.
- Service Authorization Reference: AttachVolume and DetachVolume look at the instance and at the volume, CreateSnapshot at
  the volume and at the snapshot that is made, CreateVolume at the volume that is made and at the snapshot that it is made
  of. What is made has no tag yet. CopySnapshot looks at both snapshots, at the new one with the tags that the call asks for
  (AWS Storage Blog, "Enhancing resource-level permissions for copying Amazon EBS snapshots"). RunInstances looks at the instance, its volumes and its network interface, with the tags that
  the call asks for, and at the image, the key pair, the subnet and the security group.
- The API Reference of Amazon CloudWatch, PutMetricAlarm: iam:CreateServiceLinkedRole for alarms that act on EC2; the
  Amazon EC2 User Guide has ec2:DescribeInstances and ec2:DescribeInstanceStatus for those on status checks as well, and
  says that the action recover needs nothing more. That of Amazon SNS, CreateTopic: sns:TagResource for a topic with tags.
- Service Authorization Reference, Amazon CloudWatch and Amazon SNS: which actions can be limited to an alarm or a topic.
  ListTopics and Unsubscribe cannot.
- Not by the tag but by the name: alarms, to which amazon.aws.cloudwatch_metric_alarm gives no tags, and their topic;
  listeners and rules, which do not get the tags of their balancer; and a target group, which
  community.aws.elb_target_group tags last, after it has set attributes and registered targets.
"""

import fnmatch
import json
import re

ACCOUNT, REGION = "123456789012", "us-east-1"

# Every call of the playbooks, and the actions that it needs beside the one of its own name.
CALLS = {
    "cloudwatch:DeleteAlarms": set(),
    "cloudwatch:DescribeAlarms": set(),
    "cloudwatch:PutMetricAlarm": {
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstances",
        "iam:CreateServiceLinkedRole",
    },
    "ec2:AssociateIamInstanceProfile": {"iam:PassRole"},
    "ec2:AssociateRouteTable": set(),
    "ec2:AttachInternetGateway": set(),
    "ec2:AttachVolume": set(),
    "ec2:AuthorizeSecurityGroupIngress": set(),
    "ec2:CopySnapshot": {"ec2:CreateTags"},
    "ec2:CreateInternetGateway": {"ec2:CreateTags"},
    "ec2:CreateRoute": set(),
    "ec2:CreateRouteTable": {"ec2:CreateTags"},
    "ec2:CreateSecurityGroup": {"ec2:CreateTags"},
    "ec2:CreateSnapshot": {"ec2:CreateTags"},
    "ec2:CreateSubnet": {"ec2:CreateTags"},
    "ec2:CreateTags": set(),
    "ec2:CreateVolume": {"ec2:CreateTags"},
    "ec2:CreateVpc": {"ec2:CreateTags"},
    "ec2:DeleteInternetGateway": set(),
    "ec2:DeleteRouteTable": set(),
    "ec2:DeleteSecurityGroup": set(),
    "ec2:DeleteSnapshot": set(),
    "ec2:DeleteSubnet": set(),
    "ec2:DeleteVolume": set(),
    "ec2:DeleteVpc": set(),
    "ec2:DescribeAvailabilityZones": set(),
    "ec2:DescribeIamInstanceProfileAssociations": set(),
    "ec2:DescribeImages": set(),
    "ec2:DescribeInstanceAttribute": set(),
    "ec2:DescribeInstanceStatus": set(),
    "ec2:DescribeInstanceTypeOfferings": set(),
    "ec2:DescribeInstanceTypes": set(),
    "ec2:DescribeInstances": set(),
    "ec2:DescribeInternetGateways": set(),
    "ec2:DescribeKeyPairs": set(),
    "ec2:DescribeRouteTables": set(),
    "ec2:DescribeSecurityGroups": set(),
    "ec2:DescribeSnapshotAttribute": set(),
    "ec2:DescribeSnapshots": set(),
    "ec2:DescribeSubnets": set(),
    "ec2:DescribeTags": set(),
    "ec2:DescribeVolumes": set(),
    "ec2:DescribeVpcAttribute": set(),
    "ec2:DescribeVpcs": set(),
    "ec2:DetachInternetGateway": set(),
    "ec2:DetachVolume": set(),
    "ec2:DisassociateRouteTable": set(),
    "ec2:ModifyInstanceAttribute": set(),
    "ec2:ModifyInstanceMetadataOptions": set(),
    "ec2:ModifySubnetAttribute": set(),
    "ec2:ModifyVpcAttribute": set(),
    "ec2:ReplaceIamInstanceProfileAssociation": {"iam:PassRole"},
    "ec2:RevokeSecurityGroupIngress": set(),
    "ec2:RunInstances": {"ec2:CreateTags", "iam:PassRole"},
    "ec2:StartInstances": set(),
    "ec2:StopInstances": set(),
    "ec2:TerminateInstances": set(),
    "elasticloadbalancing:AddTags": set(),
    "elasticloadbalancing:CreateListener": set(),
    "elasticloadbalancing:CreateLoadBalancer": {
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:GetSecurityGroupsForVpc",
        "elasticloadbalancing:AddTags",
        "iam:CreateServiceLinkedRole",
    },
    "elasticloadbalancing:CreateRule": set(),
    "elasticloadbalancing:CreateTargetGroup": {
        "ec2:DescribeInternetGateways",
        "ec2:DescribeVpcs",
        "iam:CreateServiceLinkedRole",
    },
    "elasticloadbalancing:DeleteListener": set(),
    "elasticloadbalancing:DeleteLoadBalancer": set(),
    "elasticloadbalancing:DeleteRule": set(),
    "elasticloadbalancing:DeleteTargetGroup": set(),
    "elasticloadbalancing:DeregisterTargets": set(),
    "elasticloadbalancing:DescribeListeners": set(),
    "elasticloadbalancing:DescribeLoadBalancerAttributes": set(),
    "elasticloadbalancing:DescribeLoadBalancers": set(),
    "elasticloadbalancing:DescribeRules": set(),
    "elasticloadbalancing:DescribeTags": set(),
    "elasticloadbalancing:DescribeTargetGroupAttributes": set(),
    "elasticloadbalancing:DescribeTargetGroups": set(),
    "elasticloadbalancing:DescribeTargetHealth": set(),
    "elasticloadbalancing:ModifyListener": set(),
    "elasticloadbalancing:ModifyLoadBalancerAttributes": set(),
    "elasticloadbalancing:ModifyRule": set(),
    "elasticloadbalancing:ModifyTargetGroup": set(),
    "elasticloadbalancing:ModifyTargetGroupAttributes": set(),
    "elasticloadbalancing:RegisterTargets": {
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    },
    "elasticloadbalancing:SetSecurityGroups": {"ec2:GetSecurityGroupsForVpc"},
    "elasticloadbalancing:SetSubnets": {"ec2:DescribeSubnets"},
    "freetier:GetAccountPlanState": set(),
    "iam:GetInstanceProfile": set(),
    "iam:ListAccountAliases": set(),
    "sns:CreateTopic": {"sns:TagResource"},
    "sns:DeleteTopic": set(),
    "sns:GetTopicAttributes": set(),
    "sns:ListSubscriptionsByTopic": set(),
    "sns:ListTagsForResource": set(),
    "sns:ListTopics": set(),
    "sns:Subscribe": set(),
    "sns:TagResource": set(),
    "sns:Unsubscribe": set(),
    "sts:GetCallerIdentity": set(),
}
# "No permissions are required to perform this operation": AWS STS API Reference.
NEEDS_NOTHING = "sts:GetCallerIdentity"

# Calls that end or change what is there. CreateListener changes a balancer, CreateRule a listener, and CreateRoute a
# route table.
ENDS_OR_CHANGES = re.compile(
    ":(AddTags|Associate|Attach|Authorize|CreateListener$|CreateRoute$|CreateRule$|CreateTags|Delete|Deregister|Detach"
    "|Disassociate|Modify|Put|Register|Replace|Revoke|Set|Start|Stop|Subscribe|TagResource|Terminate|Unsubscribe)"
)

SERVICE_LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/"
SERVICE_ROLES = {
    "cloudwatch": "events.amazonaws.com/AWSServiceRoleForCloudWatchEvents",
    "elasticloadbalancing": "elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing",
}
EC2_ID = re.compile("^(i|igw|iip-assoc|rtb|rtbassoc|sg|snap|subnet|vol|vpc)-[0-9a-f]+$")
# The policy names these kinds.
EC2_KINDS = {"i": "instance", "sg": "security-group", "snap": "snapshot", "subnet": "subnet", "vol": "volume"}
# The role of the instance profile.
ROLE = "stack-role"
# What a call makes, beside what it names.
MADE = {"ec2:CreateSnapshot": "snap-new", "ec2:CreateVolume": "vol-new"}
# What a call of Elastic Load Balancing changes; other ARNs in it are only named.
ELB_ARN = re.compile(r"^(LoadBalancerArn|ListenerArn|RuleArn|TargetGroupArn|ResourceArns\.member\.\d+)$")


class Policy:
    def __init__(self, document):
        self.statements = json.loads(document)["Statement"]

    def actions(self):
        return {action for statement in self.statements for action in listed(statement["Action"])}

    def grants(self, action, arn, keys):
        """Whether the action may be done to the resource, of which these condition keys are known."""
        return any(
            action in listed(statement["Action"])
            and any(fnmatch.fnmatchcase(arn, pattern) for pattern in listed(statement["Resource"]))
            and all(
                keys.get(key) in listed(values)
                for key, values in statement.get("Condition", {}).get("StringEquals", {}).items()
            )
            for statement in self.statements
        )

    def refuses(self, call, parameters, tags_of):
        """The first action that the call needs and does not get, or None. `tags_of` tells the tags of a resource."""
        if call == NEEDS_NOTHING:
            return None
        for action in sorted({call} | CALLS[call]):
            for arn, keys in resources(action, call, parameters, tags_of):
                if not self.grants(action, arn, keys):
                    return action
        return None


def listed(value):
    return [value] if isinstance(value, str) else value


def actions_of_all_calls():
    own = CALLS.keys() - {NEEDS_NOTHING}
    return set(own).union(*CALLS.values())


def resources(action, call, parameters, tags_of):
    """(ARN, condition keys) of each resource on which AWS looks for the action."""
    if action == "iam:PassRole":
        return [(f"arn:aws:iam::{ACCOUNT}:role/{ROLE}", {"iam:PassedToService": "ec2.amazonaws.com"})]
    if action == "iam:CreateServiceLinkedRole":
        return [(SERVICE_LINKED + SERVICE_ROLES[call.partition(":")[0]], {})]
    if action == "ec2:CreateTags" and action != call:
        return [("*", {"ec2:CreateAction": call.removeprefix("ec2:")})]
    if action == "elasticloadbalancing:AddTags" and action != call:
        balancer = elb_arn(f"loadbalancer/app/{parameters['Name']}/new")
        return [(balancer, {"elasticloadbalancing:CreateAction": call.removeprefix("elasticloadbalancing:")})]
    if action != call and action != "sns:TagResource":
        return [("*", {})]
    if call.startswith("cloudwatch:"):
        names = parameters.get("AlarmNames", []) + [parameters.get("AlarmName")]
        return [(alarm_arn(name), {}) for name in names if name] or [("*", {})]
    if call.startswith("sns:"):
        topic = [topic_arn(parameters["Name"])] if "Name" in parameters else []
        named = [parameters[name] for name in ("TopicArn", "ResourceArn") if name in parameters]
        return [(arn, {}) for arn in topic + named] or [("*", {})]
    if call.startswith("ec2:"):
        named = {id for id in parameters.values() if EC2_ID.match(id)}
    else:
        named = {arn for name, arn in parameters.items() if ELB_ARN.match(name)}
    found = [(id if id.startswith("arn:") else ec2_arn(id), tagged(tags_of(id))) for id in named]
    if call == "ec2:RunInstances":
        kinds = ("instance", "volume", "network-interface", "key-pair")
        return found + made(kinds, parameters) + [(f"arn:aws:ec2:{REGION}::image/any", {})]
    if call == "ec2:CopySnapshot":
        return found + made(("snapshot",), parameters)
    return found + [(ec2_arn(MADE[call]), {})] if call in MADE else found or [("*", {})]


def made(kinds, parameters):
    """What a call makes, with the tags that it asks for."""
    wanted = {kind: {} for kind in kinds}
    for name, key in parameters.items():
        if found := re.match(r"(TagSpecification\.\d+\.)Tag\.\d+\.Key$", name):
            value = parameters[name.removesuffix("Key") + "Value"]
            wanted[parameters[found[1] + "ResourceType"]][f"aws:RequestTag/{key}"] = value
    return [(f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/new", keys) for kind, keys in wanted.items()]


def ec2_arn(id):
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{EC2_KINDS.get(id.partition('-')[0], 'any')}/{id}"


def elb_arn(path):
    return f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{path}"


def alarm_arn(name):
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"


def topic_arn(name):
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"


def tagged(tags):
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
