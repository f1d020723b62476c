#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""From a change on a pane to the signal on the bus: real daemon, watcher, tmux and bus."""

import os
import random
import signal
import time

import agents
import bench
import harness

AT_ONCE, ROUNDS, QUIET_SECONDS = 20, 8, 20
TARGETS = {50: 0.5, 200: 1.0}


class Samples:
    """Takes panes from state to state and waits for what the bus says of each."""

    def __init__(self, ring, farm):
        self.ring, self.farm = ring, farm
        self.paths = {a["Pane"]: path for path, a in ring.objects(harness.AGENT).items()}
        self.panes = dict(line.split() for line in
                          farm.tmux("list-panes", "-a", "-F", "#{pane_pid} #{pane_id}").splitlines())
        self.seconds = {state: [] for state in agents.STATES}

    def move(self, pids, state):
        changed, mark = {}, self.ring.signals.mark()
        for pid in pids:
            time.sleep(random.random() * 0.1)
            changed[self.paths[self.panes[str(pid)]]] = time.monotonic()
            os.kill(pid, signal.SIGUSR1)

        def told():
            return {s[4][0]: s[0] for s in self.ring.signals.all("AgentStateChanged", mark) if s[4][2] == state}
        harness.wait_for(lambda: changed.keys() <= told().keys(), f"{len(pids)} agents {state}", 30)
        self.seconds[state] += [told()[path] - when for path, when in changed.items()]


def measure(ring, n, table):
    farm = agents.AgentFarm(ring, n)
    try:
        ring.start()
        agents.wait_for_agents(ring, n, "idle")
        samples = Samples(ring, farm)
        for _ in range(ROUNDS):
            pids = random.sample(farm.painters, AT_ONCE)
            for state in ("working", "waiting", "idle"):
                samples.move(pids, state)
        time.sleep(5)
        cpu = agents.Cpu(ring, farm)
        time.sleep(QUIET_SECONDS)
        shares = cpu.shares(QUIET_SECONDS)
    finally:
        farm.close()
    for state, times in samples.seconds.items():
        figures = bench.figures_of(times)
        # The last two wait for looks that confirm them, by design.
        table.add(f"{n} agents: to {state}, p50", figures["p50"], "s", TARGETS[n] if state == "working" else None)
        table.add(f"{n} agents: to {state}, p99", figures["p99"], "s", TARGETS[n] if state == "working" else None)
    table.add(f"{n} quiet agents: ours and tmux's CPU at this pace", sum(shares.values()), "% core", 0.5)
    return {"seconds": samples.seconds, "cpu": shares}


def main(options):
    table, results = bench.Table("latency"), {}
    for n in TARGETS:
        ring = harness.Ring()
        try:
            results[n] = measure(ring, n, table)
        finally:
            ring.close()
    table.finish(options.json, results=results)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
