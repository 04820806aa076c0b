#!/usr/bin/python
"""Names a release by its content, and packs it."""

DOCUMENTATION = r"""
module: release_archive
short_description: Names a release by its content, and packs it
description:
  - The same files give the same name, whoever packs them and when.
options:
  source:
    description: The folder that the paths are relative to.
    type: path
    required: true
  paths:
    description: The files and folders that make the release.
    type: list
    elements: str
    required: true
  contents:
    description: Files that exist only as text, by path.
    type: dict
    default: {}
  dest:
    description: Where to write the archive. Without it, the release only gets its name.
    type: path
"""

EXAMPLES = r"""
- name: Name the release
  release_archive:
    source: .
    paths: [docker-compose.yml, prometheus]
  register: release
"""

RETURN = r"""
id:
  description: The release's name.
  type: str
  returned: success
"""

import hashlib
import io
import tarfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def files_of(source, paths):
    for path in paths:
        at = source / path
        if at.is_dir():
            for file in sorted(at.rglob("*")):
                if file.is_file():
                    yield str(file.relative_to(source)), file
        else:
            yield path, at


def main():
    module = AnsibleModule(
        argument_spec={
            "source": {"type": "path", "required": True},
            "paths": {"type": "list", "elements": "str", "required": True},
            "contents": {"type": "dict", "default": {}},
            "dest": {"type": "path"},
        },
        supports_check_mode=True,
    )
    source = Path(module.params["source"])
    try:
        found = dict(files_of(source, module.params["paths"]))
        files = {path: file.read_bytes() for path, file in found.items()}
        # A seal holds only for a jar of the time that it had when it was sealed.
        ages = {path: int(file.stat().st_mtime) for path, file in found.items()}
    except OSError as e:
        module.fail_json(msg=f"{e.filename} cannot be read: {e.strerror}.")
    files.update((path, text.encode()) for path, text in module.params["contents"].items())

    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)

    dest = module.params["dest"]
    if dest and not module.check_mode:
        with tarfile.open(dest, "w:gz", compresslevel=1) as archive:
            for path, content in sorted(files.items()):
                entry = tarfile.TarInfo(path)
                entry.size = len(content)
                entry.mode = 0o644
                entry.mtime = ages.get(path, 0)
                archive.addfile(entry, io.BytesIO(content))

    module.exit_json(changed=dest is not None, id=digest.hexdigest()[:12])


if __name__ == "__main__":
    main()
