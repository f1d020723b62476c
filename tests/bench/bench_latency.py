#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""From a change on a pane to the signal on the bus: real daemon, watcher, tmux and bus.

Twice, each time with a service that was just started: with changes one by one, one in a second, at random; and with twenty agents that
change within a second, and again as soon as all was told, which costs more than the budget and is paid by what was saved of it.
Or, with --endless, with two changes in a second for so long that nothing that was saved is left.
"""

import os
import random
import signal
import time

import agents
import bench
import harness

AT_ONCE, ROUNDS, QUIET_SECONDS = 20, 8, 20
PER_SECOND, STEADY_SECONDS, APART = 1, 60, 5
ENDLESS_PER_SECOND = 2
TARGETS = {50: 0.5, 200: 1.0}


class Samples:
    """Takes panes from state to state and waits for what the bus says of each."""

    def __init__(self, ring, farm):
        self.ring, self.farm = ring, farm
        self.paths = {a["Pane"]: path for path, a in ring.objects(harness.AGENT).items()}
        self.panes = dict(line.split() for line in
                          farm.tmux("list-panes", "-a", "-F", "#{pane_pid} #{pane_id}").splitlines())
        self.at = dict.fromkeys(farm.painters, 0)
        self.untold = []

    def path(self, pid):
        return self.paths[self.panes[str(pid)]]

    def go_steadily(self, per_second=PER_SECOND, seconds=STEADY_SECONDS):
        """Each to its next state, at random; none again before it had the time to be told."""
        at, when, sent, mark = self.at, {}, [], self.ring.signals.mark()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid = random.choice([p for p in at if time.monotonic() - when.get(p, 0) > APART])
            at[pid] = (at[pid] + 1) % len(agents.STATES)
            when[pid] = time.monotonic()
            sent.append((self.path(pid), agents.STATES[at[pid]], when[pid]))
            os.kill(pid, signal.SIGUSR1)
            time.sleep(random.expovariate(per_second))

        def told():
            signals = self.ring.signals.all("AgentStateChanged", mark)
            return [(state, next((s[0] - t for s in signals if s[4][0] == path and s[4][2] == state and s[0] > t), None))
                    for path, state, t in sent]
        end = time.monotonic() + 10
        while any(t is None for _, t in told()) and time.monotonic() < end:
            time.sleep(0.5)
        self.untold = [state for state, t in told() if t is None]
        return {state: [t for s, t in told() if s == state and t is not None] for state in agents.STATES}

    def go_at_once(self):
        seconds = {state: [] for state in agents.STATES}
        for _ in range(ROUNDS):
            pids = random.sample(self.farm.painters, AT_ONCE)
            for state in ("working", "waiting", "idle"):
                seconds[state] += self.move(pids, state)
        return seconds

    def move(self, pids, state):
        changed, mark = {}, self.ring.signals.mark()
        for pid in pids:
            time.sleep(random.random() * 0.1)
            changed[self.path(pid)] = time.monotonic()
            os.kill(pid, signal.SIGUSR1)

        def told():
            return {s[4][0]: s[0] for s in self.ring.signals.all("AgentStateChanged", mark) if s[4][2] == state}
        harness.wait_for(lambda: changed.keys() <= told().keys(), f"{len(pids)} agents {state}", 30)
        return [told()[path] - when for path, when in changed.items()]


def show(table, what, seconds, target):
    """Waiting and idle wait for looks that confirm them, by design."""
    for state, times in seconds.items():
        if not times:
            continue  # too few changes for so many agents
        figures = bench.figures_of(times)
        for p in ("p50", "p99"):
            table.add(f"{what}: to {state}, {p}", figures[p], "s", target if state == "working" else None)


def cost_usec(ring):
    """As the watcher itself measures it: without what tmux needs for what agents print."""
    manager = ring.call("GetAll", "s", harness.MANAGER, interface="org.freedesktop.DBus.Properties")[0]
    return manager["CostOwnUSec"]["data"] + manager["CostTmuxUSec"]["data"]


def quiet(ring, farm, n, table):
    time.sleep(5)
    cpu = agents.Cpu(ring, farm)
    time.sleep(QUIET_SECONDS)
    shares = cpu.shares(QUIET_SECONDS)
    for name, share in shares.items():
        table.add(f"{n} agents, quiet: CPU of {name}", share, "% core")
    table.add(f"{n} agents, quiet: all of it together", sum(shares.values()), "% core", 0.5)
    return shares


def measure(ring, n, what, load, table, before=None):
    farm, result = agents.AgentFarm(ring, n), {}
    try:
        ring.start()
        agents.wait_for_agents(ring, n, "idle")
        samples = Samples(ring, farm)
        if before:
            before(samples)
        begin, cost = time.monotonic(), cost_usec(ring)
        result["seconds"] = load(samples)
        share = (cost_usec(ring) - cost) / (time.monotonic() - begin) / 1e4
        show(table, f"{n} agents, {what}", result["seconds"], TARGETS[n])
        table.add(f"{n} agents, {what}: never told, {' '.join(samples.untold)}", len(samples.untold), "", 0)
        table.add(f"{n} agents, {what}: cost, by its own account", share, "% core")
        if load is Samples.go_at_once:
            result["quiet"] = quiet(ring, farm, n, table)
    finally:
        farm.close()
    return result


def measure_endless(seconds, table, results):
    def load(samples):
        return samples.go_steadily(ENDLESS_PER_SECOND, seconds / 2)

    for n in TARGETS:
        what = f"{ENDLESS_PER_SECOND} changes a second for ever"
        bench.in_rings(table, lambda ring, t: results.update({n: measure(ring, n, what, load, t, before=load)}))  # pylint: disable=cell-var-from-loop


def main(options):
    table, results = bench.Table("latency"), {}
    if options.endless:
        measure_endless(options.endless, table, results)
        table.finish(options.json, results=results)
        return
    for n in TARGETS:
        for what, load in ((f"{PER_SECOND} change a second", Samples.go_steadily), (f"{AT_ONCE} changes at once", Samples.go_at_once)):
            ring = harness.Ring()
            try:
                results[f"{n}, {what}"] = measure(ring, n, what, load, table)
            finally:
                ring.close()
    table.finish(options.json, results=results)


if __name__ == "__main__":
    parser = bench.arguments(__doc__)
    parser.add_argument("--endless", type=int, metavar="SECONDS", help="and only the second half of them counts")
    bench.run(main, parser)
