#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service's parts: one that has failed is restarted alone, and all can be told to begin anew."""

import json
import os
import signal
import subprocess

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
    # Not green, perhaps: on a slow machine limits may be crossed.
    wait_for(lambda: component(ring, "agent_monitor")["Health"] != "red" and
             component(ring, "agent_monitor")["Restarts"] >= 1,
             lambda: f"it is well again, and counted: {component(ring, 'agent_monitor')}", 40)


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


def orc(ring, *args, status=0):
    done = subprocess.run([os.path.join(harness.build_folder(), "tools", "tmux-orc"), "--user", *args], env=ring.env,
                          text=True, capture_output=True, timeout=60 * harness.PATIENCE, check=False)
    need(status is None or done.returncode == status, f"tmux-orc {' '.join(args)}: {done.returncode} {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def the_command_line_shows_parts_and_has_them_begin_anew(ring):
    ring.start()
    wait_for(lambda: component(ring, "agent_monitor")["Health"] != "red", "all is well")
    tree = orc(ring, "monitor", "--component-dependencies")
    need("● config\n├─ ● tmux_pool" in tree and "│  └─ ● agent_monitor" in tree, tree)
    need("cache was restarted" in orc(ring, "monitor", "--restart-component", "cache"), "it is told")
    rows = json.loads(orc(ring, "--json", "monitor", "--component-status"))
    need({r["name"]: r["restarts"] for r in rows}["cache"] == 1, f"it is counted: {rows}")
    shown = orc(ring, "monitor", "--health-check", status=None)
    need("agent_monitor" in shown, shown)
    need("in order" in orc(ring, "monitor", "--validate-state"), "what is kept can be used")
    shown = orc(ring, "monitor", "--metrics")
    need("cycle_failures_total" in shown and "_bucket" not in shown, f"numbers are shown: {shown}")
    need("tmux_orchestrator_cycle" in orc(ring, "--json", "monitor", "--metrics"), "programs have all")
    need("no such component" in orc(ring, "monitor", "--restart-component", "sail", status=1), "it names the part")
    need("no systemd on the user bus" in orc(ring, "monitor", "start", status=3), "it says what is missing")
    orc(ring, "monitor", "stop", "--fresh", status=2)
    orc(ring, "monitor", "--fresh", status=2)


def telling_people_is_a_part_too(ring):
    ring.start("notify: {channels: [pigeon], delay: 0}\n")
    seen = component(ring, "notifier")
    need(seen["Health"] == "yellow" and "pigeon, and there is no such plugin" in seen["StatusText"], f"{seen}")
    need(seen["DependsOn"] == ["agent_monitor", "plugin_manager"], f"what it rests on: {seen}")
    # nobody has said where the webhook is
    ring.call("SetConfig", "svb", "notify.channels", "as", "1", "webhook", "false")
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    wait_for(lambda: "cannot tell by webhook: " in component(ring, "notifier")["StatusText"],
             lambda: f"that it fails is seen: {component(ring, 'notifier')}", 60)
    errors = [line for line in ring.call("ExportMetrics", "s", "prometheus")[0].splitlines() if 'errors_total{component="notifier"}' in line]
    need(component(ring, "notifier")["Health"] == "yellow" and float(errors[0].split()[1]) > 0, f"and counted: {errors}")
    ring.call("SetConfig", "svb", "notify.channels", "as", "0", "false")
    ring.call("RestartComponent", "s", "notifier")
    seen = component(ring, "notifier")
    need(seen["Health"] == "green" and seen["StatusText"] == "1 agent needs somebody" and seen["Restarts"] == 1, f"{seen}")


def the_exporter_is_a_part_too(ring):
    ring.start()
    seen = component(ring, "http")
    need(seen["Health"] == "green" and "no systemd" in seen["StatusText"], f"nobody can say: {seen}")


def what_is_known_of_agents_can_be_forgotten(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    state = os.path.join(ring.env["XDG_STATE_HOME"], "tmux-orchestrator", "state.json")
    ring.call("RestartComponent", "s", "state_store")
    need(os.path.exists(state), "it is kept")
    ring.call("ForgetState")
    ring.stop("daemon")
    need(not os.path.exists(state), "and forgotten")


harness.main(the_command_line_shows_parts_and_has_them_begin_anew, what_is_known_of_agents_can_be_forgotten,
             telling_people_is_a_part_too, the_exporter_is_a_part_too, parts_begin_anew_when_they_are_told_to, a_watcher_that_stands_still_is_replaced)
