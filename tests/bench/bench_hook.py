#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long an agent waits for its hook: the whole process, beside one that does nothing and one that
asks the service for a property."""

import os
import subprocess
import time

import bench
import harness
from harness import SampleAgent

ROUNDS = 200
PAYLOAD = '{"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Bash", "tool_input": {"command": "%s"}}' % ("x" * 20000)


def run(command, env):
    begin = time.perf_counter()
    subprocess.run(command, env=env, input=PAYLOAD, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - begin) * 1000


def measure(ring, table):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    # The answer comes from the watcher either way; here it is that we are no process of that pane.
    env = dict(ring.env, TMUX=f"{tmux.path},{tmux.pid},0", TMUX_PANE=agent.pane)
    orc = os.path.join(harness.build_folder(), "tools", "tmux-orc")
    ways = {
        "true": ["true"],
        "busctl get-property": ["busctl", "--user", "get-property", harness.NAME, harness.ROOT, harness.MANAGER, "Version"],
        "tmux-orc hook": [orc, "--user", "hook", "claude", "PreToolUse"],
        "tmux-orc hook, no bus chosen": [orc, "hook", "claude", "PreToolUse"],
    }
    times = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, command in ways.items():
            times[name].append(run(command, env))
    for name, values in times.items():
        target = 10 if name.startswith("tmux-orc") else None
        table.add(f"{name}: p50", bench.percentile(values, 50), "ms", target)
        table.add(f"{name}: p99", bench.percentile(values, 99), "ms")
    base = bench.percentile(times["busctl get-property"], 50)
    table.add("tmux-orc hook, in times of busctl get-property", bench.percentile(times["tmux-orc hook"], 50) / base, "x")


def main(options):
    table = bench.Table("hook")
    ring = harness.Ring()
    try:
        measure(ring, table)
    finally:
        ring.close()
    table.finish(options.json)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
