#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is measured agrees with what is there."""

import json

import harness
from harness import SampleAgent, need, wait_for

PREFIX = "tmux_orchestrator_"


def metrics(ring):
    """{(name, label values…): value}"""
    return {(name.removeprefix(PREFIX), *labels.values()): value
            for name, labels, value in ring.call("GetMetrics")[0]}


def agents_and_their_changes_are_counted(ring):
    ring.start()
    tmux = ring.tmux()
    first, second = SampleAgent(tmux, "claude"), SampleAgent(tmux, "codex")
    first.play("permission")
    second.play("idle")
    ring.wait_for_state(tmux, first.pane, "waiting")
    ring.wait_for_state(tmux, second.pane, "idle")
    before = metrics(ring)
    need(before[("agents_total",)] == 2, f"both are counted: {before}")
    need(before[("agents", "waiting", "claude")] == 1 and before[("agents", "idle", "codex")] == 1, "by state and type")
    need(before[("agents_idle",)] == 1 and before[("agents_healthy",)] == 2, "and how they are")

    mark = ring.signals.mark()
    first.play("work")
    ring.wait_for_state(tmux, first.pane, "working")
    seen = [(s[4][1], s[4][2]) for s in ring.signals.all("AgentStateChanged", mark)]
    after = metrics(ring)
    for change in set(seen):
        gone_up = after[("state_changes_total", *change)] - before.get(("state_changes_total", *change), 0)
        need(gone_up == seen.count(change), f"{change} was told {seen.count(change)} times, counted {gone_up}")
    need(("agents", "waiting", "claude") not in after, "nobody waits now")


def cycles_are_timed(ring):
    ring.start("monitoring:\n  cycle_interval: 0.2\n")
    tmux = ring.tmux()
    SampleAgent(tmux, "claude").play("idle")
    wait_for(lambda: metrics(ring).get(("cycle_duration_seconds_count",), 0) >= 5, "five cycles")
    before = ring.call("GetMetrics")
    found = metrics(ring)
    buckets = [value for name, value in found.items() if name[0] == "cycle_duration_seconds_bucket"]
    need(buckets == sorted(buckets), f"buckets rise: {buckets}")
    need(found[("cycle_duration_seconds_bucket", "+Inf")] == found[("cycle_duration_seconds_count",)], "the last has all")
    need(0 < found[("cycle_duration",)] < found[("cycle_duration_seconds_sum",)], "the sum is that of many")
    need(found[("self_cpu_seconds_total",)] > 0, "its own work is counted")
    resident = harness.resident_kib(ring.processes["daemon"].pid) * 1024
    need(abs(found[("self_resident_bytes",)] - resident) < resident / 4, "so is its memory, as the kernel has it")
    need(before, "and all is told")
    text = json.loads(ring.call("ExportMetrics", "s", "json")[0])
    cycle = next(m for m in text if m["name"] == PREFIX + "cycle_duration_seconds")
    need(0 < cycle["p50_usec"] <= cycle["p95_usec"] <= cycle["p99_usec"], f"percentiles rise: {cycle}")


def errors_are_counted_where_they_happen(ring):
    ring.start()
    need(metrics(ring)[("errors_total", "config")] == 0, "nothing failed so far")
    ring.write_config("monitoring: [\n")
    for n in (1, 2):
        need(ring.call("Reload", check=False) is None, "a wrong file is refused")
        need(metrics(ring)[("errors_total", "config")] == n, "and counted")
    need(metrics(ring)[("component_health", "config")] == 0.5, "that is yellow")
    ring.write_config("")
    ring.call("Reload")
    found = metrics(ring)
    need(found[("errors_total", "config")] == 2 and found[("component_health", "config")] == 1, "mended, not forgotten")


harness.main(agents_and_their_changes_are_counted, cycles_are_timed, errors_are_counted_where_they_happen)
