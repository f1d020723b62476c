#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What daemon and watcher hold and use: memory at 200 agents, CPU with 50 quiet and painting ones."""

import time

import agents
import bench
import harness

SECONDS = 30


def memory(ring, table):
    farm = agents.AgentFarm(ring, 200)
    try:
        ring.start()
        agents.wait_for_agents(ring, 200, "idle")
        time.sleep(SECONDS)  # a full look, and what the cache keeps
        for name, pid in (("daemon", ring.processes["daemon"].pid), ("watcher", ring.watcher_pid())):
            table.add(f"200 agents: {name}, resident", harness.resident_kib(pid) / 1024, "MiB", 8)
            anonymous = int(harness.status_of(pid)["RssAnon"].split()[0])
            table.add(f"200 agents: {name}, of that its own, not of files", anonymous / 1024, "MiB")
    finally:
        farm.close()


def cpu(ring, farm, what, target, table):
    used = agents.Cpu(ring, farm)
    time.sleep(SECONDS)
    shares = used.shares(SECONDS)
    own = sum(share for name, share in shares.items() if name != "tmux")
    table.add(f"{what}: own CPU, with the clients it runs", own, "% core", target)
    for name, share in shares.items():
        table.add(f"{what}: of {name}", share, "% core")


def work(ring, table):
    farm = agents.AgentFarm(ring, 50, first="working")
    try:
        ring.start()
        agents.wait_for_agents(ring, 50, "working")
        time.sleep(5)
        cpu(ring, farm, "50 agents, quiet", 0.2, table)
        farm.paint(20 / 50)
        time.sleep(2)
        cpu(ring, farm, "50 agents, 20 painting", 3, table)
    finally:
        farm.close()


def main(options):
    table = bench.Table("footprint")
    bench.in_rings(table, memory, work)
    table.finish(options.json)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
