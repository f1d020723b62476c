#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Those who call the service: they may leave before the answer comes, and others are not kept waiting."""

import os
import signal
import subprocess

import harness
from harness import SampleAgent, need


def callers(ring, agent, n):
    """Calls that nobody answers, given up by the callers after a second."""
    calls = [("GetScreen", "u", "0"), ("Explain",)]
    commands = [(agent["path"], harness.AGENT, *calls[i % 2]) for i in range(n)]
    commands += [(harness.ROOT, harness.MANAGER, "CheckAgents", "ast", "1", agent["Id"], "0"),
                 (harness.ROOT, harness.MANAGER, "RunCycle")]
    return [subprocess.Popen(["busctl", "--user", "--timeout=1", "call", harness.NAME, *c], env=ring.env,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for c in commands]


def callers_that_leave_are_forgotten(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("work")
    seen = ring.wait_for_state(tmux, agent.pane, "working")
    watcher = ring.watcher_pid()
    os.kill(watcher, signal.SIGSTOP)
    for caller in callers(ring, seen, 8):
        need(caller.wait(60) != 0, "it gets no answer from a watcher that stands still")
    need(ring.call("ListAgents")[0], "what is known is told all the same")
    os.kill(watcher, signal.SIGCONT)
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle", 60)
    checked = ring.call("CheckAgents", "ast", "1", seen["Id"], "0")[0]
    need([row[:3] for row in checked] == [[seen["Id"], "idle", "green"]], f"it is healthy: {checked}")
    need(ring.stop("daemon") == 0, "the service ends well")


harness.main(callers_that_leave_are_forgotten)
