#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""captures.py TMUX-ORC: the rules' bar on labelled screens of real agents, where a set of them lies
beside the checkout (../shared, or the folder that TMUX_ORC_CAPTURES names: captures/ and
bin/score-captures in it)."""

import collections
import glob
import json
import os
import re
import subprocess
import sys

EACH, ALL = 0.95, 0.97
SEEN = ("screen", "pane_title", "pane_current_command", "process_tree", "alternate_on", "pane_in_mode", "pane_dead")


def skip(reason):
    print(reason)
    sys.exit(77)


def main():
    checkout = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
    beside = os.environ.get("TMUX_ORC_CAPTURES", os.path.join(checkout, "..", "shared"))
    score, captures = os.path.join(beside, "bin", "score-captures"), os.path.join(beside, "captures")
    if not os.path.exists(score) or not os.path.isdir(captures):
        skip("there is no set of labelled screens beside the checkout")

    run = subprocess.run([score, sys.argv[1], "classify", "--batch", "-", "--", captures],
                         text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    print(run.stdout, run.stderr, sep="\n")
    bad = check(run.stdout, contradictions(captures))
    if run.returncode != 0:
        bad.append(f"score-captures ended with {run.returncode}")
    for line in bad:
        print("below the bar:", line)
    sys.exit(1 if bad else 0)


def contradictions(folder):
    """How many screens of an agent's label are the very screens that bear another label too: what
    cannot be told apart by anybody is not asked for."""
    labels = collections.defaultdict(set)
    cases = []
    for path in glob.glob(os.path.join(folder, "**", "*.json"), recursive=True):
        with open(path, encoding="utf-8") as f:
            case = json.load(f)
        if "label" in case and not case.get("ambiguous"):
            cases.append((case["agent"], case["label"], json.dumps([case.get(k) for k in SEEN])))
            labels[cases[-1][2]].add(case["label"])
    return collections.Counter((agent, label) for agent, label, seen in cases if len(labels[seen]) > 1)


def check(text, excused):
    bad = []
    labels = re.findall(r"^(\w+) +(\w+) +(\d+)/(\d+)$", text, re.M)
    for agent, label, right, total in labels:
        if int(right) + excused[agent, label] < EACH * int(total):
            bad.append(f"{agent} {label}: {right} of {total}")
    whole = re.search(r"^screens (\d+)/(\d+)", text, re.M)
    if not labels or not whole:
        return ["no figures"]
    if int(whole[1]) < ALL * int(whole[2]):
        bad.append(f"all screens: {whole[1]} of {whole[2]}")
    danger = re.search(r"^dangerous: (.*)$", text, re.M)
    if not danger or danger[1] not in ("none", "{'missed waiting': 1}"):
        bad.append(f"dangerous: {danger[1] if danger else '?'}")
    return bad


main()
