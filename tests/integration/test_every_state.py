#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The scripted agent goes through every state in real tmux: each change is told on the bus, in
order, and no other."""

import time

import harness
from harness import SampleAgent, need

# scene of the agent, what the bus must come to say: state, attention
STORY = (
    ("start", "starting", "none"),
    ("trust", "waiting", "trust"),
    ("idle", "idle", "none"),
    ("work", "working", "none"),
    ("stream", "working", "none"),
    ("permission", "waiting", "permission"),
    ("tool", "working", "none"),
    ("question", "waiting", "question"),
    ("work", "working", "none"),
    ("plan", "waiting", "plan"),
    ("work", "working", "none"),
    ("idle", "idle", "none"),
    ("draft", "idle", "none"),
    ("work", "working", "none"),
    ("limit", "rate_limited", "none"),
    ("work", "working", "none"),
    ("error", "error", "none"),
    ("work", "working", "none"),
    ("idle", "idle", "none"),
    ("exit", "exited", "none"),
)
LIMIT_SECONDS = 2 * 3600 + 300


def goes_through_every_state(ring, like, scenes=STORY):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, like)
    expected = []
    for scene, state, attention in scenes:
        agent.play(scene)
        attributes = check_attributes(ring, tmux, agent, scene, state, attention)
        # A few looks more: what is seen of one scene must not waver.
        for _ in range(4):
            ring.call("RunCycle")
        if expected[-1:] != [state]:
            expected.append(state)
        need(ring.states_of(attributes["path"]) == expected,
             f"at '{scene}' the bus told of {ring.states_of(attributes['path'])}, not of {expected}")
    changes = ring.changes_of(attributes["path"])
    need(changes == list(zip(expected, expected[1:])), f"every change says what was before: {changes}")


def check_attributes(ring, tmux, agent, scene, state, attention):
    seen = ring.wait_for_state(tmux, agent.pane, state, Type=agent.like, Attention=attention)
    if scene == "draft":
        seen = harness.wait_for(
            lambda: next((a for a in [ring.agent(tmux, agent.pane)] if "unsubmitted" in a["Attributes"]), None),
            "the draft is seen")
    if scene == "limit" and agent.like in ("claude", "codex"):
        left = seen["ResetTime"] / 1e6 - time.time()
        need(abs(left - LIMIT_SECONDS) < 120, f"the limit ends in {left:.0f} s, not in {LIMIT_SECONDS}")
    return seen


def claude_goes_through_every_state(ring):
    goes_through_every_state(ring, "claude")


def codex_goes_through_every_state(ring):
    goes_through_every_state(ring, "codex")


def gemini_goes_through_every_state(ring):
    goes_through_every_state(ring, "gemini")


def opencode_goes_through_every_state(ring):
    # It never asks whether a folder is trusted, and its plan is a question.
    goes_through_every_state(ring, "opencode", [s for s in STORY if s[0] not in ("trust", "plan")])


def the_login_dialogs_are_seen(ring):
    ring.start()
    tmux = ring.tmux()
    for like in ("claude", "codex", "gemini", "opencode"):
        agent = SampleAgent(tmux, like)
        agent.play("login")
        ring.wait_for_state(tmux, agent.pane, "waiting", Type=like, Attention="login")


harness.main(claude_goes_through_every_state, codex_goes_through_every_state, gemini_goes_through_every_state,
             opencode_goes_through_every_state, the_login_dialogs_are_seen)
