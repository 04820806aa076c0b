#!/usr/bin/env python3
"""Writes the names that the OpenTelemetry semantic conventions know, one on each line.

Usage: registry.py CHECKOUT > registry.tsv, where CHECKOUT is a clone of
https://github.com/open-telemetry/semantic-conventions at a release tag. Needs PyYAML.

The columns of an attribute: its key (a template ends with ".*"), the levels at which a convention uses it
(resource, span, metric, log), and, if it is deprecated, what to use instead. Those of a metric: its name, its unit, and
the same.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml

LEVELS = {"entity": "resource", "resource": "resource", "span": "span", "metric": "metric", "event": "log"}


def deprecation(item):
    deprecated = item.get("deprecated")
    if not deprecated:
        return ""
    if isinstance(deprecated, str):
        text = deprecated
    elif deprecated.get("renamed_to"):
        text = f"Use {deprecated['renamed_to']}."
    else:
        text = deprecated.get("note") or deprecated.get("reason", "deprecated")
    return re.sub(r"\s+", " ", text).strip()


class Registry:
    def __init__(self):
        self.attributes = {}  # key -> (is a template, deprecation)
        self.metrics = {}  # name -> (unit, deprecation)
        self.groups = {}  # id of a group -> (attribute keys, ids of other groups)
        self.uses = []  # (level, id of a group)

    def read(self, file):
        model = yaml.safe_load(file.read_text()) or {}
        for attribute in model.get("attributes", []):
            self.attribute(attribute.get("key"), attribute)
        for group in model.get("groups", []) + model.get("attribute_groups", []):
            self.group(group["id"], group, LEVELS.get(group.get("type", "")))
            if group.get("type") == "metric":
                self.metric(group["metric_name"], group)
        for level, signals in (("resource", "entities"), ("span", "spans"), ("metric", "metrics"), ("log", "events")):
            for signal in model.get(signals, []):
                name = signal.get("name") if isinstance(signal.get("name"), str) else signal["type"]
                self.group(f"{level}.{name}", signal, level)
                if level == "metric":
                    self.metric(name, signal)
        for level, refinements in (("span", "span_refinements"), ("metric", "metric_refinements")):
            for refinement in model.get(refinements, []):
                self.group(f"{level}.refinement.{refinement['id']}", refinement, level)

    def attribute(self, key, attribute):
        template = str(attribute.get("type", "")).startswith("template")
        self.attributes[key] = (template, deprecation(attribute))

    def metric(self, name, metric):
        if isinstance(metric.get("unit"), str):
            self.metrics[name] = (metric["unit"], deprecation(metric))

    def group(self, name, group, level):
        keys, others = set(), set()
        attributes = list(group.get("attributes", []))
        attributes += group.get("identity", []) + group.get("description", [])
        for attribute in attributes:
            if not isinstance(attribute, dict):
                continue
            if "id" in attribute:
                self.attribute(attribute["id"], attribute)
                keys.add(attribute["id"])
            elif "ref" in attribute:
                keys.add(attribute["ref"])
            elif "ref_group" in attribute:
                others.add(attribute["ref_group"])
        if group.get("extends"):
            others.add(group["extends"])
        self.groups[name] = (keys, others)
        if level:
            self.uses.append((level, name))

    def keys(self, name):
        keys, others = self.groups.get(name, (set(), set()))
        return keys.union(*(self.keys(other) for other in others))

    def lines(self):
        levels = {key: set() for key in self.attributes}
        for level, name in self.uses:
            for key in self.keys(name):
                levels[key].add(level)
        for key, (template, deprecated) in sorted(self.attributes.items()):
            yield "attribute", *split(key + (".*" if template else "")), ",".join(sorted(levels[key])), deprecated
        for name, (unit, deprecated) in sorted(self.metrics.items()):
            yield "metric", *split(name), unit, deprecated


def split(name):
    """The namespace of a name, or nothing, and the rest."""
    namespace, _, rest = name.partition(".")
    return (namespace, rest) if rest else ("", name)


def git(checkout, *command):
    return subprocess.run(["git", "-C", checkout, *command], check=True, capture_output=True, text=True).stdout.strip()


def main(checkout):
    registry = Registry()
    files = sorted(Path(checkout, "model").rglob("*.yaml"))
    if not files:
        sys.exit(f"{checkout} has no model/*.yaml: give a clone of open-telemetry/semantic-conventions.")
    for file in files:
        registry.read(file)
    print("# Made by compare/semconv/registry.py: do not edit.")
    print("# Names of the OpenTelemetry semantic conventions, © The OpenTelemetry Authors, Apache-2.0:")
    print("# https://github.com/open-telemetry/semantic-conventions")
    print(f"version\t{git(checkout, 'describe', '--tags', '--exact-match').removeprefix('v')}")
    print(f"commit\t{git(checkout, 'rev-parse', 'HEAD')}")
    for line in registry.lines():
        print("\t".join(line).rstrip())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
