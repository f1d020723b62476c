#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real agents tell of themselves: hooks installed, fired, taken out without a trace."""

import json
import os
import subprocess

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


def need_told(ring, agent, event):
    harness.wait_for(lambda: f"hook.{agent['Type']}.{event}" in rules_told(ring, agent["path"]),
                     lambda: f"{event} is told, told was {rules_told(ring, agent['path'])}", 30)


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


def gemini_tells(ring):
    p = programs.Program(ring, "gemini", hooked(gemini_without_trust, "gemini"))
    agent = p.state("idle", 60, Type="gemini")
    p.say("slow please")
    p.state("working")
    need_told(ring, agent, "BeforeAgent")
    p.standin.release()
    p.state("idle")


if __name__ == "__main__":
    harness.main(claude_tells, gemini_tells)
