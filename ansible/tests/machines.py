"""The instances and the two balancers, as containers: what moto only keeps records of.

An instance has an address in a public network, where ssh reaches it, and one in a private network, as
EC2's has. Each balancer is an HAProxy that does what moto's listeners, rules and target groups say: who is
registered gets requests as soon as its health check answers, who is not only ends those that it has. And
whether a target is healthy, or drains, moto says as HAProxy finds it.
"""

import csv
import hashlib
import json
import os
import re
import socket
import subprocess
from pathlib import Path

import warm
from disks import Disks
from moto.ec2.models import ec2_backends
from moto.elbv2.models import FakeTargetGroup, elbv2_backends
from waiting import wait_until

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROOT = Path(__file__).parent.parent.parent

# The machine that runs the tests lends neither all capabilities nor a cgroup tree of one's own.
AS_A_MACHINE = """
    --stop-signal SIGRTMIN+3
    --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined
    --security-opt apparmor=unconfined --cgroupns private
    --tmpfs /run --tmpfs /run/lock --tmpfs /tmp:exec
    --volume /var/lib/docker --volume /var/lib/containerd
""".split() + ["--device-cgroup-rule=b 7:* rwm"]

# What an instance for dice would pull, and the one of the stack. dice comes from the operator, and there is
# no Grafana without a registry.
APP_PULLED = ("NODE_EXPORTER", "CADVISOR")
PULLED = ("JAEGER", "VICTORIALOGS", "PROMETHEUS", "ALERTMANAGER", "BLACKBOX_EXPORTER", *APP_PULLED)

# Where HAProxy is asked and told, in the networks of this test only.
ADMIN_PORT = 9999

# In place of registries: Docker has the images as soon as it runs.
SEED = """
mkdir -p /etc/systemd/system/docker.service.d
cat >/etc/systemd/system/docker.service.d/images.conf <<'END'
[Service]
ExecStartPost=/bin/sh -c 'docker images --quiet | grep -q . || docker load --input /images.tar'
END
systemctl daemon-reload
"""


def docker(*arguments, **options):
    done = subprocess.run(
        ["docker", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout.strip()


def pinned(name):
    """The image that .env names, by its tag: a stand-in has no digest."""
    pins = dict(line.split("=", 1) for line in without_digests(ROOT / ".env").splitlines() if "=" in line)
    return pins[f"{name}_IMAGE"]


def without_digests(file):
    return re.sub("@sha256:[0-9a-f]{64}", "", file.read_text())


class Machines:
    def __init__(self, cloud, folder, apps=0):
        self.elb = cloud.client("elbv2")
        self.folder = folder
        self.name = f"lapalma-ansible-{os.getpid()}"
        self.host = f"{self.name}-host"
        # By the name that the instance has on AWS.
        self.apps = {f"lapalma-app-{n}": f"{self.name}-app-{n}" for n in range(1, apps + 1)}
        self.hosts = {"lapalma": self.host} | self.apps
        self.public, self.private = f"{self.name}-public", f"{self.name}-private"
        self.balancers = {b: f"{self.name}-{b}" for b in ("server", "grafana")}
        self.disks = Disks(folder)
        # By the container, which is a new one for each instance: the id of the instance.
        self.embodied = {}
        # The ids of instances without power, which AWS still lists as running.
        self.dark = set()
        # By the container and then by the network. A container that starts again may have others.
        self.addresses = {}
        self.image = subprocess.run(
            [Path(__file__).parent / "host" / "build"], check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()
        self.key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)

    def start(self):
        # Not what Docker would choose: that may be the network of the containers on the instance.
        number = os.getpid() % 250
        for network, block in ((self.public, f"198.18.{number}"), (self.private, f"198.19.{number}")):
            # Named, as Docker 20.10, which is Debian 12's, does not tell a gateway that it chose by itself.
            docker("network", "create", f"--subnet={block}.0/24", f"--gateway={block}.1", network)
        for container in self.hosts.values():
            self._start_host(container, APP_PULLED if container in self.apps.values() else PULLED)
        for container in self.balancers.values():
            self._run(container, self.image, "sleep", "infinity")
        recorded = self._recorded_health = FakeTargetGroup.health_for
        FakeTargetGroup.health_for = lambda group, *asked: self._seen(group.name, recorded(group, *asked))
        return self

    def _start_host(self, container, pulled):
        images = self._save_images(container, pulled)
        warm_volumes, warm_python = warm.on_host()
        self._run(container, *AS_A_MACHINE, *warm_volumes, f"--volume={images}:/images.tar:ro", self.image)
        docker("exec", container, "install", "-d", "-o", "ubuntu", "-m", "700", "/home/ubuntu/.ssh")
        docker(
            *("exec", "-i", container, "install", "-o", "ubuntu", "-m", "600"),
            *("/dev/stdin", "/home/ubuntu/.ssh/authorized_keys"),
            input=self.key.with_suffix(".pub").read_text(),
        )
        self.wait_for_ssh(container)
        docker("exec", container, "sh", "-c", SEED)
        docker("exec", container, "sh", "-c", warm_python)

    def gateway(self, network):
        """This machine's own address in that network."""
        return docker("network", "inspect", network, "--format", "{{(index .IPAM.Config 0).Gateway}}")

    def _save_images(self, container, pulled):
        at = self.folder / f"{container}.tar"
        if not at.exists():
            docker("save", "--output", at, *map(pinned, pulled))
        return at

    def _run(self, container, *arguments):
        docker("create", "--name", container, "--hostname", container, "--network", self.public, *arguments)
        docker("network", "connect", self.private, container)
        docker("start", container)

    def wait_for_ssh(self, container=None):
        self.addresses.pop(container or self.host, None)
        wait_until(
            lambda: self.on_host("systemctl", "is-active", "ssh", container=container), "active", "its sshd"
        )

    def stop(self):
        if hasattr(self, "_recorded_health"):
            FakeTargetGroup.health_for = self._recorded_health
        for container in [*self.hosts.values(), *self.balancers.values()]:
            subprocess.run(["docker", "rm", "-fv", container], capture_output=True)
        for network in [self.public, self.private]:
            subprocess.run(["docker", "network", "rm", network], capture_output=True)
        self.disks.close()

    def cut_power(self, container):
        """Ends a machine at once, with what it had not written to its volumes."""
        docker("pause", container)
        self.dark.add(self.embodied[container])
        self.disks.cut(container)
        docker("kill", container)

    def _renew(self, container):
        docker("rm", "--force", "--volumes", container)
        self._start_host(container, APP_PULLED if container in self.apps.values() else PULLED)

    def on_host(self, *command, container=None):
        command = ["docker", "exec", container or self.host, *command]
        done = subprocess.run(command, capture_output=True, text=True)
        return (done.stdout + done.stderr).strip()

    def address(self, container, network):
        if container not in self.addresses:
            networks = json.loads(docker("inspect", container))[0]["NetworkSettings"]["Networks"]
            self.addresses[container] = {name: there["IPAddress"] for name, there in networks.items()}
        return self.addresses[container][network]

    def arguments(self):
        """How ansible-playbook gets to the instance."""
        return [
            f"--private-key={self.key}",
            f"--ssh-extra-args=-o UserKnownHostsFile={self.folder}/known_hosts",
        ]

    def embody(self):
        """Gives moto's records the addresses of the containers, and the balancers moto's records."""
        running = {}
        for reservation in ec2_backends[ACCOUNT][REGION].reservations.values():
            for instance in reservation.instances:
                container = self.hosts.get({t["key"]: t["value"] for t in instance.get_tags()}.get("Name"))
                if instance.state == "terminated" and self.embodied.get(container) == instance.id:
                    subprocess.run(["docker", "kill", container], capture_output=True)
                    self.embodied[container] = "none"
                if instance.state == "running" and container and instance.id not in self.dark:
                    if self.embodied.get(container, instance.id) != instance.id:
                        self._renew(container)
                    self.embodied[container] = instance.id
                    nic = instance.nics[0]
                    nic.public_ip = self.address(container, self.public)
                    nic.private_ip_address = self.address(container, self.private)
                    nic.private_ip_addresses[0]["PrivateIpAddress"] = nic.private_ip_address
                    running[instance.id] = (container, nic.private_ip_address)
        self.disks.follow({id: container for id, (container, _) in running.items()})
        for balancer in elbv2_backends[ACCOUNT][REGION].load_balancers.values():
            container = self.balancers[balancer.name.rsplit("-", 1)[1]]
            balancer.dns_name = self.address(container, self.public)
            addresses = {
                "dice": {i: address for i, (_, address) in running.items()},
                "": {i: address for i, (host, address) in running.items() if host == self.host},
            }
            self._configure(container, haproxy(self.elb, balancer.arn, addresses))
            servers = self._servers(container)
            for group in elbv2_backends[ACCOUNT][REGION].target_groups.values():
                for instance in running:
                    if (group.name, instance) in servers:
                        state = "ready" if instance in group.targets else "drain"
                        self._ask(container, f"set server {group.name}/{instance} state {state}")

    def _configure(self, container, configuration):
        version = hashlib.sha256(configuration.encode()).hexdigest()[:12]
        at = self.folder / f"{container}.version"
        if at.exists() and at.read_text() == version:
            return
        at.write_text(version)
        start = f"global\n stats socket ipv4@:{ADMIN_PORT} level admin\n description {version}\n"
        docker("exec", "-i", container, "tee", "/etc/haproxy/haproxy.cfg", input=start + configuration)
        running = docker("exec", container, "sh", "-c", "cat /run/haproxy.pid 2>/dev/null || true")
        start = "haproxy -W -D -p /run/haproxy.pid -f /etc/haproxy/haproxy.cfg"
        docker("exec", container, "sh", "-c", f"kill -USR2 {running}" if running else start)
        wait_until(lambda: self._ask(container, "show info"), lambda told: version in told, "HAProxy")

    def _ask(self, container, command):
        """What HAProxy says to a command, or nothing where it does not answer."""
        try:
            with socket.create_connection((self.address(container, self.public), ADMIN_PORT), 5) as admin:
                admin.sendall(f"{command}\n".encode())
                return b"".join(iter(lambda: admin.recv(65536), b"")).decode()
        except OSError:
            return ""

    def _servers(self, container):
        """What HAProxy says of each server, by the target group and the instance."""
        rows = csv.DictReader(self._ask(container, "show stat").removeprefix("# ").splitlines())
        return {(row["pxname"], row["svname"]): row for row in rows}

    def _seen(self, group, recorded):
        """What moto records of a target, as the balancer sees it."""
        for container in self.balancers.values():
            server = self._servers(container).get((group, recorded.instance_id))
            if server and recorded.status == "healthy" and server["status"] != "UP":
                recorded.status, recorded.reason = "unhealthy", "Target.FailedHealthChecks"
            if server and recorded.status == "unused" and server["scur"] != "0":
                recorded.status, recorded.reason = "draining", "Target.DeregistrationInProgress"
        return recorded


def haproxy(elb, balancer, addresses):
    """What a balancer of these records does, in HAProxy's words. HTTPS is not played."""
    lines = ["defaults", " mode http", " timeout connect 5s", " timeout client 60s", " timeout server 60s"]
    # A request that fails is not tried again: AWS does not, either.
    lines += [" timeout check 5s", " retries 0"]
    groups = {g["TargetGroupArn"]: g for g in elb.describe_target_groups()["TargetGroups"]}
    used = {}
    for listener in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
        lines += [f"frontend port-{listener['Port']}", f" bind :{listener['Port']}"]
        for rule in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
            group = groups[rule["Actions"][0]["TargetGroupArn"]]
            name = group["TargetGroupName"]
            used[name] = group
            acls = [f"{name}-{condition['Field']}" for condition in rule["Conditions"]]
            for acl, condition in zip(acls, rule["Conditions"], strict=True):
                if condition["Field"] == "path-pattern":
                    lines.append(f" acl {acl} path_beg {condition['Values'][0].removesuffix('*')}")
                else:
                    lines.append(f" acl {acl} src {' '.join(condition['SourceIpConfig']['Values'])}")
            lines.append(f" use_backend {name} if {' '.join(acls)}" if acls else f" default_backend {name}")
    for name, group in used.items():
        lines += [
            f"backend {name}",
            f" option httpchk GET {group['HealthCheckPath']}",
            f" http-check expect status {group['Matcher']['HttpCode']}",
        ]
        on = addresses["dice" if name.endswith("-dice") else ""]
        for instance, address in on.items():
            lines.append(f" server {instance} {address}:{group['Port']} check inter 1s fall 2 rise 2")
    return "\n".join(lines) + "\n"
