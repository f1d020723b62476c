#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What another client of the same tmux server waits longer because of us, at 200 panes."""

import json
import os
import subprocess
import time

import agents
import bench
import harness

PANES, SECONDS, ROUNDS = 200, 12, 3
SHARES = (0, 0.1)


def ping(farm):
    program = os.path.join(farm.build, "tests", "bench", "ping")
    done = subprocess.run([program, farm.socket, str(SECONDS)], env=farm.env, capture_output=True, text=True, check=True)
    return [usec / 1000 for usec in json.loads(done.stdout)]


def with_nobody(ring, farm):
    return ping(farm)


def with_us(ring, farm):
    ring.start_daemon()
    agents.wait_for_agents(ring, PANES, "working")
    time.sleep(2)
    times = ping(farm)
    ring.stop("daemon")
    return times


def with_twenty_forks_each_second(ring, farm):
    """As others do it: all panes, once a second."""
    driver = subprocess.Popen([os.path.join(farm.build, "tests", "bench", "look-driver"), farm.socket],
                              env=farm.env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    pinging = subprocess.Popen([os.path.join(farm.build, "tests", "bench", "ping"), farm.socket, str(SECONDS)],
                               env=farm.env, stdout=subprocess.PIPE, text=True)
    while pinging.poll() is None:
        driver.stdin.write("twenty-at-once 1\n")
        driver.stdin.flush()
        try:
            pinging.wait(1)
        except subprocess.TimeoutExpired:
            pass
        if pinging.stdout.closed:
            break
    driver.stdin.close()
    driver.wait(60)
    return [usec / 1000 for usec in json.load(pinging.stdout)]


WAYS = {"nobody": with_nobody, "us": with_us, "twenty forks a second": with_twenty_forks_each_second}


def show(table, share, times):
    figures = {way: bench.figures_of(t) for way, t in times.items()}
    print(f"\n{PANES} panes, {share:.0%} redrawn\n{'answer to a ping, ms':<24}{'p50':>8}{'p99':>8}{'max':>8}{'pings':>8}")
    for way, f in figures.items():
        print(f"{way:<24}{f['p50']:>8.2f}{f['p99']:>8.2f}{f['max']:>8.2f}{f['n']:>8}")
    for p in ("p50", "p99", "max"):
        table.add(f"added to a ping, {share:.0%} redrawn, {p}", figures["us"][p] - figures["nobody"][p], "ms",
                  7 if p == "p99" else None)
    return figures


def main(options):
    table, results, ring = bench.Table("interference"), {}, harness.Ring()
    farm = None
    try:
        farm = agents.AgentFarm(ring, PANES, first="working")
        ring.start_bus()
        for share in SHARES:
            farm.paint(share)
            times = {way: [] for way in WAYS}
            for _ in range(ROUNDS):
                for way, measure in WAYS.items():
                    times[way] += measure(ring, farm)
            results[share] = show(table, share, times)
    finally:
        if farm:
            farm.close()
        ring.close()
    table.finish(options.json, results=results)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
