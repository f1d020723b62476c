#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers that hang, die or are replaced: alive, absent and unknown are told apart."""

import os
import signal

import harness
from harness import SampleAgent, is_dead, need, wait_for


def two_agents(ring):
    if not ring.signals:
        ring.start()
    tmux = ring.tmux()
    agents = [SampleAgent(tmux, "claude"), SampleAgent(tmux, "codex")]
    for agent, scene, state in zip(agents, ("work", "idle"), ("working", "idle")):
        agent.play(scene)
        ring.wait_for_state(tmux, agent.pane, state)
    return tmux, agents


def a_stopped_server_is_unknown_and_its_agents_stay(ring):
    tmux, agents = two_agents(ring)
    before, mark = ring.agents(), ring.signals.mark()
    os.kill(tmux.pid, signal.SIGSTOP)
    server = ring.wait_for_liveness(tmux, "unknown", 30)
    need(server["Reason"], "it says why")
    need(set(ring.agents()) == set(before), "its agents are still listed")
    os.kill(tmux.pid, signal.SIGCONT)
    ring.wait_for_liveness(tmux, "alive", 60)
    for agent, state in zip(agents, ("working", "idle")):
        ring.wait_for_state(tmux, agent.pane, state)
    for path in (a["path"] for a in before.values()):
        changes = [new for _, new in ring.changes_of(path, mark)]
        need(not {"crashed", "exited"} & set(changes), f"nobody died: {changes}")
    told = [s[4][1] for s in ring.signals.all("ServerChanged", mark)]
    need(told == ["unknown", "alive"], f"ServerChanged told of {told}")


def one_that_hangs_while_its_watcher_is_replaced_has_not_ended(ring):
    tmux, agents = two_agents(ring)
    before, mark = ring.agents(), ring.signals.mark()
    os.kill(tmux.pid, signal.SIGSTOP)
    watcher = ring.watcher_pid()
    os.kill(watcher, signal.SIGKILL)
    wait_for(lambda: ring.watcher_pid() not in (0, watcher), "another watcher", 40)
    wait_for(lambda: "does not answer" in (ring.server(tmux) or {}).get("Reason", ""), "the new one says that it hangs", 40)
    need(ring.server(tmux)["Liveness"] == "unknown", f"nothing is known of it: {ring.server(tmux)}")
    os.kill(tmux.pid, signal.SIGCONT)
    ring.wait_for_liveness(tmux, "alive", 60)
    for agent, state in zip(agents, ("working", "idle")):
        ring.wait_for_state(tmux, agent.pane, state)
    need(set(ring.agents()) == set(before), "the same agents")
    for path in (a["path"] for a in before.values()):
        need(not ring.changes_of(path, mark), f"nothing happened to them: {ring.changes_of(path, mark)}")


def a_hung_server_does_not_hold_up_the_others(ring):
    tmux, _ = two_agents(ring)
    other = ring.tmux(name="other")
    agent = SampleAgent(other, "claude")
    agent.play("idle")
    ring.wait_for_state(other, agent.pane, "idle")
    os.kill(tmux.pid, signal.SIGSTOP)
    ring.wait_for_liveness(tmux, "unknown", 30)
    agent.play("permission")
    ring.wait_for_state(other, agent.pane, "waiting", seconds=5)
    os.kill(tmux.pid, signal.SIGCONT)


def a_killed_server_is_absent_and_its_lost_agents_are_named(ring):
    tmux, agents = two_agents(ring)
    targets = sorted(a["Target"] for a in ring.agents().values())
    os.kill(tmux.pid, signal.SIGKILL)
    server = ring.wait_for_liveness(tmux, "absent")
    need(len(server["Lost"]) == len(agents), f"two agents are lost: {server['Lost']}")
    for target, kind in zip(targets, ("claude", "codex")):
        need(any(target in text and kind in text for text in server["Lost"]),
             f"{kind} in {target} is named: {server['Lost']}")


def a_server_that_ends_by_itself_is_absent(ring):
    tmux, _ = two_agents(ring)
    tmux.kill()
    ring.wait_for_liveness(tmux, "absent")


def a_server_that_is_replaced_on_its_socket_is_another(ring):
    tmux, old = two_agents(ring)
    mark = ring.signals.mark()
    os.kill(tmux.pid, signal.SIGKILL)
    # While it dies it still takes connections, and a new client would go down with it.
    wait_for(lambda: is_dead(tmux.pid), "the old server is dead")
    tmux.started = False
    tmux.pane(name="plain")
    new = SampleAgent(tmux, "gemini")
    new.play("idle")
    seen = ring.wait_for_state(tmux, new.pane, "idle", Type="gemini")
    need(ring.server(tmux)["PID"] == tmux.pid, "the server's process is the new one")
    need(seen["Failures"] == 0, "the new agent did not inherit the fate of the old one")
    alive = [a for a in ring.agents().values() if a["State"] not in ("crashed", "exited", "unknown")]
    need([a["Pane"] for a in alive] == [new.pane], f"only the new agent lives: {alive}")
    need(old and ring.signals.all("ServerChanged", mark), "ServerChanged was told")


def a_server_killed_in_the_middle_of_an_answer_does_no_harm(ring):
    ring.start()
    watcher = ring.watcher_pid()
    for i in range(5):
        tmux = ring.tmux(name=f"victim{i}")
        for _ in range(60):
            tmux.pane("sh", "-c", "while :; do cat /etc/services; done", width=200, height=100)
        agent = SampleAgent(tmux, "claude")
        agent.play("idle")
        ring.wait_for_state(tmux, agent.pane, "idle")
        looks = [ring.spawn(f"look-{i}-{n}", ["busctl", "--user", "call", harness.NAME, harness.ROOT,
                                              harness.MANAGER, "RunCycle"]) for n in range(2)]
        wait_for(lambda: looks[0].poll() is not None or ring.asking(tmux), "a look is on its way", every=0.001)
        os.kill(tmux.pid, signal.SIGKILL)
        ring.wait_for_liveness(tmux, "absent")
        for look in looks:
            look.wait(30 * harness.PATIENCE)
    need(ring.watcher_pid() == watcher, "the watcher was never restarted")


harness.main(a_stopped_server_is_unknown_and_its_agents_stay, one_that_hangs_while_its_watcher_is_replaced_has_not_ended, a_hung_server_does_not_hold_up_the_others,
             a_killed_server_is_absent_and_its_lost_agents_are_named, a_server_that_ends_by_itself_is_absent,
             a_server_that_is_replaced_on_its_socket_is_another,
             a_server_killed_in_the_middle_of_an_answer_does_no_harm)
