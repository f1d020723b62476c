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


def read_bytes(path):
    """None where there is no file."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def need_no_trace(ring, name, path, before):
    """Byte for byte as it was, with no copy left beside it."""
    orc(ring, "remove", name)
    harness.need(read_bytes(path) == before, f"{path} is {before}, not {read_bytes(path)}")
    left = [n for n in os.listdir(os.path.dirname(path)) if "tmux-orc" in n] if os.path.isdir(os.path.dirname(path)) else []
    harness.need(not left, f"nothing of ours is left: {left}")


def rewritten(path, change=lambda settings: settings):
    """The same settings as somebody may have written them who has a layout of their own."""
    settings = change(json.loads(harness.read(path)))
    text = json.dumps(settings, indent=3, separators=(" ,", " :  "), ensure_ascii=False) + "\n\n"
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return text.encode()


def claude_tells(ring):
    path = os.path.join(ring.env["HOME"], ".claude", "settings.json")
    before = b'{"env":  {"SOME": "thing"}}\n'
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as f:
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


def without_trust(settings):
    """It reads hooks when it starts, in folders that it trusts by then."""
    settings["security"]["folderTrust"]["enabled"] = False
    return {**settings, "hooks": {"AfterTool": [{"hooks": [{"type": "command", "command": "true # its own: ä"}]}]}}


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
    path = os.path.join(ring.env["HOME"], ".gemini", "settings.json")
    before = []

    def settings(*args):
        programs.gemini(*args)
        before.append(rewritten(path, without_trust))

    p = programs.Program(ring, "gemini", hooked(settings, "gemini"))
    harness.need(b"its own" in read_bytes(path) and b"tmux-orc" in read_bytes(path), "beside what is there")
    work_until_told(p, p.state("idle", 60, Type="gemini"), "BeforeAgent")
    need_no_trace(ring, "gemini", path, before[0])


def codex_trusts(p):
    """Its folder, and then the hooks: nobody's run there that the human has not seen."""
    p.state("waiting", Type="codex", Attention="trust")
    p.press("Enter")
    harness.wait_for(lambda: "Trust all and continue" in p.tmux.screen(p.pane), "the question whether to trust the hooks", 30)
    # What is typed too soon is lost.
    harness.wait_for(lambda: "\u203a 2." in p.tmux.screen(p.pane) or p.press("2"), "the choice", 30, every=1)
    p.press("Enter")
    return p.state("idle")


def codex_tells(ring):
    path = os.path.join(ring.env["HOME"], ".codex", "hooks.json")
    before = b'{"hooks":  {}}\n'

    def settings(*args):
        programs.codex(*args)
        with open(path, "wb") as f:
            f.write(before)

    p = programs.Program(ring, "codex", hooked(settings, "codex"))
    agent = codex_trusts(p)
    use_tool_until_told(p, agent, "PermissionRequest", "y")
    need_no_trace(ring, "codex", path, before)


def opencode_tells(ring):
    folder = os.path.join(ring.env["XDG_CONFIG_HOME"], "opencode")
    path, config = os.path.join(folder, "plugin", "tmux-orchestrator.js"), os.path.join(folder, "opencode.json")
    before = []

    def settings(*args):
        programs.opencode(*args)
        before.append(rewritten(config))

    p = programs.Program(ring, "opencode", hooked(settings, "opencode"))
    harness.need(read_bytes(path), "it has our plugin")
    agent = p.state("idle", 60, Type="opencode")
    use_tool_until_told(p, agent, "permission.asked", "Enter")
    need_no_trace(ring, "opencode", path, None)
    harness.need(read_bytes(config) == before[0], f"its configuration is {before[0]}, not {read_bytes(config)}")


if __name__ == "__main__":
    harness.main(claude_tells, codex_tells, gemini_tells, opencode_tells)
