#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the service types reaches real programs, and where it must not go it does not."""

import subprocess

import programs
from programs import harness


def act(p, member, *words):
    """"" if it was done, else what was said."""
    done = subprocess.run(["busctl", "--user", "--timeout=60", "call", harness.NAME, p.agent()["path"], harness.AGENT,
                           member, *words], env=p.ring.env, text=True, capture_output=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip()


def send(p, text):
    return act(p, "SendText", "sa{sv}", text, "0")


def is_sent_off(p, text):
    """What nobody submits is submitted once somebody allows it."""
    p.ring.call("SetConfig", "svb", "acting.unsubmitted_after", "s", "5", "false")
    p.ring.call("SetConfig", "svb", "acting.unsubmitted_policy", "s", "act", "false")
    harness.wait_for(lambda: text in "".join(p.standin.asked[-1:]), lambda: f"'{text}' is asked, not {p.standin.asked}", 60)
    p.state("idle")
    harness.wait_for(lambda: "submit worked" in harness.read(p.ring.log_path("daemon")), "the success in the log")


def is_talked_to(ring, name, settings):
    p = programs.Program(ring, name, settings)
    p.state("waiting", Type=name, Attention="trust")
    harness.need("(dialog)" in send(p, "hello"), "not into the question of trust")
    p.press("Enter")
    p.state("idle")

    said = send(p, "slow please")
    harness.need(said == "", said)
    p.state("working")
    harness.need("(working)" in send(p, "and more"), "not while it works")
    p.standin.release()
    p.state("idle")

    said = send(p, "use the tool")
    harness.need(said == "", said)
    p.state("waiting", Attention="permission")
    harness.need("(dialog)" in send(p, "hello"), "not into a dialog")
    said = act(p, "Deny", "a{sv}", "0")
    harness.need(said == "", said)
    p.state("idle")
    said = send(p, "use the tool")
    harness.need(said == "", said)
    p.state("waiting", Attention="permission")
    said = act(p, "Approve", "a{sv}", "0")
    harness.need(said == "", said)
    p.state("idle")

    p.tmux.run("send-keys", "-t", p.pane, "-l", "my own")
    harness.wait_for(lambda: "unsubmitted" in p.agent()["Attributes"], "a draft")
    harness.need("(draft)" in send(p, "hello"), "not over a draft")
    harness.need("my own" in p.tmux.screen(p.pane) and "hello" not in p.tmux.screen(p.pane), "it stands as it was")
    is_sent_off(p, "my own")


def claude_is_talked_to(ring):
    is_talked_to(ring, "claude", programs.claude)


def codex_is_talked_to(ring):
    is_talked_to(ring, "codex", programs.codex)


harness.main(claude_is_talked_to, codex_is_talked_to)
