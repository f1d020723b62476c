#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Agents tell of themselves: what a hook says holds at once, if it speaks for its own pane."""

import json
import os
import shlex
import subprocess

import harness
from harness import SampleAgent, need, wait_for

SECRET = "nobody's business"


class Told:
    """A sample agent whose pane runs what it is told, beside the agent, as agents run their hooks."""

    def __init__(self, ring, tmux):
        self.ring, self.tmux = ring, tmux
        self.fifo = os.path.join(ring.folder, f"fifo{ring.counter()}")
        os.mkfifo(self.fifo)
        ring.env["PROMPT_COMMAND"] = (
            f"unset PROMPT_COMMAND; (while read -r line; do eval \"$line\"; done <{self.fifo}) & exec 9>{self.fifo}")
        self.agent = SampleAgent(tmux, "claude")
        self.pane = self.agent.pane

    def hook(self, event, **payload):
        out = os.path.join(self.ring.folder, f"out{self.ring.counter()}")
        line = f"echo {shlex.quote(json.dumps(payload))} | tmux-orc --user hook --strict claude {event} >{out} 2>&1; echo $? >>{out}"
        with open(self.fifo, "w", encoding="utf-8") as f:
            f.write(line + "\n")
        wait_for(lambda: harness.read(out).endswith("\n") and harness.read(out).split()[-1].isdigit(), "the hook's end")
        return harness.read(out)


def what_a_hook_says_holds_at_once(ring):
    ring.start()
    tmux, other = ring.tmux(), ring.tmux(name="other")
    other.pane()  # which has a pane of the same number
    told = Told(ring, tmux)
    told.agent.play("idle")
    path = ring.wait_for_state(tmux, told.pane, "idle")["path"]
    mark = ring.signals.mark()
    need(told.hook("UserPromptSubmit", prompt=SECRET, session_id="s1") == "0\n", "it is taken")
    wait_for(lambda: any(s[1] == harness.ROOT and s[4][2:] == ["working", "hook.claude.UserPromptSubmit"]
                         for s in ring.signals.all("AgentStateChanged", mark)),
             lambda: f"working, by the hook's word: {ring.signals.all('AgentStateChanged', mark)}")
    told.agent.play("permission")
    said = told.hook("PermissionRequest", tool_name="Bash")
    need(said == "0\n", f"taken: {said}")
    ring.wait_for_state(tmux, told.pane, "waiting", Attention="permission")
    for log in ("daemon", "watcher"):
        need(SECRET not in harness.read(ring.log_path(log)), f"{log}: what was asked is told to nobody")
    said = told.hook("NoSuchEvent")
    need(said.splitlines()[-1] == "1", f"an event that nobody knows is refused: {said}")
    need(ring.agent(tmux, told.pane)["path"] == path, "all of it about one agent")


def nobody_speaks_for_a_pane_that_is_not_its_own(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    env = dict(ring.env, TMUX=f"{tmux.path},{tmux.pid},0", TMUX_PANE=agent.pane)
    command = ["tmux-orc", "--user", "hook", "claude", "UserPromptSubmit"]

    def run(*options):
        return subprocess.run([*command, *options], env=env, input="{}", text=True, capture_output=True, timeout=60, check=False)

    mark = ring.signals.mark()
    done = run("--strict")
    need(done.returncode == 4 and "not said by a process of that pane" in done.stderr, f"refused: {done}")
    done = run()
    need((done.returncode, done.stdout, done.stderr) == (0, "", ""), f"and an agent never hears of it: {done}")
    need(not ring.signals.all("AgentStateChanged", mark), "nothing is believed")


def hooks_are_installed_and_removed_without_a_trace(ring):
    def orc(*args):
        return subprocess.run(["tmux-orc", "hooks", *args], env=ring.env, text=True, capture_output=True, timeout=60, check=False)

    path = os.path.join(ring.env["HOME"], ".claude", "settings.json")
    os.makedirs(os.path.dirname(path))
    before = '{"model":   "x", "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "beep"}]}]}}'
    with open(path, "w", encoding="utf-8") as f:
        f.write(before)
    os.chmod(path, 0o640)
    for program in ("claude", "codex", "gemini", "opencode"):
        need(orc("install", program).returncode == 0, f"install {program}")
        need("already" in orc("install", program).stdout, f"{program}: once is enough")
    rows = json.loads(orc("status", "--json").stdout)
    need(all(r["told"] == r["of"] > 0 for r in rows), f"all tell: {rows}")
    need("beep" in harness.read(path) and "tmux-orc" in harness.read(path), "beside what is there")
    need(os.stat(path).st_mode & 0o777 == 0o640, "with its rights")
    for program in ("claude", "codex", "gemini", "opencode"):
        need(orc("remove", program).returncode == 0, f"remove {program}")
    need(harness.read(path) == before, "byte for byte as it was")
    left = [n for _, _, names in os.walk(ring.env["HOME"]) for n in names]
    need(sorted(left) == ["config.yaml", "settings.json"], f"no file is left: {left}")

    need(orc("install", "claude").returncode == 0, "once more")
    changed = json.loads(harness.read(path))
    with open(path, "w", encoding="utf-8") as f:
        json.dump(changed | {"theme": "dark"}, f)
    need(orc("remove", "claude").returncode == 0, "also if somebody changed it since")
    need(json.loads(harness.read(path)) == json.loads(before) | {"theme": "dark"}, "then that stays")

    with open(path, "w", encoding="utf-8") as f:
        f.write("no JSON")
    done = orc("install", "claude")
    need(done.returncode == 1 and "settings.json" in done.stderr, f"what is no JSON is not touched: {done}")
    need(harness.read(path) == "no JSON", "and stays as it is")


harness.main(what_a_hook_says_holds_at_once, nobody_speaks_for_a_pane_that_is_not_its_own,
             hooks_are_installed_and_removed_without_a_trace)
