"""Writes every dashboard to grafana/dashboards, or says which file is not what the builders make.

dashboards.py          writes
dashboards.py --check  compares; exit code 1 where a file differs, or a dashboard breaks a rule of rules.py
"""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

import health
import host
import instances
import jvm
import rules
import service
import stack

FOLDER = Path(__file__).parent.parent / "dashboards"
BUILDERS = (health, service, instances, jvm, host, stack)


def text_of(dashboard: Dashboard) -> str:
    """Each panel gets the id of its place, so that links to panels stay."""
    for number, panel in enumerate(dashboard.panels or [], start=1):
        panel.id_val = number
    for variable in dashboard.templating.list_val or []:
        # The SDK gives every variable what only one of intervals has; Grafana's schema does not.
        variable.auto = variable.auto_min = variable.auto_count = None
    return json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    texts = {}
    for module in BUILDERS:
        dashboard = module.build().build()
        texts[f"{dashboard.uid}.json"] = text_of(dashboard)

    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    differ = sorted(name for name in texts.keys() | there.keys() if texts.get(name) != there.get(name))
    if check and differ:
        print(
            f"Not what the builders make: {', '.join(differ)}. Run make dashboards, and commit.",
            file=sys.stderr,
        )
        return 1
    broken = [f"{name}: {fault}" for name, text in texts.items() for fault in rules.faults(json.loads(text))]
    if broken:
        print("\n".join(broken), file=sys.stderr)
        return 1
    for name in [] if check else differ:
        if name in texts:
            (FOLDER / name).write_text(texts[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
        print(f"Wrote grafana/dashboards/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
