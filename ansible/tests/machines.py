"""The instance and the two balancers, as containers: what moto only keeps records of.

The instance has an address in a public network, where ssh reaches it, and one in a private network, as
EC2's has. Each balancer is an HAProxy that does what moto's listeners, rules and target groups say.
"""

import json
import os
import subprocess
from pathlib import Path

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
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
""".split()

# What the instance would pull. dice comes from the operator, and there is no Grafana without a registry.
PULLED = ("JAEGER", "PROMETHEUS", "ALERTMANAGER", "NODE_EXPORTER", "CADVISOR")

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


class Machines:
    def __init__(self, cloud, folder):
        self.elb = cloud.client("elbv2")
        self.folder = folder
        self.name = f"lapalma-ansible-{os.getpid()}"
        self.host = f"{self.name}-host"
        self.public, self.private = f"{self.name}-public", f"{self.name}-private"
        self.balancers = {b: f"{self.name}-{b}" for b in ("server", "grafana")}
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
        self._save_images()
        self.start_host()
        for container in self.balancers.values():
            self._run(container, self.image, "sleep", "infinity")
        return self

    def start_host(self):
        self._run(self.host, *AS_A_MACHINE, f"--volume={self.folder}/images.tar:/images.tar:ro", self.image)
        docker("exec", self.host, "install", "-d", "-o", "ubuntu", "-m", "700", "/home/ubuntu/.ssh")
        docker(
            *("exec", "-i", self.host, "install", "-o", "ubuntu", "-m", "600"),
            *("/dev/stdin", "/home/ubuntu/.ssh/authorized_keys"),
            input=self.key.with_suffix(".pub").read_text(),
        )
        self.wait_for_ssh()
        docker("exec", "-i", self.host, "sh", "-c", SEED)

    def gateway(self, network):
        """This machine's own address in that network."""
        return docker("network", "inspect", network, "--format", "{{(index .IPAM.Config 0).Gateway}}")

    def _save_images(self):
        pins = dict(line.split("=", 1) for line in (ROOT / ".env").read_text().splitlines() if "=" in line)
        images = [pins[f"{name}_IMAGE"] for name in PULLED]
        docker("save", "--output", self.folder / "images.tar", *images)

    def _run(self, container, *arguments):
        docker("create", "--name", container, "--hostname", container, "--network", self.public, *arguments)
        docker("network", "connect", self.private, container)
        docker("start", container)

    def wait_for_ssh(self):
        wait_until(lambda: self.on_host("systemctl", "is-active", "ssh"), "active", "sshd of the instance")

    def stop(self):
        for container in [self.host, *self.balancers.values()]:
            subprocess.run(["docker", "rm", "-fv", container], capture_output=True)
        for network in [self.public, self.private]:
            subprocess.run(["docker", "network", "rm", network], capture_output=True)

    def on_host(self, *command):
        done = subprocess.run(["docker", "exec", self.host, *command], capture_output=True, text=True)
        return (done.stdout + done.stderr).strip()

    def address(self, container, network):
        networks = json.loads(docker("inspect", container))[0]["NetworkSettings"]["Networks"]
        return networks[network]["IPAddress"]

    def arguments(self):
        """How ansible-playbook gets to the instance."""
        return [
            f"--private-key={self.key}",
            f"--ssh-extra-args=-o UserKnownHostsFile={self.folder}/known_hosts",
        ]

    def embody(self):
        """Gives moto's records the addresses of the containers, and the balancers moto's records."""
        for reservation in ec2_backends[ACCOUNT][REGION].reservations.values():
            for instance in reservation.instances:
                role = [tag["value"] for tag in instance.get_tags() if tag["key"] == "Role"]
                if instance.state == "running" and role == ["stack"]:
                    nic = instance.nics[0]
                    nic.public_ip = self.address(self.host, self.public)
                    nic.private_ip_address = self.address(self.host, self.private)
                    nic.private_ip_addresses[0]["PrivateIpAddress"] = nic.private_ip_address
        for balancer in elbv2_backends[ACCOUNT][REGION].load_balancers.values():
            container = self.balancers[balancer.name.rsplit("-", 1)[1]]
            balancer.dns_name = self.address(container, self.public)
            instance = self.address(self.host, self.private)
            self._configure(container, haproxy(self.elb, balancer.arn, instance))

    def _configure(self, container, configuration):
        at = self.folder / f"{container}.cfg"
        if at.exists() and at.read_text() == configuration:
            return
        at.write_text(configuration)
        docker("exec", "-i", container, "tee", "/etc/haproxy/haproxy.cfg", input=configuration)
        running = docker("exec", container, "sh", "-c", "cat /run/haproxy.pid 2>/dev/null || true")
        start = "haproxy -W -D -p /run/haproxy.pid -f /etc/haproxy/haproxy.cfg"
        docker("exec", container, "sh", "-c", f"kill -USR2 {running}" if running else start)


def haproxy(elb, balancer, instance):
    """What a balancer of these records does, in HAProxy's words. HTTPS is not played."""
    lines = ["defaults", " mode http", " timeout connect 5s", " timeout client 60s", " timeout server 60s"]
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
        for target in elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])[
            "TargetHealthDescriptions"
        ]:
            server = f"{instance}:{target['Target']['Port']}"
            lines.append(f" server {target['Target']['Id']} {server} check inter 1s fall 2 rise 2")
    return "\n".join(lines) + "\n"
