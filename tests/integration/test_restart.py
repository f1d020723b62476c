#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The system service is restarted, killed and kept away, with a watcher that goes on: every change that was made meanwhile
is told afterwards, once and in order, and counters go on."""

import os
import shutil
import signal
import subprocess
import time

import harness
from harness import MANAGER, PATIENCE, ROOT, SampleAgent, Signals, Skip, need, read, wait_for

SOCKET = "/run/tmux-orchestrator/watch"
# A watcher tells nobody what it sees meanwhile: it is given so long to see it.
DWELL = 2.5


def start(ring):
    if os.geteuid() != 0 or not os.environ.get("TMUX_ORC_TEST_ISOLATED"):
        raise Skip("only root can have a /run of its own")
    if subprocess.run(["unshare", "--mount", "true"], check=False).returncode != 0 or not shutil.which("mount"):
        raise Skip("nothing can be mounted here")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run"], check=False).returncode != 0:
        raise Skip("nothing can be mounted here")
    ring.env["STATE_DIRECTORY"] = os.path.join(ring.folder, "state")
    ring.write_config("")
    os.makedirs("/etc/tmux-orchestrator", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/etc/tmux-orchestrator"], check=True)
    with open("/etc/tmux-orchestrator/config.yaml", "w", encoding="utf-8") as f:
        f.write("monitoring: {cycle_interval: 0.2}\n")
    ring.start_bus()
    start_daemon(ring)
    ring.signals = Signals(ring)
    ring.spawn("watcher", [os.path.join(harness.build_folder(), "daemon", "watcher"), f"--connect={SOCKET}"])


def start_daemon(ring):
    ring.spawn("daemon", [os.path.join(harness.build_folder(), "daemon", "tmux-orchestratord"), "--system"])
    ring.wait_for_name()


def counted(ring):
    """Changes of state by the metric, as "from to": number."""
    text = ring.call("ExportMetrics", "s", "prometheus")[0]
    rows = [line.split() for line in text.splitlines() if line.startswith("tmux_orchestrator_state_changes_total{")]
    return {row[0].split("{")[1].rstrip("}"): float(row[1]) for row in rows}


def play_unheard(agent):
    for scene in ("work", "permission", "work", "idle"):
        agent.play(scene)
        time.sleep(DWELL * PATIENCE)


MEANWHILE = [("waiting", "working"), ("working", "waiting"), ("waiting", "working"), ("working", "idle")]


def go_away_and_come_back(ring, how):
    start(ring)
    tmux = ring.tmux()
    agent = SampleAgent(tmux)
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    agent.play("permission")
    before = ring.wait_for_state(tmux, agent.pane, "waiting")
    was = counted(ring)
    need(was.get('from="working",to="waiting"') == 1, f"it counts: {was}")
    if how == signal.SIGKILL:
        state = os.path.join(ring.env["STATE_DIRECTORY"], "state.json")
        wait_for(lambda: '"waiting"' in read(state), "it is written down", 40)
    mark = ring.signals.mark()
    ring.stop("daemon", how)
    play_unheard(agent)
    start_daemon(ring)
    after = ring.wait_for_state(tmux, agent.pane, "idle", Liveness="alive")
    need(after["path"] == before["path"], "it is the same agent")
    need(ring.changes_of(before["path"], mark) == MEANWHILE, f"all is told, once: {ring.changes_of(before['path'], mark)}")
    spent = after["TimeInState"]
    for state in ("working", "waiting"):
        need(spent[state] >= before["TimeInState"].get(state, 0) + DWELL * 1e6 * 0.5, f"and when it was: {spent}")
    now = counted(ring)
    need(now.get('from="working",to="waiting"') == 2 and now.get('from="waiting",to="working"') == 2, f"counters go on: {was} {now}")
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")


def a_restart_misses_no_change_and_counters_go_on(ring):
    go_away_and_come_back(ring, signal.SIGTERM)


def nor_does_a_kill(ring):
    go_away_and_come_back(ring, signal.SIGKILL)


def restarts_in_a_row_neither_miss_nor_repeat_anything(ring):
    start(ring)
    tmux = ring.tmux()
    agent = SampleAgent(tmux)
    agent.play("permission")
    path = ring.wait_for_state(tmux, agent.pane, "waiting")["path"]
    mark, made = ring.signals.mark(), []
    for n in range(6):
        scene, state = (("work", "working"), ("permission", "waiting"))[n % 2]
        agent.play(scene)  # seen before, while or after it restarts
        made.append(state)
        time.sleep(0.3 * n)
        ring.stop("daemon")
        start_daemon(ring)
        wait_for(lambda: len(ring.changes_of(path, mark)) >= len(made), lambda: f"{made}: {ring.changes_of(path, mark)}", 40)
    need([new for _, new in ring.changes_of(path, mark)] == made, f"each once: {ring.changes_of(path, mark)}")
    need(ring.busctl("get-property", harness.NAME, ROOT, MANAGER, "Mode") == "system", "it is the system's")


harness.main(a_restart_misses_no_change_and_counters_go_on, nor_does_a_kill, restarts_in_a_row_neither_miss_nor_repeat_anything)
