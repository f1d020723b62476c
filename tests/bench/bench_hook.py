#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long an agent waits for its hook, 200 times each: the whole process, of each program that has
hooks, with the service, without it, and without a message bus. Beside it one process that does
nothing and one that asks the service for a property."""

import json
import os
import subprocess
import time

import bench
import harness
from harness import SampleAgent

ROUNDS = 200
TARGET = 10  # ms, for 99 of 100
EVENTS = {"claude": "PreToolUse", "codex": "PreToolUse", "gemini": "BeforeTool", "opencode": "permission.asked"}


def payload(event):
    """What a tool is to be called with may be a whole file."""
    return json.dumps({"hook_event_name": event, "session_id": "s", "tool_name": "Bash", "tool_input": {"command": "x" * 20000}})


def run(command, env, text=""):
    begin = time.perf_counter()
    subprocess.run(command, env=env, input=text, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - begin) * 1000


def hooks(ring, tmux, panes):
    """{name: what runs it}, as the programs run it that have hooks."""
    orc = os.path.join(harness.build_folder(), "tools", "tmux-orc")

    def one(name, event):
        env = dict(ring.env, TMUX=f"{tmux.path},{tmux.pid},0", TMUX_PANE=panes[name])
        return lambda: run([orc, "hook", name, event], env, payload(event))
    return {f"tmux-orc hook {name}": one(name, event) for name, event in EVENTS.items()}


def measure(table, where, ways):
    times = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(way())
    for name, values in times.items():
        what = f"{name}, {where}"
        table.add(f"{what}: p50", bench.percentile(values, 50), "ms")
        table.add(f"{what}: p99", bench.percentile(values, 99), "ms", TARGET if "hook" in name else None)
        table.add(f"{what}: longest", max(values), "ms")


def all_ways(ring, table):
    ring.start()
    tmux = ring.tmux()
    panes = {}
    for name in EVENTS:
        agent = SampleAgent(tmux, name)
        agent.play("work")
        ring.wait_for_state(tmux, agent.pane, "working", 60)
        panes[name] = agent.pane
    # Its word is not taken, for it is no process of that pane: that is found out at the end of the way.
    ways = hooks(ring, tmux, panes)
    asked = ["busctl", "--user", "get-property", harness.NAME, harness.ROOT, harness.MANAGER, "Version"]
    measure(table, "with the service", {"true": lambda: run(["true"], ring.env),
                                        "busctl get-property": lambda: run(asked, ring.env), **ways})
    ring.stop("daemon")
    measure(table, "without the service", ways)
    ring.stop_bus()
    measure(table, "without a bus", ways)


def main(options):
    table = bench.Table("hook")
    bench.in_rings(table, all_ways)
    table.finish(options.json)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
