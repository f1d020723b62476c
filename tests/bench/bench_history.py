#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A history of a million episodes: how large it is and how it grows, how long each report takes, and what it costs to
keep it within bounds."""

import os
import resource
import subprocess
import tempfile

import bench

EPISODES, DAYS = 1000000, 30
KINDS = ("daily", "weekly", "monthly", "performance", "capacity")
MIB = 1024 * 1024


class Driver:
    def __init__(self, build, folder):
        self.program = os.path.join(build, "tests", "history", "history-driver")
        self.path = os.path.join(folder, "history.db")

    def run(self, word, *arguments):
        """(what it printed, what it said, its CPU seconds)"""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([self.program, word, self.path, *map(str, arguments)], capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return done.stdout, done.stderr, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def size(self):
        return os.path.getsize(self.path)


def grow(driver, table):
    """The second half shows what each further episode adds."""
    driver.run("fill", EPISODES // 2, DAYS)
    half = driver.size()
    os.unlink(driver.path)
    _, _, cpu = driver.run("fill", EPISODES, DAYS)
    table.add(f"{EPISODES} episodes, samples of {DAYS} days: size", driver.size() / MIB, "MiB", 200)
    table.add("each further episode", (driver.size() - half) / (EPISODES / 2), "bytes")
    table.add("an episode written, CPU", cpu / EPISODES * 1e6, "us")


def report(driver, table):
    for kind in KINDS:
        times = []
        for _ in range(5):
            _, said, cpu = driver.run("report", kind)
            times.append((float(said), cpu))
        seconds, cpu = sorted(times)[len(times) // 2]
        table.add(f"{kind} report, by the clock", seconds, "s", 2 if kind == "monthly" else None)
        table.add(f"{kind} report, CPU", cpu, "s")


def shrink(driver, table):
    table.add("made to fit 32 MiB, by the clock", float(driver.run("upkeep", 32 * MIB)[0]), "s")
    table.add("its size then", driver.size() / MIB, "MiB", 33)


def main(options):
    table = bench.Table("history")
    with tempfile.TemporaryDirectory(prefix="bench-history-") as folder:
        driver = Driver(os.path.abspath(options.build), folder)
        for part in (grow, report, shrink):
            part(driver, table)
    table.finish(options.json)


if __name__ == "__main__":
    main(bench.arguments(__doc__).parse_args())
