#!/usr/bin/python
"""Tells what each service of a compose project reads from the host."""

DOCUMENTATION = r"""
module: compose_reads
short_description: Tells what each service of a compose project reads from the host
description:
  - Compose recreates a service when its definition changes, but not when a mounted file changes. A label
    with the fingerprint of the mounted files makes such a change a change of the definition.
options:
  folder:
    description: The project.
    type: path
    required: true
  files:
    description: The compose files that it may have, in their order. Missing files are left out.
    type: list
    elements: str
    required: true
  env_files:
    description: Its files of variables.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: List the files that each service reads
  compose_reads:
    folder: /opt/shop
    files: [docker-compose.yml]
    env_files: [.env]
  register: reads
"""

RETURN = r"""
files:
  description: The compose files that are there.
  type: list
  returned: success
services:
  description: For each service its C(image), its C(mounts) as arguments of docker, and its C(fingerprint).
  type: dict
  returned: success
"""

import hashlib
import json
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def fingerprint(mounts, secrets, folder, others):
    """Of the content of files in the folder. A label can be seen by many: of secrets only their age."""
    digest = hashlib.sha256()
    for source in sorted(mounts):
        if folder not in source.parents:
            continue
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in files:
            # What lies in the folder only for another service is not read by this one.
            if file.is_file() and file not in others:
                digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    for secret in sorted(secrets):
        if secret.is_file():
            digest.update(f"{secret}\0{secret.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def main():
    module = AnsibleModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "files": {"type": "list", "elements": "str", "required": True},
            "env_files": {"type": "list", "elements": "str", "required": True},
        },
        supports_check_mode=True,
    )
    folder = Path(module.params["folder"])
    present = [file for file in module.params["files"] if (folder / file).is_file()]
    command = ["docker", "compose"]
    for file in present:
        command += ["--file", file]
    for file in module.params["env_files"]:
        command += ["--env-file", file]
    code, out, err = module.run_command([*command, "config", "--format", "json"], cwd=str(folder))
    if code != 0:
        module.fail_json(msg=f"Compose refuses the project: {err.strip()}")

    project = json.loads(out)
    mounts = {
        name: [v for v in service.get("volumes", []) if v["type"] == "bind"]
        for name, service in project["services"].items()
    }
    sources = {name: {Path(m["source"]) for m in mounts[name]} for name in mounts}
    services = {}
    for name, service in project["services"].items():
        secrets = [Path(project["secrets"][s["source"]]["file"]) for s in service.get("secrets", [])]
        others = set().union(*(sources[other] for other in sources)) - sources[name]
        services[name] = {
            "image": service["image"],
            "mounts": [f"--volume={m['source']}:{m['target']}:ro" for m in mounts[name]],
            "fingerprint": fingerprint(sources[name], secrets, folder, others),
        }
    module.exit_json(changed=False, files=present, services=services)


if __name__ == "__main__":
    main()
