#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""captures.py TMUX-ORC: the rules' bar on labelled screens of real agents, where a set of them lies
beside the checkout (../shared, or the folder that TMUX_ORC_CAPTURES names: captures/ and
bin/score-captures in it)."""

import os
import re
import subprocess
import sys

EACH, ALL = 0.95, 0.97


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
    bad = check(run.stdout)
    if run.returncode != 0:
        bad.append(f"score-captures ended with {run.returncode}")
    for line in bad:
        print("below the bar:", line)
    sys.exit(1 if bad else 0)


def check(text):
    bad = []
    labels = re.findall(r"^(\w+) +(\w+) +(\d+)/(\d+)$", text, re.M)
    for agent, label, right, total in labels:
        if int(right) < EACH * int(total):
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
