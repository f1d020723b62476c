#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What asking a plugin costs: beside a ping of the same service in the same turns, and in memory."""

import json
import os
import shutil
import subprocess

import bench
import harness

WARM, CALLS, MANY = 200, 3000, 10000
# "noop" of the build tree, with answers that are remembered.
MANIFEST = """name: noop
version: 1.0.0
kind: tool
api: 1
payload: noop.so
description: Gives back what it is given.
cache_ttl: 1h
"""


def caller(ring, *words, **options):
    program = os.path.join(harness.build_folder(), "tests", "plugins", "plugin-caller")
    return subprocess.run([program, *words], env=ring.env, text=True, capture_output=True, check=True, **options).stdout


def private_kib(pid):
    return int(harness.status_of(pid).get("RssAnon", "0 kB").split()[0])


def main(options):
    table = bench.Table("plugins")
    ring = harness.Ring()
    try:
        folder = os.path.join(ring.env["XDG_DATA_HOME"], "tmux-orchestrator", "plugins", "noop")
        os.makedirs(folder)
        shutil.copy(os.path.join(harness.build_folder(), "plugins", "noop", "noop.so"), folder)
        with open(os.path.join(folder, "plugin.yaml"), "w", encoding="utf-8") as f:
            f.write(MANIFEST)
        os.chmod(os.path.join(folder, "plugin.yaml"), 0o644)
        # No listener on the bus: it would take its part of the time.
        ring.start_bus()
        ring.start_daemon()
        caller(ring, "time", "noop", str(WARM))
        usec = json.loads(caller(ring, "time", "noop", str(CALLS)))
        measure_time(table, usec)
        measure_memory(table, ring)
    finally:
        ring.close()
    table.finish(options.json)


def measure_time(table, usec):
    p50 = {what: bench.percentile(times, 50) for what, times in usec.items()}
    for what in ("ping", "call", "cached"):
        table.add(f"{what}, p50 of {CALLS}", p50[what], "us")
        table.add(f"{what}, p99", bench.percentile(usec[what], 99), "us")
    table.add("a call of a C plugin, times a ping", p50["call"] / p50["ping"], "x", 3)
    table.add("a remembered answer, times a ping", p50["cached"] / p50["ping"], "x", 1.5)


def measure_memory(table, ring):
    daemon = ring.processes["daemon"].pid
    host = next(p for p in harness.children_of(daemon) if "plugin-host" in harness.read(f"/proc/{p}/comm"))
    before = private_kib(daemon), private_kib(host)
    caller(ring, "time", "noop", str(MANY))
    after = private_kib(daemon), private_kib(host)
    table.add(f"service: memory after {MANY} calls more", after[0] - before[0], "KiB", 256)
    table.add(f"plugin: memory after {MANY} calls more", after[1] - before[1], "KiB", 64)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
