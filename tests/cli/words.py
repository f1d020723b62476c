#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""words.py TMUX-ORC SOURCE: the manual and the completion know just the commands and options that
tmux-orc itself names."""

import json
import re
import subprocess
import sys

program, source = sys.argv[1:3]
told = json.loads(subprocess.run([program, "help", "--json"], check=True, capture_output=True, text=True).stdout)
commands = {c["name"]: {o["name"] for o in c["options"]} for c in told["commands"]}
arguments = {c["name"]: c["arguments"] for c in told["commands"]}
words = {c["name"]: set(c.get("words", "").split()) for c in told["commands"]}
general = {o["name"] for o in told["options"]}
faults = []


def compare(what, expected, found):
    for word in sorted(expected - found):
        faults.append(f"{what}: lacks {word}")
    for word in sorted(found - expected):
        faults.append(f"{what}: has {word}, which tmux-orc does not")


def section(text, heading):
    return text.split(f"\n# {heading}\n", 1)[1].split("\n# ", 1)[0]


def check_manual():
    with open(f"{source}/docs/man/tmux-orc.1.scd", encoding="utf-8") as f:
        text = f.read()
    found, current = {}, None
    for line in section(text, "COMMANDS").splitlines():
        if match := re.match(r"\*([a-z-]+)\*(.*)$", line):
            current = match[1]
            found[current] = set()
            if current in arguments and match[2].strip() != arguments[current]:
                faults.append(f"manual: {current} takes '{arguments[current]}', not '{match[2].strip()}'")
        elif match := re.match(r"\t\*(--[a-z-]+)\*", line):
            found[current].add(match[1])
    compare("manual", set(commands), set(found))
    for name, options in commands.items():
        compare(f"manual: {name}", options, found.get(name, set()))
    compare("manual: OPTIONS", general, set(re.findall(r"\*(--[a-z-]+)\*", "\n".join(
        line for line in section(text, "OPTIONS").splitlines() if line.startswith("*")))))


COMPLETE = """
. "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_tmux_orc
printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(*line):
    # No service is asked here: an address that nobody listens on.
    done = subprocess.run(["bash", "-c", COMPLETE, "bash", f"{source}/tools/tmux-orc/completion.bash", program, *line],
                          check=True, capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
                               "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"})
    if done.stderr:
        faults.append(f"completion of {line}: {done.stderr.strip()}")
    return set(done.stdout.split())


def check_completion():
    compare("completion", set(commands), complete(""))
    compare("completion: help", set(commands), complete("help", ""))
    compare("completion: options", general, complete("--"))
    for name, options in commands.items():
        compare(f"completion: {name}", options | general, complete(name, "--"))
        if words[name]:
            compare(f"completion: {name}", words[name], complete(name, ""))


def check_places():
    compare("li", {"list"}, complete("li"))
    compare("st", {"status", "status-line"}, complete("st"))
    compare("list --state w", {"working", "waiting"}, complete("list", "--state", "w"))
    compare("--host X li", {"list"}, complete("--host", "me@there", "li"))
    compare("status-line --format", {"tmux", "waybar", "plain"}, complete("status-line", "--format", ""))
    # Without a service there are no agents to choose from, and no complaint either.
    compare("show", set(), complete("show", ""))
    compare("config get", set(), complete("config", "get", ""))
    compare("doctor", set(), complete("doctor", ""))


check_manual()
check_completion()
check_places()
print("\n".join(faults))
sys.exit(bool(faults))
