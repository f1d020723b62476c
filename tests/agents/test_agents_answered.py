#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dialogs of real agents are answered by the buttons of notices on a desktop."""

import os

import programs
from desktop import Desktop
from programs import harness

need, wait_for = harness.need, harness.wait_for
CONFIG = "notify: {delay: 0, cooldown: 0}\n"


def touched(p):
    return os.path.exists(os.path.join(p.project, programs.standin.COMMAND.split()[-1]))


def answered_in_journal(ring, action):
    return [line for line in harness.read(ring.log_path("daemon")).splitlines()
            if f"TMUX_ORC_ACTION={action}" in line and "TMUX_ORC_CAUSE=notice" in line and "TMUX_ORC_RESULT=done" in line]


def is_answered_by_buttons(ring, name, settings):
    ring.write_config(CONFIG)
    ring.start_bus()
    desktop = Desktop(ring)
    p = programs.Program(ring, name, settings)
    p.state("waiting", Type=name, Attention="trust")
    harness.wait_for(lambda: desktop.displayed() > 0, "the question of trust on the desktop", 40)
    p.press("Enter")
    p.state("idle")
    wait_for(lambda: desktop.displayed() == 0, "it is taken back when its cause is gone", 40)

    p.say("use the tool")
    p.state("waiting", Attention="permission")
    desktop.press("Deny")
    p.state("idle")
    wait_for(lambda: answered_in_journal(ring, "deny"), "the answer in the journal")
    need(not touched(p), "what was denied was not done")
    wait_for(lambda: desktop.displayed() == 0, "it is taken back", 40)

    p.say("use the tool")
    p.state("waiting", Attention="permission")
    desktop.press("Approve")
    p.state("idle")
    wait_for(lambda: touched(p), "what was approved is done")
    wait_for(lambda: answered_in_journal(ring, "approve"), "the answer in the journal")
    wait_for(lambda: desktop.displayed() == 0, "it is taken back", 40)


def claude_is_answered_by_buttons(ring):
    is_answered_by_buttons(ring, "claude", programs.claude)


def codex_is_answered_by_buttons(ring):
    is_answered_by_buttons(ring, "codex", programs.codex)


harness.main(claude_is_answered_by_buttons, codex_is_answered_by_buttons)
