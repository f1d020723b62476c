#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A crash is told from a clean end, and neither makes the agent forgotten."""

import signal

import harness
from harness import SampleAgent, need, wait_for


def begin(ring, like, scene, **options):
    if not ring.signals:
        ring.start()
    tmux = ring.tmuxes[0] if ring.tmuxes else ring.tmux()
    agent = SampleAgent(tmux, like, **options)
    agent.play(scene)
    state = {"work": "working", "permission": "waiting"}.get(scene, scene)
    return tmux, agent, ring.wait_for_state(tmux, agent.pane, state)


def an_agent_that_is_killed_has_crashed(ring):
    for like in ("claude", "codex", "gemini", "opencode"):
        tmux, agent, seen = begin(ring, like, "work")
        ring.kill(agent.pid(), signal.SIGKILL)
        crashed = ring.wait_for_state(tmux, agent.pane, "crashed", Failures=1)
        need(crashed["path"] == seen["path"], "it is the same agent")


def a_dialog_left_behind_by_a_killed_agent_asks_nobody(ring):
    for like in ("claude", "opencode"):
        tmux, agent, _ = begin(ring, like, "permission")
        agent.play("kill")
        ring.wait_for_state(tmux, agent.pane, "crashed", Attention="none")


def an_agent_that_dies_by_a_fault_has_crashed(ring):
    tmux, agent, _ = begin(ring, "claude", "idle")
    agent.play("crash")
    ring.wait_for_state(tmux, agent.pane, "crashed")


def an_agent_that_ends_cleanly_has_exited(ring):
    for like in ("claude", "codex", "gemini", "opencode"):
        tmux, agent, _ = begin(ring, like, "idle")
        agent.play("exit")
        ring.wait_for_state(tmux, agent.pane, "exited", Failures=0)


def a_gone_agent_stays_listed_and_can_come_back_in_its_pane(ring):
    for end, state in (("kill", "crashed"), ("exit", "exited")):
        tmux, agent, seen = begin(ring, "claude", "work")
        agent.play(end)
        ring.wait_for_state(tmux, agent.pane, state)
        for _ in range(5):
            ring.call("RunCycle")
        need(ring.agent(tmux, agent.pane)["State"] == state, f"it stays {state}")
        agent.start()
        agent.play("idle")
        back = ring.wait_for_state(tmux, agent.pane, "idle")
        need(back["path"] == seen["path"], "an agent that comes back in its pane is the same object")


def what_is_left_of_a_dead_pane_tells_how_it_ended(ring):
    ring.start()
    tmux = ring.tmux()
    tmux.pane()
    tmux.run("set-option", "-g", "remain-on-exit", "on")
    for end, state in (("kill", "crashed"), ("exit", "exited")):
        agent = SampleAgent(tmux, "claude", in_shell=False)
        agent.play("work")
        ring.wait_for_state(tmux, agent.pane, "working")
        agent.play(end)
        ring.wait_for_state(tmux, agent.pane, state)


def an_agent_whose_pane_is_closed_is_forgotten(ring):
    tmux, agent, seen = begin(ring, "claude", "idle")
    tmux.pane()
    tmux.run("kill-pane", "-t", agent.pane)
    wait_for(lambda: ring.agent(tmux, agent.pane) is None, "the agent is gone from the bus")
    wait_for(lambda: any(s[4][0] == seen["path"] for s in ring.signals.all("InterfacesRemoved")),
             "InterfacesRemoved is told")


harness.main(an_agent_that_is_killed_has_crashed, a_dialog_left_behind_by_a_killed_agent_asks_nobody,
             an_agent_that_dies_by_a_fault_has_crashed, an_agent_that_ends_cleanly_has_exited,
             a_gone_agent_stays_listed_and_can_come_back_in_its_pane,
             what_is_left_of_a_dead_pane_tells_how_it_ended, an_agent_whose_pane_is_closed_is_forgotten)
