"""An AWS of our own: moto, in this process, and what the tests ask of it."""

import io
import logging
import os
import threading
from pathlib import Path
from urllib.parse import parse_qs

# moto reads it when it is imported.
os.environ["MOTO_AMIS_PATH"] = str(Path(__file__).parent / "images.json")

import boto3  # noqa: E402
import requests  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402

REGION = "us-east-1"
KEY_PAIR = "ops"
PROFILE = "stack-profile"
ADMIN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'

logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Cloud:
    """moto's server, and a record of the actions that it was asked for."""

    def __init__(self):
        self.actions = set()
        self._admin = ("admin", "admin")
        # Called after each request that changed something.
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
        asked = parse_qs(body.decode(errors="replace")).get("Action", [])
        if asked:
            # Credential=key/date/region/service/…
            key, _, _, service, *_ = environ["HTTP_AUTHORIZATION"].split("Credential=")[1].split("/")
            if key != self._admin[0]:
                self.actions |= {f"{service}:{action}" for action in asked}
        answer = list(self._moto(environ, start_response))
        if any(not action.startswith("Describe") for action in asked):
            self.after_change()
        return answer

    def client(self, service):
        """For the tests, which are not those whose requests are counted and refused."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self._admin[0],
            aws_secret_access_key=self._admin[1],
        )

    def reset(self):
        """An account that has only what every operator has to bring."""
        self._post("reset-auth", "inf")
        self._post("reset")
        self._admin = self._user("admin", ADMIN)
        self.client("ec2").create_key_pair(KeyName=KEY_PAIR)
        self.client("iam").create_instance_profile(InstanceProfileName=PROFILE)
        self.actions.clear()

    def _user(self, name, policy):
        iam = self.client("iam")
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def account_with(self, policy):
        """Keys of a user with this policy and no other. From here on every request has to be allowed."""
        key = self._user("operator", policy)
        self._post("reset-auth", "0")
        return key

    def _post(self, what, body=""):
        requests.post(f"{self.endpoint}/moto-api/{what}", data=body, timeout=30).raise_for_status()
