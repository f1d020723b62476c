#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Panes that show whatever they like: no crash, no wrong agent, bounded memory, and the agents
beside them are seen as ever."""

import os

import harness
from harness import SampleAgent, need, resident_kib, status_of, wait_for

# Grows with what is watched, not with what panes throw at it. Sanitizers keep freed memory.
RESIDENT_MAX_KIB = 40 * 1024
SANITIZED = harness.PATIENCE > 1

DIALOG = """\
 Bash command

   rm -rf build

 Do you want to proceed?
 ❯ 1. Yes
   2. No

 Esc to cancel · Tab to amend · ctrl+e to explain
"""
WORKING = """\
• Working (3s • esc to interrupt)


› Ask Codex to do anything

  gpt-5-codex default · /src
  ← for agents · ? for shortcuts
"""


def watched_agent(ring):
    ring.start()
    tmux = ring.tmux()
    agent = SampleAgent(tmux, "claude")
    agent.play("idle")
    ring.wait_for_state(tmux, agent.pane, "idle")
    return tmux, agent


def check_sound(ring, tmux, agent):
    """The one agent is the only one, is seen at once, and nothing grew or restarted."""
    watcher = ring.watcher_pid()
    for scene, state in (("work", "working"), ("permission", "waiting"), ("idle", "idle")):
        agent.play(scene)
        ring.wait_for_state(tmux, agent.pane, state)
    need(list(ring.agents()) == [(tmux.path, agent.pane)], f"one agent: {ring.agents()}")
    need(ring.processes["daemon"].poll() is None, "the daemon lives")
    need(watcher == ring.watcher_pid() == ring.first_watcher, "the watcher was never restarted")
    for pid in (watcher, ring.processes["daemon"].pid):
        need(SANITIZED or resident_kib(pid) < RESIDENT_MAX_KIB, f"{pid} has {resident_kib(pid)} KiB resident")


def survives(ring, *commands, cycles=30, then=None):
    tmux, agent = watched_agent(ring)
    ring.first_watcher = ring.watcher_pid()
    for command in commands:
        tmux.pane("sh", "-c", command)
    if then:
        then(tmux)
    for _ in range(cycles):
        ring.call("RunCycle")
    check_sound(ring, tmux, agent)


def endless_lines(ring):
    survives(ring, "yes 'a line without an end' | tr -d '\\n'", "yes 'many lines'", "exec cat /dev/zero")


def floods_of_escapes(ring):
    loop = "while :; do printf '{}'; done"
    survives(ring, *(loop.format(s) for s in (
        "\\033[2J\\033[H\\033[31m", "\\033]2;title %s\\007" % ("x" * 200), "\\033[?1049h\\033[?1049l", "\\007",
        "\\033P tmux;\\033\\\\\\033[999;999H~")))


def bytes_that_are_no_text(ring):
    survives(ring, "cat /dev/urandom", "while :; do printf '\\377\\376\\300\\257\\355\\240\\200'; done",
             "while :; do printf 'a\\314\\200\\314\\200\\314\\200\\314\\200\\314\\200\\314\\200'; done")


def dialogs_in_a_file_that_is_shown(ring):
    names = []
    for name, text in (("claude.txt", "─" * 100 + "\n" + DIALOG), ("codex.txt", WORKING)):
        names.append(os.path.join(ring.folder, name))
        with open(names[-1], "w", encoding="utf-8") as f:
            f.write(text)
    survives(ring, *(f"less {n}" for n in names), *(f"cat {n}; exec bash --norc" for n in names),
             *(f"cat {n}; read answer" for n in names), *(f"vi -u NONE {n}" for n in names))


def titles_that_claim_to_be_an_agents(ring):
    def claim(tmux):
        for i, title in enumerate(("⠂ Claude Code", "[ ! ] Action Required | api", "✋  Action Required (web)",
                                   "a\x01b\x1b[31mc\x7f\u009b", "\u202eedoC edualC", "x" * 5000)):
            tmux.run("select-pane", "-t", tmux.pane(name=f"t{i}"), "-T", title)
            tmux.run("rename-window", title[:100])
    survives(ring, "printf '\\033]2;⠂ Claude Code\\007'; exec bash --norc", then=claim)


def an_agents_own_title_may_hold_anything(ring):
    tmux, agent = watched_agent(ring)
    ring.first_watcher = ring.watcher_pid()
    tmux.run("set-option", "-g", "allow-rename", "on")
    tmux.run("rename-session", "s 'p\"a{c}e$;#")
    for title in ("two\nlines", "tab\there", "\x1b]0;x\x07", "#{pane_id}", "{\"a\":1}", "\u2028", "x" * 3000):
        tmux.run("rename-window", "-t", agent.pane, title)
        tmux.run("select-pane", "-t", agent.pane, "-T", title)
        ring.call("RunCycle")
        seen = ring.agent(tmux, agent.pane)
        need(seen and not any(ord(c) < 32 for c in seen["Title"] + seen["Window"]), f"a clean title: {seen}")
        need(len(seen["Title"].encode()) <= 256, "a title of bounded length")
    check_sound(ring, tmux, agent)


def three_hundred_panes_in_a_burst(ring):
    tmux, agent = watched_agent(ring)
    ring.first_watcher = ring.watcher_pid()
    commands = os.path.join(ring.folder, "burst")
    with open(commands, "w", encoding="utf-8") as f:
        for i in range(300):
            f.write(f"new-window -d -n burst{i} 'cat {__file__}; sleep 1000'\n")
    tmux.run("source-file", commands)
    ring.call("RunCycle")
    wait_for(lambda: ring.server(tmux)["Panes"] >= 300, lambda: f"300 panes are seen: {ring.server(tmux)}")
    with open(commands, "w", encoding="utf-8") as f:
        for i in range(300):
            f.write(f"kill-window -t burst{i}\n")
    tmux.run("source-file", commands)
    wait_for(lambda: ring.server(tmux)["Panes"] == 1, lambda: f"one pane is left: {ring.server(tmux)}")
    with open(commands, "w", encoding="utf-8") as f:
        for i in range(300):
            f.write(f"new-window -d -n burst{i} true\n")
    tmux.run("source-file", commands)
    check_sound(ring, tmux, agent)
    need("Threads" in status_of(ring.watcher_pid()), "the watcher lives")


harness.main(endless_lines, floods_of_escapes, bytes_that_are_no_text, dialogs_in_a_file_that_is_shown,
             titles_that_claim_to_be_an_agents, an_agents_own_title_may_hold_anything,
             three_hundred_panes_in_a_burst)
