#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service's parts: one that has failed is restarted alone, and all can be told to begin anew."""

import os
import signal

import harness
from harness import SampleAgent, need, wait_for

COMPONENT = harness.NAME + ".Component"


def component(ring, name):
    path = f"{harness.ROOT}/component/{name.replace('_', '_5f')}"
    return ring.objects(COMPONENT)[path]


def pool(ring):
    return ring.busctl("get-property", harness.NAME, harness.ROOT, harness.MANAGER, "Pool")


def a_watcher_that_stands_still_is_replaced(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    watcher, daemon = ring.watcher_pid(), ring.processes["daemon"].pid
    os.kill(watcher, signal.SIGSTOP)
    wait_for(lambda: ring.watcher_pid() not in (0, watcher), "another watcher", 90)
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle", 30)
    need(ring.processes["daemon"].pid == daemon and ring.processes["daemon"].poll() is None, "the service went on")
    wait_for(lambda: component(ring, "agent_monitor")["Health"] == "green", "it is well again")
    need(component(ring, "agent_monitor")["Restarts"] == 1, f"it is counted: {component(ring, 'agent_monitor')}")


def parts_begin_anew_when_they_are_told_to(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    wait_for(lambda: pool(ring).get("created", 0) > 0, lambda: f"the pool is told: {pool(ring)}")
    before = pool(ring)["recycled"]
    ring.call("RestartComponent", "s", "tmux_pool")
    wait_for(lambda: pool(ring)["recycled"] > before, lambda: f"the pool has new slots: {pool(ring)}")
    watcher = ring.watcher_pid()
    ring.call("RestartComponent", "s", "agent_monitor")
    wait_for(lambda: ring.watcher_pid() not in (0, watcher), "another watcher")
    ring.wait_for_state(tmux, agent.pane, "idle")
    for name in ("config", "cache", "plugin_manager", "state_store"):
        ring.call("RestartComponent", "s", name)
        need(component(ring, name)["Restarts"] == 1, f"{name} is counted: {component(ring, name)}")
    need(component(ring, "agent_monitor")["DependsOn"] == ["config", "tmux_pool"], "what it rests on is told")
    need(ring.call("RestartComponent", "s", "bus", check=False) is None, "the bus cannot be restarted over the bus")
    need(ring.call("RestartComponent", "s", "sail", check=False) is None, "there is no such part")


harness.main(parts_begin_anew_when_they_are_told_to, a_watcher_that_stands_still_is_replaced)
