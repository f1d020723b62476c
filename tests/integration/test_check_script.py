#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The check for Nagios and cron: one line, and the exit status that they expect."""

import os
import subprocess

import harness
from harness import SampleAgent, need, wait_for

SCRIPT = os.path.join(harness.SOURCE, "tools", "monitoring", "checks", "check_tmux_orc")


def check(ring):
    env = {**ring.env, "TMUX_ORC": os.path.join(harness.build_folder(), "tools", "tmux-orc")}
    done = subprocess.run([SCRIPT, "--user"], env=env, text=True, capture_output=True, timeout=60 * harness.PATIENCE, check=False,
                          stdin=subprocess.DEVNULL)
    need(done.stdout.count("\n") == 1 and not done.stderr, f"one line: {done.stdout} {done.stderr}")
    return done.returncode, done.stdout.strip()


def each_way_of_doing_has_its_status(ring):
    ring.start("health:\n  state_interval: 1\n")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    ring.wait_for_state(tmux, agent.pane, "waiting")
    wait_for(lambda: check(ring) == (0, "TMUX-ORC OK - 1 waiting"), lambda: f"all is well, seen {check(ring)}")

    ring.write_config("monitoring: [\n")
    ring.call("Reload", check=False)
    status, text = check(ring)
    need(status == 1 and "config" in text and "refused" in text, f"a configuration that is refused: {status} {text}")
    ring.write_config("health:\n  state_interval: 1\n")
    ring.call("Reload")

    def store_is_red():
        path = os.path.join(ring.env["XDG_STATE_HOME"], "tmux-orchestrator", "state.json")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write("{")
        status, text = check(ring)
        return status == 2 and "state_store" in text
    wait_for(store_is_red, lambda: f"what is red, seen {check(ring)}", every=0.5)

    ring.stop("daemon")
    status, text = check(ring)
    need(status == 2 and "CRITICAL" in text, f"no service: {status} {text}")


harness.main(each_way_of_doing_has_its_status)
