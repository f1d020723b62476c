#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether anything grows: tmux, watcher and daemon over very many cycles of looking.

Runs only if TMUX_ORC_BENCH_LOOKS says how many; 100000 take a quarter of an hour or more.
"""

import os
import subprocess

import agents
import bench
import harness

AGENTS, STEPS, WARM_UP = 10, 20, 2000


def resident(ring, farm):
    return {"tmux": harness.resident_kib(farm.pid), "watcher": harness.resident_kib(ring.watcher_pid()),
            "daemon": harness.resident_kib(ring.processes["daemon"].pid)}


def cycles(ring, n):
    program = os.path.join(harness.build_folder(), "tests", "bench", "cycle-driver")
    subprocess.run([program, str(n)], env=ring.env, check=True)


def main(options):
    looks = int(os.environ.get("TMUX_ORC_BENCH_LOOKS", "0"))
    if looks == 0:
        raise harness.Skip("TMUX_ORC_BENCH_LOOKS is not set")
    table, ring, farm = bench.Table("growth"), harness.Ring(), None
    try:
        farm = agents.AgentFarm(ring, AGENTS, first="working")
        ring.start_bus()
        ring.start_daemon()
        agents.wait_for_agents(ring, AGENTS, "working")
        farm.paint(0.2)
        cycles(ring, WARM_UP)
        seen = [resident(ring, farm)]
        for i in range(STEPS):
            cycles(ring, looks // STEPS)
            seen.append(resident(ring, farm))
            print(f"{(i + 1) * (looks // STEPS):>8} looks: {seen[-1]} KiB", flush=True)
        for name in seen[0]:
            table.add(f"{name}: grown over {looks} looks", seen[-1][name] - seen[0][name], "KiB", 64)
    finally:
        if farm:
            farm.close()
        ring.close()
    table.finish(options.json, resident_kib=seen)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
