"""Runs a playbook as an operator does, and says what became of it."""

import functools
import json
import os
import re
import subprocess
import sys
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


# ansible-playbook, whose modules on this machine run in the Python that is named first, and which keeps what it has
# packed of each module in the folder that is named second: else every run packs them anew.
PLAYBOOK = """
import os, sys
sys.executable, packed = sys.argv[1:3]
sys.argv[:3] = ["ansible-playbook"]
from ansible import constants
os.symlink(packed, os.path.join(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache"))
from ansible.cli.playbook import main
sys.exit(main())
"""

warm_python = functools.cache(warm.start)


def run(cloud, playbook, *arguments, key=("root", "root"), env=None, ansible=ANSIBLE, **inputs):
    python = warm_python()
    # The modules of a role may be others in other playbooks.
    packed = python.parent / ("modules" + str(ansible).replace("/", "-"))
    packed.mkdir(exist_ok=True)
    command = [sys.executable, "-c", PLAYBOOK, python, packed, f"{playbook}.yml", *arguments]
    command += ["-e", json.dumps(INPUTS | inputs)]
    result = subprocess.run(
        command,
        cwd=ansible,
        env=os.environ
        | {
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": key[0],
            "AWS_SECRET_ACCESS_KEY": key[1],
            "ANSIBLE_NOCOLOR": "1",
        }
        | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    return Run(result.returncode, result.stdout)
