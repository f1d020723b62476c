#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""vector.py FILE: the example for Vector is YAML, what it names is there, and nothing is left to a default that does not
exist. Vector itself is not in Debian: that it takes the file, and compiles what is in it, is not shown by this."""

import sys

try:
    import yaml
except ImportError:
    print("python3-yaml is not here: not judged")
    sys.exit(77)

# What each kind of part cannot be without.
NEEDS = {"journald": set(), "remap": {"inputs", "source"}, "loki": {"inputs", "endpoint", "encoding", "labels"}}
faults = []

with open(sys.argv[1], encoding="utf-8") as file:
    config = yaml.safe_load(file)
parts = {name: part for kind in ("sources", "transforms", "sinks") for name, part in config[kind].items()}
used = {i for part in parts.values() for i in part.get("inputs", [])}
for name, part in parts.items():
    for missing in NEEDS[part["type"]] - set(part):
        faults.append(f"{name} lacks {missing}")
    for unknown in set(part.get("inputs", [])) - set(parts):
        faults.append(f"{name} takes from {unknown}, which is not there")
    if name not in config["sinks"] and name not in used:
        faults.append(f"nobody takes from {name}")
for name, part in config["transforms"].items():
    source = part["source"]
    for opening, closing in ("()", "{}", "[]"):
        if source.count(opening) != source.count(closing):
            faults.append(f"{name}: {opening} and {closing} do not match")
identifiers = parts["tmux_orchestrator"]["include_matches"]["SYSLOG_IDENTIFIER"]
if identifiers != ["tmux-orchestrator", "tmux-orchestrator-watcher"]:
    faults.append(f"the journal knows us by other names: {identifiers}")
print("\n".join(faults))
sys.exit(bool(faults))
