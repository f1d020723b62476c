#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Agents are found in every pane of every server of the user, and nothing else is."""

import os

import harness
from harness import SampleAgent, need, wait_for


def agents_of_the_default_socket_are_found(ring):
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.start()
    seen = ring.wait_for_state(tmux, agent.pane, "idle", Type="claude", OwnerUID=os.getuid())
    need(seen["Target"].startswith("main:"), f"the target is {seen['Target']}")
    need(seen["PID"] == agent.pid(), f"its process is {agent.pid()}, not {seen['PID']}")


def agents_of_named_sockets_and_of_sockets_anywhere_are_found(ring):
    ring.start()
    elsewhere = os.path.join(ring.folder, "elsewhere")
    os.mkdir(elsewhere)
    tmuxes = [ring.tmux(), ring.tmux(name="named"), ring.tmux(path=os.path.join(elsewhere, "socket"))]
    agents = [SampleAgent(t, like) for t, like in zip(tmuxes, ("claude", "opencode", "gemini"))]
    for agent in agents:
        agent.play("idle")
    for tmux, agent in zip(tmuxes, agents):
        ring.wait_for_state(tmux, agent.pane, "idle", Type=agent.like)
    need(len(ring.agents()) == 3, f"three agents: {list(ring.agents())}")


def a_server_that_starts_later_is_found(ring):
    ring.start()
    first, later = ring.tmux(), ring.tmux(name="later")
    one = SampleAgent(first, "claude")
    one.play("idle")
    ring.wait_for_state(first, one.pane, "idle")
    two = SampleAgent(later, "codex")
    two.play("idle")
    ring.wait_for_state(later, two.pane, "idle", Type="codex")


def panes_without_an_agent_are_not_listed(ring):
    tmux = ring.tmux()
    for command in ((), ("less", __file__), ("sleep", "1000"), ("vi", "-u", "NONE", __file__)):
        tmux.pane(*command)
    agent = SampleAgent(tmux, "gemini")
    agent.play("idle")
    ring.start()
    ring.wait_for_state(tmux, agent.pane, "idle")
    for _ in range(3):
        ring.call("RunCycle")
    need(list(ring.agents()) == [(tmux.path, agent.pane)], f"one agent: {ring.agents()}")


def an_agent_that_is_its_panes_own_program_is_found_and_goes_with_its_pane(ring):
    ring.start()
    tmux = ring.tmux()
    tmux.pane()
    agent = SampleAgent(tmux, "claude", in_shell=False)
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    tmux.run("kill-pane", "-t", agent.pane)
    wait_for(lambda: not ring.agents(), lambda: f"no agent any more: {ring.agents()}")


def an_agent_is_found_by_its_pane(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude", name="parser")
    agent.play("idle")
    path = ring.wait_for_state(tmux, agent.pane, "idle")["path"]
    for pane in ("main:0.0", "main:parser.0"):
        need(ring.call("GetAgentByPane", "s", pane) == [path], f"{pane} is {path}")
    need(ring.call("GetAgentByPane", "s", "%99999", check=False) is None, "there is no %99999")
    listed = [row for row in ring.call("ListAgents")[0] if row[4] == path]
    need(len(listed) == 1 and listed[0][1:4] == ["claude", "idle", "main:0.0"], f"ListAgents says {listed}")


harness.main(agents_of_the_default_socket_are_found, agents_of_named_sockets_and_of_sockets_anywhere_are_found,
             a_server_that_starts_later_is_found, panes_without_an_agent_are_not_listed,
             an_agent_that_is_its_panes_own_program_is_found_and_goes_with_its_pane,
             an_agent_is_found_by_its_pane)
