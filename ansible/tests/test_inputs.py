"""The inputs are told three times: in each role's defaults, in its argument_specs, and in the README."""

import yaml
from playbook import ANSIBLE

ROLES = sorted(path.parent.parent for path in ANSIBLE.glob("roles/*/meta/argument_specs.yml"))


def options(role):
    return yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]


def row(name, option):
    default = option["default"]
    text = yaml.safe_dump(default, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()
    if default in ("", []):
        text = ""
    elif len(text) > 60 or "{{" in text:
        text = "in the role's defaults"
    else:
        text = f"`{text}`"
    return f"| `{name}` | {text} | {option['description']} |"


def test_every_role_specifies_exactly_its_defaults():
    assert len(ROLES) == 4
    for role in ROLES:
        defaults = yaml.safe_load((role / "defaults/main.yml").read_text())
        assert {name: option["default"] for name, option in options(role).items()} == defaults


def test_the_readme_lists_every_input():
    wanted = [row(name, option) for role in ROLES for name, option in options(role).items()]
    lines = (ANSIBLE / "README.md").read_text().splitlines()
    found = [
        line for line in lines if line.startswith(("| `aws_", "| `compose_", "| `docker_", "| `stack_v"))
    ]
    assert found == wanted, "\n".join(wanted)


def test_the_readme_shows_the_iam_policy():
    assert (ANSIBLE / "iam-policy.json").exists()
    assert "[iam-policy.json](iam-policy.json)" in (ANSIBLE / "README.md").read_text()
