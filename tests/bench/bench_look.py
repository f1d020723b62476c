#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What one look costs, beside what it costs to run a tmux for every pane, in the same rounds.

"look" is what the watcher does, which does not ask a server that did nothing meanwhile; "ask" is one that has to;
"glance" is what it does in between, when the kernel told of as many panes as are redrawn, or of one: it lists nothing;
"full" captures everything. "floor" is what tmux alone needs: connections for captures of at most fifty panes each, of
as many as are redrawn, or of all where none is, and not even a list of which panes there are.
"""

import json
import os
import shutil
import subprocess
import time

import bench

# The issue of all this: how many times faster than one by one, by panes and share redrawn.
FASTER = {("look", 50, 0): 140, ("look", 200, 0): 230, ("look", 1000, 0): 700, ("ask-native", 50, 0.3): 80,
          ("full-native", 50, 0): 50, ("full-source", 50, 0): 20}
# The server's CPU: how many times less than one by one.
CHEAPER = {("look", 50, 0): 25, ("look", 200, 0): 100, ("look", 1000, 0): 600}
SHARES = (0, 0.1, 0.3)
OTHERS = ("one-by-one", "twenty-at-once", "libtmux-like")


class Driver:
    def __init__(self, farm, build):
        self.process = subprocess.Popen([os.path.join(build, "tests", "bench", "look-driver"), farm.socket],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=farm.env)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def set_redrawn(self, count):
        self.process.stdin.write(f"redrawn {count}\n")

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


def libtmux_like(farm):
    """Each command a process, waited for, its text decoded and split: as libtmux does it."""
    def command(*args):
        program = shutil.which("tmux")
        done = subprocess.run([program, "-S", farm.socket, *args], text=True, errors="backslashreplace",
                              capture_output=True, env=farm.env, check=True)
        lines = done.stdout.split("\n")
        while lines and not lines[-1]:
            lines.pop()
        return lines

    fields = "\t".join("#{%s}" % f for f in (
        "session_id", "session_name", "window_id", "window_index", "window_name", "pane_id", "pane_index", "pane_pid",
        "pane_title", "pane_width", "pane_height", "pane_current_command", "pane_current_path", "pane_active"))
    panes = [line.split("\t")[5] for line in command("list-panes", "-a", "-F", fields)]
    for pane in panes:
        command("capture-pane", "-p", "-t", pane)


def measure_libtmux_like(farm, count):
    times, start, server = [], time.process_time(), bench.cpu_seconds(farm.pid)
    children = os.times()
    for _ in range(count):
        begin = time.monotonic()
        libtmux_like(farm)
        times.append((time.monotonic() - begin) * 1e6)
    after = os.times()
    own = time.process_time() - start + after.children_user + after.children_system - \
        children.children_user - children.children_system
    return {"wall_us": times, "server_us": (bench.cpu_seconds(farm.pid) - server) * 1e6, "own_us": own * 1e6,
            "captured": 0, "panes": len(farm.painters)}


def counts(n):
    """How often each way is gone in one round, and how many rounds."""
    forks = {10: 5, 50: 2}.get(n, 1)
    ours = {"look": 40, "ask": 40, "glance": 20, "full": 10, "floor": 10} if n < 1000 else \
        {"look": 20, "ask": 20, "glance": 20, "full": 3, "floor": 3}
    return {**dict.fromkeys(OTHERS, forks), **ours}, {10: 7, 50: 7, 200: 5}.get(n, 3)


def merge(runs):
    times = [t for r in runs for t in r["wall_us"]]
    return {**bench.figures_of(times), "server_us": sum(r["server_us"] for r in runs) / len(times),
            "own_us": sum(r["own_us"] for r in runs) / len(times),
            "captured": sum(r["captured"] for r in runs) / len(times)}


def settle(driver, methods):
    """Until nothing is new to us any more: the second of the last change is over."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if all(driver.ask(f"{m} 1")["captured"] == 0 for m in methods if m.startswith("look")):
            return
        time.sleep(0.1)


def measure(farm, driver, n):
    methods = driver.ask("methods") + ["libtmux-like"]
    per_round, rounds = counts(n)
    runs = {m: [] for m in methods}
    for _ in range(rounds):
        for method in methods:
            count = per_round.get(method) or per_round[method.split("-")[0]]
            runs[method].append(measure_libtmux_like(farm, count) if method == "libtmux-like"
                                else driver.ask(f"{method} {count}"))
    return {m: merge(r) for m, r in runs.items()}


def show(table, n, share, results):
    base, twenty, libtmux = (results[m] for m in ("one-by-one", "twenty-at-once", "libtmux-like"))
    print(f"\n{n} panes, {share:.0%} redrawn"
          f"\n{'':<16}{'p50 ms':>9}{'p99 ms':>9}{'server ms':>11}{'own ms':>8}{'captured':>10}"
          f"{'x one':>8}{'x twenty':>9}{'x libtmux':>10}")
    for method, r in results.items():
        print(f"{method:<16}{r['p50'] / 1e3:>9.2f}{r['p99'] / 1e3:>9.2f}{r['server_us'] / 1e3:>11.2f}"
              f"{r['own_us'] / 1e3:>8.2f}{r['captured']:>10.1f}{base['p50'] / r['p50']:>8.1f}"
              f"{twenty['p50'] / r['p50']:>9.1f}{libtmux['p50'] / r['p50']:>10.1f}")
    for method, r in results.items():
        kind = method.split("-")[0]
        if method in OTHERS:
            continue
        what = f"{method}, {n} panes, {share:.0%} redrawn"
        faster = FASTER.get((kind, n, share)) or FASTER.get((method, n, share))
        table.add(f"{what}: faster than one by one", base["p50"] / r["p50"], "times", faster, at_least=True)
        table.add(f"{what}: less CPU of the server", base["server_us"] / r["server_us"], "times",
                  CHEAPER.get((kind, n, share)), at_least=True)


def main(options):
    build, table, all_results = os.path.abspath(options.build), bench.Table("look"), []
    for n in options.panes:
        farm = bench.Farm(build)
        try:
            farm.fill(n, hertz=10 if n <= 200 else 2)
            driver = Driver(farm, build)
            for share in options.shares:
                farm.paint(share)
                driver.set_redrawn(round(n * share))
                if share == 0:
                    settle(driver, driver.ask("methods"))
                results = measure(farm, driver, n)
                show(table, n, share, results)
                all_results.append({"panes": n, "redrawn": share, "methods": results})
            driver.close()
        finally:
            farm.close()
    table.finish(options.json, results=all_results)


if __name__ == "__main__":
    parser = bench.arguments(__doc__)
    parser.add_argument("panes", nargs="+", type=int)
    parser.add_argument("--shares", nargs="+", type=float, default=SHARES, help="of the panes, redrawn all the time")
    bench.run(main, parser)
