#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long it takes to read and judge one changed screen, over all saved screens there are: those of
the tests, and the set that lies beside the checkout, or in the folder that TMUX_ORC_CAPTURES names."""

import glob
import json
import os
import subprocess

import bench
import harness


def saved_screens(folders):
    return sorted(path for folder in folders for path in glob.glob(os.path.join(folder, "**", "*.json"), recursive=True))


def main(options):
    table = bench.Table("judge")
    beside = os.environ.get("TMUX_ORC_CAPTURES", os.path.join(harness.SOURCE, "..", "shared"))
    screens = saved_screens([os.path.join(harness.SOURCE, "tests", "captures"), os.path.join(beside, "captures")])
    rules = os.path.join(harness.SOURCE, "daemon", "watcher", "detect", "rules")
    program = os.path.join(os.path.abspath(options.build), "tests", "bench", "judge-speed")
    done = subprocess.run([program, rules, *screens], capture_output=True, text=True, check=True)
    usec = json.loads(done.stdout)
    table.add(f"judging one of {len(usec)} screens, p50", bench.percentile(usec, 50), "µs", 50)
    table.add("judging a screen, p90", bench.percentile(usec, 90), "µs")
    table.add("judging a screen, p99", bench.percentile(usec, 99), "µs", 50)
    table.add("judging a screen, the slowest", max(usec), "µs")
    slowest = sorted(zip(usec, screens), reverse=True)[:5]
    for time, path in slowest:
        print(f"  {time:8.1f} µs {path}")
    table.finish(options.json, usec=usec)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
