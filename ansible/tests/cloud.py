"""An AWS of our own: moto, in this process, and what the tests ask of it."""

import io
import json
import logging
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

# moto reads it when it is imported.
os.environ["MOTO_AMIS_PATH"] = str(Path(__file__).parent / "images.json")

import boto3  # noqa: E402
import requests  # noqa: E402
from moto.ec2.models import EC2Backend, ec2_backends  # noqa: E402
from moto.elbv2.models import FakeLoadBalancer, elbv2_backends  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    create_backend_app,
)
from permissions import ACCOUNT, CALLS, REGION, Policy  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402
from werkzeug.wrappers import Response  # noqa: E402

KEY_PAIR = "ops"
PROFILE = "stack-profile"
ADMIN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'

# What signs its requests by one name and has another in policies.
POLICY_NAMES = {"monitoring": "cloudwatch"}

# What AWS says of every volume, and the modules for volumes read; moto does not.
_create_volume = EC2Backend.create_volume


def _volume_as_aws_tells_it(*more, snapshot_id="", multi_attach_enabled=False, **named):
    return _create_volume(
        *more, snapshot_id=snapshot_id or "", multi_attach_enabled=bool(multi_attach_enabled), **named
    )


EC2Backend.create_volume = _volume_as_aws_tells_it

# The same of a balancer: its module reads whether it writes access logs.
_make_balancer = FakeLoadBalancer.__init__


def _balancer_as_aws_tells_it(balancer, *more, **named):
    _make_balancer(balancer, *more, **named)
    balancer.attrs["access_logs.s3.enabled"] = "false"


FakeLoadBalancer.__init__ = _balancer_as_aws_tells_it

logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Cloud:
    """moto's server, which grants what the policy of the operator grants, and records the calls."""

    def __init__(self):
        # Each call that was made, with the parameters of the last one of its name.
        self.calls = {}
        self._admin = ("admin", "admin")
        self._policies = {}
        # What the Free Tier API, which moto does not have, tells of the account, or the error.
        self.plan = "PAID"
        # Called after each request that changed an instance or a balancer.
        self.after_change = lambda: None
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._servers = []
        self.endpoint = self.listen_on("127.0.0.1")

    def listen_on(self, address):
        server = make_server(address, 0, self._recorded, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)
        return f"http://{address}:{server.server_port}"

    def stop(self):
        for server in self._servers:
            server.shutdown()

    def _recorded(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        parameters = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        if target:
            parameters = json.loads(body)
        action = parameters.get("Action") or target
        if not action:
            return self._moto(environ, start_response)
        # Credential=key/date/region/service/…
        key, _, _, service, *_ = environ["HTTP_AUTHORIZATION"].split("Credential=")[1].split("/")
        call = f"{POLICY_NAMES.get(service, service)}:{action}"
        if key != self._admin[0]:
            self.calls[call] = parameters
            refused = self._refused(key, call, parameters)
            if refused:
                return refused(environ, start_response)
        if service == "freetier":
            return self._free_tier()(environ, start_response)
        answer = list(self._moto(environ, start_response))
        if service in ("ec2", "elasticloadbalancing") and not action.startswith("Describe"):
            self.after_change()
        return answer

    def _refused(self, key, call, parameters):
        if call not in CALLS:
            return denied(call, f"{call} is not listed in permissions.py")
        if key in self._policies:
            action = self._policies[key].refuses(call, parameters, tags_of)
            if action:
                return denied(call, f"User: operator is not authorized to perform: {action}")
        return None

    def _free_tier(self):
        if self.plan in ("FREE", "PAID"):
            return as_json(200, {"accountId": ACCOUNT, "accountPlanType": self.plan})
        return as_json(400, {"__type": self.plan, "message": "No plan is told."})

    def client(self, service, key=None, region=REGION):
        """Of the tests themselves, whose calls are neither recorded nor refused, or of these keys."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=(key or self._admin)[0],
            aws_secret_access_key=(key or self._admin)[1],
        )

    def reset(self):
        """An account that has only what every operator has to bring."""
        self._post("reset-auth", "inf")
        self._post("reset")
        self._policies.clear()
        self.plan = "PAID"
        self._admin = self._user("admin")
        self.client("ec2").create_key_pair(KeyName=KEY_PAIR)
        self.client("iam").create_instance_profile(InstanceProfileName=PROFILE)
        self.calls.clear()

    def _user(self, name):
        iam = self.client("iam")
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=ADMIN)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def account_with(self, policy):
        """Keys of a user with this policy and no other."""
        key = self._user("operator")
        self._policies[key[0]] = Policy(policy)
        return key

    @contextmanager
    def knowing_keys(self):
        """Until the end of the block, keys that nobody was given are refused."""
        self._post("reset-auth", "0")
        try:
            yield
        finally:
            self._post("reset-auth", "inf")

    def _post(self, what, body=""):
        requests.post(f"{self.endpoint}/moto-api/{what}", data=body, timeout=30).raise_for_status()


def tags_of(id):
    """What moto knows of the tags of an EC2 id or an ARN of a balancer, a listener, a rule or a target group."""
    ec2 = ec2_backends[ACCOUNT][REGION]
    if id.startswith("arn:"):
        return elbv2_backends[ACCOUNT][REGION].tagging_service.get_tag_dict_for_resource(id)
    # AWS looks at what is associated.
    if id.startswith("rtbassoc-"):
        id = next(table.id for table in ec2.route_tables.values() if id in table.all_associations_ids)
    if id.startswith("iip-assoc-"):
        associations = ec2.iam_instance_profile_associations.values()
        id = next(found.instance_id for found in associations if found.association_id == id)
    # A copy of a snapshot is in another region.
    return next((tags for region in ec2_backends[ACCOUNT].values() if (tags := region.tags.get(id))), {})


def denied(call, sentence):
    if call.startswith("ec2:"):
        error = f"<Error><Code>UnauthorizedOperation</Code><Message>{sentence}</Message></Error>"
        return Response(f"<Response><Errors>{error}</Errors></Response>", 403, mimetype="text/xml")
    if call.startswith(("cloudwatch:", "freetier:")):
        return as_json(400, {"__type": "AccessDeniedException", "message": sentence})
    error = f"<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{sentence}</Message></Error>"
    return Response(f"<ErrorResponse>{error}</ErrorResponse>", 403, mimetype="text/xml")


def as_json(status, content):
    return Response(json.dumps(content), status, mimetype="application/x-amz-json-1.0")
