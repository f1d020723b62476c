#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What strategies are worth and cost: how soon priority_based finds changes, beside polling with as many looks, on
replayed traces of 100 agents; and how long a call of each strategy in its own process takes for 1000 agents."""

import json
import os
import subprocess

import bench

SEEDS = range(1, 6)
STRATEGIES = ("polling", "async_polling", "concurrent", "event_driven", "priority_based")


def replay(program, interval):
    """Means over all seeds: {strategy: {figure: value}}."""
    runs = [json.loads(subprocess.run([program, "100", str(interval), str(seed)], capture_output=True, text=True,
                                      check=True).stdout) for seed in SEEDS]
    return {name: {key: sum(r[name][key] for r in runs) / len(runs) for key in runs[0][name]} for name in runs[0]}


def main(options):
    table = bench.Table("strategies")
    folder = os.path.abspath(options.build)
    kept = {}
    for interval in (1, 2, 10, 30):
        found = replay(os.path.join(folder, "tests", "bench", "strategy-replay"), interval)
        polling, priority = found["polling"], found["priority_based"]
        for name, row in found.items():
            print(f"  every {interval} s, {name:14} {row['looks']:9.0f} looks, {row['changes']:6.0f} changes, "
                  f"{row['unseen']:4.0f} unseen; found after mean {row['mean']:.2f} p50 {row['p50']:.2f} "
                  f"p90 {row['p90']:.2f} p99 {row['p99']:.2f} s, waiting {row['waiting']:.2f} s")
        table.add(f"every {interval} s: looks, of polling's", priority["looks"] / polling["looks"], "", 1.001)
        table.add(f"every {interval} s: mean time to a change, of polling's", priority["mean"] / polling["mean"], "", 0.8)
        kept[interval] = found
    environment = {**os.environ, "TMUX_ORC_PLUGIN_DIR": os.path.join(folder, "plugins")}
    for name in STRATEGIES:
        done = subprocess.run([os.path.join(folder, "tests", "bench", "strategy-call"),
                               os.path.join(folder, "daemon", "plugin-host"), name, "1000"],
                              env=environment, capture_output=True, text=True, check=True)
        calls = json.loads(done.stdout)["calls"]
        table.add(f"{name}, 1000 agents, p50", bench.percentile([c[0] for c in calls], 50) / 1000, "ms", 5)
        table.add(f"{name}, 1000 agents, p99", bench.percentile([c[0] for c in calls], 99) / 1000, "ms")
        table.add(f"{name}, CPU time of the daemon, p50", bench.percentile([c[1] for c in calls], 50) / 1000, "ms")
        table.add(f"{name}, CPU time of its process, p50", bench.percentile([c[2] for c in calls], 50) / 1000, "ms")
    table.finish(options.json, replay=kept)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
