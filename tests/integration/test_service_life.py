#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service's own life: the bus that goes and comes back, a watcher that dies, a graceful end."""

import os
import signal

import harness
from harness import SampleAgent, Signals, need, read, wait_for


def one_agent(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("permission")
    return tmux, agent, ring.wait_for_state(tmux, agent.pane, "waiting")


def it_survives_the_bus_going_away_and_coming_back(ring):
    tmux, agent, before = one_agent(ring)
    pid = ring.processes["daemon"].pid
    ring.stop_bus()
    ring.start_bus()
    ring.wait_for_name()
    ring.signals = Signals(ring)
    after = ring.wait_for_state(tmux, agent.pane, "waiting")
    need(ring.processes["daemon"].pid == pid, "it is the same process")
    need(after["StateSince"] == before["StateSince"], "nothing it knew is lost")
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working")
    wait_for(lambda: ring.changes_of(after["path"]) == [("waiting", "working")], "the new bus is told of changes")


def a_killed_watcher_is_started_again_and_nothing_is_lost(ring):
    tmux, agent, before = one_agent(ring)
    for _ in range(2):
        watcher = wait_for(ring.watcher_pid, "a watcher")
        mark = ring.signals.mark()
        os.kill(watcher, signal.SIGKILL)
        wait_for(lambda old=watcher: ring.watcher_pid() not in (0, old), "another watcher", 40)
        ring.wait_for_liveness(tmux, "alive", 40)
        after = ring.wait_for_state(tmux, agent.pane, "waiting", Liveness="alive")
        need(after["path"] == before["path"], "it is the same agent")
        states = [new for _, new in ring.changes_of(before["path"], mark)]
        need(not {"crashed", "exited", "idle", "working"} & set(states), f"no state was invented: {states}")


def a_stopped_watcher_is_noticed_and_comes_back(ring):
    tmux, agent, _ = one_agent(ring)
    watcher = ring.watcher_pid()
    os.kill(watcher, signal.SIGSTOP)
    ring.call("RunCycle", check=False)
    need(ring.agents(), "the daemon answers meanwhile")
    os.kill(watcher, signal.SIGCONT)
    agent.play("work")
    ring.wait_for_state(tmux, agent.pane, "working", 60)


def a_graceful_end_leaves_no_process_and_no_socket(ring):
    tmux, agent, _ = one_agent(ring)
    daemon, watcher = ring.processes["daemon"].pid, ring.watcher_pid()
    need(watcher, "there is a watcher")
    status = ring.stop("daemon")
    need(status == 0, f"it ends with {status}")
    wait_for(lambda: not harness.status_of(watcher), "the watcher is gone")
    names = [read(f"/proc/{p}/cmdline") for p in ring.ours()]
    need(not [n for n in names if "orchestrat" in n or "watcher" in n], f"no process is left: {names}")
    need(not harness.status_of(daemon), "the daemon is gone")
    left = [os.path.join(f, n) for f, _, files in os.walk(ring.env["XDG_RUNTIME_DIR"]) for n in files]
    need(not left, f"no socket is left: {left}")
    # and the user's tmux is as it was
    need(tmux.run("list-clients") == "", "no client is attached")
    agent.play("idle")


def a_second_daemon_does_not_disturb_the_first(ring):
    tmux, agent, before = one_agent(ring)
    program = os.path.join(harness.build_folder(), "daemon", "tmux-orchestratord")
    second = ring.spawn("second", [program, "--user"])
    wait_for(lambda: second.poll() is not None, "the second daemon ends")
    need(second.returncode != 0, "it says that it cannot")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    need(ring.agent(tmux, agent.pane)["path"] == before["path"], "the first goes on")


harness.main(it_survives_the_bus_going_away_and_coming_back, a_killed_watcher_is_started_again_and_nothing_is_lost,
             a_stopped_watcher_is_noticed_and_comes_back, a_graceful_end_leaves_no_process_and_no_socket,
             a_second_daemon_does_not_disturb_the_first)
