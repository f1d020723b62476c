#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real agents tell of themselves: hooks installed, fired, taken out without a trace."""

import json
import os
import subprocess
import time

import programs
from programs import harness


def orc(ring, *args):
    return subprocess.run(["tmux-orc", "hooks", *args], env=ring.env, text=True, capture_output=True, check=True).stdout


def hooked(settings, name):
    def made(ring, url, project):
        settings(ring, url, project)
        orc(ring, "install", name)
    return made


def rules_told(ring, path):
    return [s[4][3] for s in ring.signals.all("AgentStateChanged") if s[4][0] == path]


def explanation(ring, agent):
    return ring.call("Explain", path=agent["path"], interface=harness.AGENT)[0]


def is_told(ring, agent, event):
    """It changed the state, or came after the screen had, and is among the evidence."""
    rule = f"hook.{agent['Type']}.{event}"
    return rule in rules_told(ring, agent["path"]) or rule in explanation(ring, agent)


def need_told(ring, agent, event):
    harness.wait_for(lambda: is_told(ring, agent, event),
                     lambda: f"{event} is told, told was {rules_told(ring, agent['path'])}", 30)


def is_told_soon(ring, agent, event):
    for _ in range(20):
        if is_told(ring, agent, event):
            return True
        time.sleep(0.1)
    return False


def use_tool_until_told(p, agent, event, key):
    """A hook that takes longer than an agent is to wait is cut off: on a busy machine one may get lost."""
    for _ in range(5):
        p.say("use the tool")
        p.state("waiting", 60, Attention="permission")
        told = is_told_soon(p.ring, agent, event)
        # A hook tells of a dialog before it takes keys.
        harness.wait_for(lambda: p.agent().get("State") != "waiting" or p.press(key), "the answer", 60, every=2)
        p.state("idle", 60)
        if told:
            return
    raise harness.Failure(f"{event} is told, told was {rules_told(p.ring, agent['path'])}")


def need_no_trace(ring, name, path, before):
    orc(ring, "remove", name)
    harness.need((harness.read(path) if os.path.exists(path) else None) == before, f"{path} is as it was")


def claude_tells(ring):
    path = os.path.join(ring.env["HOME"], ".claude", "settings.json")
    before = '{"env":  {"SOME": "thing"}}\n'
    os.makedirs(os.path.dirname(path))
    with open(path, "w", encoding="utf-8") as f:
        f.write(before)
    p = programs.Program(ring, "claude", hooked(programs.claude, "claude"))
    p.state("waiting", Type="claude", Attention="trust")
    p.press("Enter")
    agent = p.state("idle")
    p.say("use the tool")
    p.state("waiting", Attention="permission")
    p.press("1")
    p.state("idle")
    for event in ("UserPromptSubmit", "PermissionRequest"):
        need_told(ring, agent, event)
    need_no_trace(ring, "claude", path, before)


def gemini_without_trust(ring, url, project):
    """It reads hooks when it starts, in folders that it trusts by then."""
    programs.gemini(ring, url, project)
    path = os.path.join(ring.env["HOME"], ".gemini", "settings.json")
    settings = json.loads(harness.read(path))
    settings["security"]["folderTrust"]["enabled"] = False
    with open(path, "w", encoding="utf-8") as f:
        json.dump(settings, f)


def work_until_told(p, agent, event):
    """As above: the hook of one turn may be cut off."""
    for _ in range(5):
        p.standin.hold()
        p.say("slow please")
        p.state("working")
        told = is_told_soon(p.ring, agent, event)
        p.standin.release()
        p.state("idle")
        if told:
            return
    raise harness.Failure(f"{event} is told, told was {rules_told(p.ring, agent['path'])}")


def gemini_tells(ring):
    p = programs.Program(ring, "gemini", hooked(gemini_without_trust, "gemini"))
    work_until_told(p, p.state("idle", 60, Type="gemini"), "BeforeAgent")


def codex_tells(ring):
    path = os.path.join(ring.env["HOME"], ".codex", "hooks.json")
    before = '{"hooks":  {}}\n'

    def settings(*args):
        programs.codex(*args)
        with open(path, "w", encoding="utf-8") as f:
            f.write(before)

    p = programs.Program(ring, "codex", hooked(settings, "codex"))
    p.state("waiting", Type="codex", Attention="trust")
    p.press("Enter")
    # Nobody's hooks run there that the human has not seen.
    harness.wait_for(lambda: "Trust all and continue" in p.tmux.screen(p.pane), "the question whether to trust the hooks", 30)
    # What is typed too soon is lost.
    harness.wait_for(lambda: "\u203a 2." in p.tmux.screen(p.pane) or p.press("2"), "the choice", 30, every=1)
    p.press("Enter")
    agent = p.state("idle")
    use_tool_until_told(p, agent, "PermissionRequest", "y")
    need_no_trace(ring, "codex", path, before)


def opencode_tells(ring):
    path = os.path.join(ring.env["XDG_CONFIG_HOME"], "opencode", "plugin", "tmux-orchestrator.js")
    p = programs.Program(ring, "opencode", hooked(programs.opencode, "opencode"))
    agent = p.state("idle", 60, Type="opencode")
    use_tool_until_told(p, agent, "permission.asked", "Enter")
    need_no_trace(ring, "opencode", path, None)


if __name__ == "__main__":
    harness.main(claude_tells, codex_tells, gemini_tells, opencode_tells)
