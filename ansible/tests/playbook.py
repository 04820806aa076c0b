"""Runs a playbook as an operator does, and says what became of it."""

import functools
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import warm
from cloud import KEY_PAIR, PROFILE, REGION

ANSIBLE = Path(__file__).parent.parent

# What every operator has to say.
INPUTS = {
    "aws_infra_operator_cidr": "203.0.113.7/32",
    "aws_infra_key_name": KEY_PAIR,
    "aws_infra_instance_profile": PROFILE,
}


@dataclass
class Run:
    code: int
    output: str

    @classmethod
    def of(cls, command, **options):
        """Runs a command to its end, for at most a quarter of an hour."""
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, **options
        )
        return cls(done.returncode, done.stdout)

    @property
    def changed(self):
        return sum(int(n) for n in re.findall(r"changed=(\d+)", self.output))

    def ok(self):
        assert self.code == 0, self.output
        return self

    def refused(self):
        assert self.code != 0, f"It should have failed:\n{self.output}"
        return self

    def says(self, text):
        # Long values are folded, and the words of a table spaced.
        flat = " ".join(self.output.split())
        assert " ".join(text.split()) in flat, f"It does not say '{text}':\n{self.output}"
        return self


# Runs ansible-playbook in a fork of a warm Python. The first argument is the Python that runs modules on this machine. The
# folder for temporary files stays, because it has the modules that Ansible has packed, which the next playbook needs too.
# The warm Python deletes it when it ends.
PLAYBOOK = """
import atexit, sys, warnings
from ansible.cli.playbook import main
from ansible.utils.path import cleanup_tmp_file
atexit.unregister(cleanup_tmp_file)
warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been configured")
sys.executable, *sys.argv = {arguments}
sys.exit(main())
"""

warm_python = functools.cache(warm.start)


def environment(cloud, key):
    """What an operator with this key sets to reach this AWS."""
    return os.environ | {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": key[0],
        "AWS_SECRET_ACCESS_KEY": key[1],
    }


def run(cloud, playbook, *arguments, key=("root", "root"), env=None, ansible=ANSIBLE, **inputs):
    python = str(warm_python("modules_here"))
    command = ["ansible-playbook", f"{playbook}.yml", *map(str, arguments), "-e", json.dumps(INPUTS | inputs)]
    return Run.of(
        # Another folder of playbooks has a configuration and modules of its own.
        [warm_python("playbooks", ansible)],
        input=PLAYBOOK.format(arguments=[python, *command]),
        cwd=ansible,
        env=environment(cloud, key) | (env or {}),
    )
