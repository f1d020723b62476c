#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is alarming is told everywhere: on the bus, in the journal, by tmux-orc, in the metrics."""

import json
import os
import subprocess

import harness
from harness import need, read, wait_for

ALERT = harness.NAME + ".Alert"
ID = "StateFileLarge.critical"


def tmux_orc(ring, *args):
    done = subprocess.run([os.path.join(harness.build_folder(), "tools", "tmux-orc"), "--user", *args], env=ring.env, text=True,
                          capture_output=True, timeout=30 * harness.PATIENCE, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


def let_the_state_file_be_large(ring):
    path = os.path.join(ring.env["XDG_STATE_HOME"], "tmux-orchestrator", "state.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "ab") as f:
        f.truncate(60_000_000)


def a_limit_that_is_crossed_is_told_everywhere(ring):
    ring.start()
    need(ring.call("ListAlerts")[0] == [], "nothing is alarming at first")
    code, text = tmux_orc(ring, "alerts")
    need(code == 0, f"which is fine: {code} {text}")

    let_the_state_file_be_large(ring)
    raised = wait_for(lambda: ring.signals.all("AlertRaised"), "the alert", 40)
    path, severity, summary = raised[0][4]
    need(severity == "critical" and "60 MB, more than 50 MB" in summary, f"{raised}")
    listed = ring.call("ListAlerts")[0]
    need([(a[0], a[1], a[2], a[4]) for a in listed] == [(ID, "critical", summary, path)], f"{listed}")
    found = ring.objects(ALERT)
    need(found[path]["Component"] == "state_store" and found[path]["Value"] == 60e6, f"{found}")

    code, text = tmux_orc(ring, "alerts")
    need(code == 1 and "● critical" in text and ID in text, f"{code} {text}")
    code, text = tmux_orc(ring, "--json", "alerts", "--history")
    need(code == 0 and json.loads(text)[0]["until"] == 0, f"{code} {text}")
    log = read(ring.log_path("daemon"))
    need(f"TMUX_ORC_ALERT={ID} TMUX_ORC_SEVERITY=critical" in log, "the journal has it")
    need("TMUX_ORC_ALERT=StateFileLarge.info" in log, "and the info, which is nowhere else")
    samples = {(n, *labels.values()): v for n, labels, v in ring.call("GetMetrics")[0]}
    need(samples["tmux_orchestrator_alerts", "critical"] == 1 and samples["tmux_orchestrator_alerts", "warning"] == 0, "so have the metrics")


def what_was_alarming_is_known_after_a_restart(ring):
    ring.start()
    let_the_state_file_be_large(ring)
    wait_for(lambda: ring.signals.all("AlertRaised"), "the alert", 40)
    ring.stop("daemon")
    ring.start_daemon()
    history = json.loads(tmux_orc(ring, "--json", "alerts", "--history")[1])
    need([h["id"] for h in history] == [ID] and history[0]["until"] > history[0]["since"], f"{history}")
    need(ring.call("ListAlerts")[0] == [], "it is over")


harness.main(what_was_alarming_is_known_after_a_restart, a_limit_that_is_crossed_is_told_everywhere)
