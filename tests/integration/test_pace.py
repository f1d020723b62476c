#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looking as often as it may cost, and missing nothing at any pace."""

import harness
from harness import SampleAgent, need

DRAFT = "half a thought"


def paint(tmux, pane, text):
    """As the program in the pane would print it."""
    with open(tmux.run("display-message", "-p", "-t", pane, "#{pane_tty}"), "wb", buffering=0) as tty:
        tty.write(text.encode())


def a_cursor_that_moves_alone_is_judged(ring):
    """A screen may be captured a moment after the cursor was read: the next look makes it right."""
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    seen = ring.wait_for_state(tmux, agent.pane, "idle", Attributes=["fresh"])
    x, y = map(int, tmux.run("display-message", "-p", "-t", agent.pane, "#{cursor_x} #{cursor_y}").split())
    need(x == 2, f"the cursor is where a draft begins, not at {x}")
    paint(tmux, agent.pane, f"\033[{y + 1};{x + 1}H{DRAFT}\033[{y + 1};{x + 1}H")
    screen = ring.call("GetScreen", "u", 0, path=seen["path"], interface=harness.AGENT)[0]
    need(DRAFT in screen, f"the draft is seen: {screen}")
    need(ring.agent(tmux, agent.pane)["Attributes"] == ["fresh"], "and with this cursor it is none")
    paint(tmux, agent.pane, f"\033[{y + 1};{x + 1 + len(DRAFT)}H")
    ring.wait_for_state(tmux, agent.pane, "idle", Attributes=["fresh", "unsubmitted"])


harness.main(a_cursor_that_moves_alone_is_judged)
