#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What others notice of a user who calls the service as fast as the bus lets it."""

import json
import os
import subprocess

import bench
import harness

CALLS, SECONDS = 500, 8


def caller(ring, *arguments, stranger=False):
    command = [os.path.join(harness.build_folder(), "tests", "bench", "caller"), *map(str, arguments)]
    if stranger:
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    return subprocess.Popen(command, env=ring.env, text=True, stdout=subprocess.PIPE)


def times(ring):
    return json.loads(caller(ring, "measure", CALLS, "ListAgents").communicate()[0])


def measure(ring, table):
    # Nothing else to ask the bus for while it is measured.
    ring.start_bus()
    ring.start_daemon()
    os.chmod(ring.folder, 0o711)
    alone = times(ring)
    rows = [("nobody else calls", alone)]
    for what, limit in (("a flood that is not limited", 0), ("a flood", 200)):
        ring.call("SetConfig", "svb", "limits.calls_per_user", "x", limit, "false")
        flood = caller(ring, "flood", SECONDS, "ListAgents", stranger=True)
        try:
            flood.wait(3)  # until its five seconds' worth are spent
        except subprocess.TimeoutExpired:
            pass
        rows.append((what, times(ring)))
        counts = json.loads(flood.communicate()[0])
        table.add(f"{what}: answered in a second", counts["answered"] / SECONDS, "calls")
        table.add(f"{what}: refused in a second", counts["refused"] / SECONDS, "calls")
    for what, values in rows:
        target = 3 * bench.percentile(alone, 50) / 1000 if what == "a flood" else None
        table.add(f"ListAgents while {what}: p50", bench.percentile(values, 50) / 1000, "ms", target)
        table.add(f"ListAgents while {what}: p99", bench.percentile(values, 99) / 1000, "ms")


def main(options):
    if os.geteuid() != 0:
        raise harness.Skip("only root can act as a second user")
    table = bench.Table("flood")
    ring = harness.Ring()
    try:
        measure(ring, table)
    finally:
        ring.close()
    table.finish(options.json)


if __name__ == "__main__":
    bench.run(main, bench.arguments(__doc__))
