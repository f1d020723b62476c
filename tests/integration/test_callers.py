#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Those who call the service: they may leave before the answer comes, and others are not kept waiting."""

import os
import shutil
import signal
import subprocess

import harness
from harness import SampleAgent, Skip, need, wait_for


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


def as_nobody(ring, *command):
    return subprocess.Popen(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command], env=ring.env,
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def call_as_nobody(ring, member, *arguments):
    return as_nobody(ring, "busctl", "--user", "call", harness.NAME, harness.ROOT, harness.MANAGER, member, *arguments)


def a_user_who_calls_too_often_is_refused_and_others_are_not(ring):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("only root can act as a second user, with setpriv")
    ring.start("limits:\n  calls_per_user: 20\n  costly_calls_per_user: 2\n")
    os.chmod(ring.folder, 0o711)
    # Five seconds' worth at once: ten of the costly ones. They may last longer than that here.
    results = [c.wait(60) for c in [call_as_nobody(ring, "ExportMetrics", "s", "json") for _ in range(40)]]
    need(results.count(0) >= 10 and results.count(0) < 40, f"some are refused: {results.count(0)} of 40 were answered")
    for _ in range(40):
        ring.call("ExportMetrics", "s", "json")  # we are not counted
    need(call_as_nobody(ring, "ListAgents").wait(60) == 0, "what costs nothing is answered still")
    results = [c.wait(60) for c in [call_as_nobody(ring, "ListAgents") for _ in range(300)]]
    need(results.count(0) < 300, "but not without end")
    wait_for(lambda: call_as_nobody(ring, "ExportMetrics", "s", "json").wait(60) == 0, "later it is answered again")
    need(ring.call("ListAgents") is not None, "the service goes on")


harness.main(callers_that_leave_are_forgotten, a_user_who_calls_too_often_is_refused_and_others_are_not)
