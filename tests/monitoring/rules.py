#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rules.py RULES: what Prometheus makes of the rule file, by its own promtool and recorded series: each alert fires
when it should, stays, and goes."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

LABELS = {"instance": "here", "job": "tmux-orchestrator"}
BAD, CALM, STEP = 26, 20, 30  # minutes of trouble, then of calm; seconds between samples


def series(name, bad, calm, **labels):
    """A gauge: so much while things are bad, so much afterwards."""
    text = ",".join(f'{k}="{v}"' for k, v in {**LABELS, **labels}.items())
    n = 60 // STEP
    return {"series": f"tmux_orchestrator_{name}{{{text}}}", "values": f"{bad}x{BAD * n} {calm}x{CALM * n}"}


def growing(name, bad, calm, **labels):
    """A counter that grows by so much a minute."""
    n = 60 // STEP
    values = [0.0]
    for _ in range(BAD * n):
        values.append(values[-1] + bad / n)
    for _ in range(CALM * n):
        values.append(values[-1] + calm / n)
    return {**series(name, 0, 0, **labels), "values": " ".join(f"{v:.9g}" for v in values)}


# What makes it bad, then calm again, and the value that is told.
CASES = {
    "CyclesSlow": ([series("agents_total", 5, 5), growing("cycle_duration_seconds_sum", 6, 1),
                    growing("cycle_duration_seconds_count", 100, 100)], "60ms"),
    "CyclesFail": ([growing("cycle_failures_total", 10, 0), growing("cycle_duration_seconds_count", 90, 100)], "10%"),
    "MemoryHigh": ([series("self_resident_bytes", 300e6, 50e6)], "300MB"),
    "CpuHigh": ([growing("self_cpu_seconds_total", 30, 1)], "50%"),
    "BudgetExceeded": ([series("cost_budget_used", 3, 0.9)], "300%"),
    "ComponentLoadSlow": ([series("component_load_seconds", 20, 1, component="cache")], "20s"),
    "StateFileLarge": ([series("state_file_bytes", 60e6, 5e6)], "60MB"),
    "ErrorsMany": ([growing("errors_total", 8, 0, component="bus"), growing("errors_total", 2, 1, component="cache")], "10"),
    "PoolBusy": ([series("pool_utilization", 0.95, 0.1)], "95%"),
    "CacheHitRateLow": ([growing("cache_hits_total", 100, 180, layer="config"),
                         growing("cache_misses_total", 100, 20, layer="config")], "50%"),
    "DetectionErrors": ([growing("agent_detection_errors", 30, 0)], "500m"),
    "StrategyFails": ([series("strategies_failing", 1, 0)], ""),
    "AgentGivenUp": ([series("agents_given_up", 2, 0)], "2"),
    "ComponentDown": ([series("component_up", 0, 1, component="cache")], ""),
}


def rules_of(path):
    """[{name, severity, component, for, summary}] of our own file, whose form we know."""
    with open(path, encoding="utf-8") as f:
        blocks = f.read().split("      - ")[1:]
    found = []
    for block in blocks:
        if not block.startswith("alert: "):
            continue
        found.append({
            "name": re.search(r"alert: TmuxOrchestrator(\w+)", block)[1],
            "severity": re.search(r"severity: (\w+)", block)[1],
            "component": (re.search(r"^ +component: (\w+)", block, re.M) or [None, "cache"])[1],
            "for": int(re.search(r"for: (\d+)m", block)[1]),
            "summary": re.search(r"summary: '(.*)'", block)[1],
        })
    return found


def expected(rule, value):
    summary = rule["summary"].replace("{{ $labels.component }}", "cache")
    return {"exp_labels": {**LABELS, "severity": rule["severity"], "component": rule["component"]},
            "exp_annotations": {"summary": re.sub(r"\{\{ \$value[^}]*\}\}B?", value, summary)}}


def case(name, rules):
    inputs, value = CASES[name]
    tests = []

    def at(minute, wanted):
        tests.append({"eval_time": f"{minute}m", "alertname": "TmuxOrchestrator" + name,
                      "exp_alerts": [expected(r, value) for r in wanted]})

    # By then what grows fills the window.
    at(6, [r for r in rules if r["for"] < 6])
    at(14, [r for r in rules if r["for"] < 14])
    at(25, rules)
    at(BAD + CALM, [])
    return {"interval": f"{STEP}s", "name": name, "input_series": inputs, "alert_rule_test": tests}


def keeping(rules):
    """An alert outlives what raised it by five minutes. What it says then is not compared: it is the last value."""
    rule = next(r for r in rules if r["name"] == "ComponentDown")
    inputs = CASES["ComponentDown"][0]
    return {"interval": f"{STEP}s", "name": "keeping", "input_series": inputs, "alert_rule_test": [
        {"eval_time": f"{BAD + 4}m", "alertname": "TmuxOrchestratorComponentDown", "exp_alerts": [expected(rule, "")]},
        {"eval_time": f"{BAD + 7}m", "alertname": "TmuxOrchestratorComponentDown", "exp_alerts": []}]}


def main(path):
    promtool = shutil.which("promtool")
    if not promtool:
        print("there is no promtool: apt install prometheus")
        return 77
    rules = rules_of(path)
    if {r["name"] for r in rules} != set(CASES):
        print(f"alerts and tests are not the same: { {r['name'] for r in rules} ^ set(CASES) }")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        tests = os.path.join(folder, "tests.yaml")
        cases = [case(name, [r for r in rules if r["name"] == name]) for name in CASES] + [keeping(rules)]
        with open(tests, "w", encoding="utf-8") as f:
            json.dump({"rule_files": [os.path.abspath(path)], "evaluation_interval": f"{STEP}s", "tests": cases}, f)
        ok = subprocess.run([promtool, "check", "rules", "--lint=all", "--lint-fatal", path], check=False).returncode == 0
        return 0 if subprocess.run([promtool, "test", "rules", tests], check=False).returncode == 0 and ok else 1


sys.exit(main(sys.argv[1]))
