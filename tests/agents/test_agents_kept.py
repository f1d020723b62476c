#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real agents are kept going: told to go on when their usage limit is over, brought back with their
conversation when they were killed."""

import copy
import os
import re
import time

import programs
from programs import harness
from test_agent_hooks import codex_trusts, hooked, is_told

need, wait_for = harness.need, harness.wait_for

LIMIT = "acting: {limit_policy: act, limit_margin: 0}\n"
CRASH = "acting: {crash_policy: act, backoff: 1}\n"


def said(ring, words):
    return [line for line in harness.read(ring.log_path("daemon")).splitlines() if words in line]


def begin(ring, name, settings, config):
    ring.write_config(config)
    p = programs.Program(ring, name, settings)
    p.state("waiting", Type=name, Attention="trust")
    p.press("Enter")
    p.state("idle")
    return p


def waits_for_its_limit(ring, name, settings):
    p = begin(ring, name, settings, LIMIT)
    p.standin.limit_lasts = 20
    p.say("now the limit")
    agent = p.state("rate_limited")
    ends = p.standin.limited_until
    need(ends <= agent["ResetTime"] / 1e6 <= ends + 60, f"it ends at {ends}, not {agent['ResetTime'] / 1e6}")
    need(time.time() < ends, "it lasts still")
    wait_for(lambda: said(ring, "continue is planned"), "the plan")
    p.state("working", 120)
    need(time.time() >= ends, "it was waited for")
    need(p.standin.asked[-1].endswith("continue"), f"told to go on: {p.standin.asked[-1:]}")
    p.standin.release()
    p.state("idle")
    wait_for(lambda: said(ring, "continue worked"), "the success in the log")
    need(len(said(ring, "TMUX_ORC_CAUSE=limit")) == 1, "it was told once")


def is_on_disk(folder, text):
    """A program writes a conversation down a little later than it shows it."""
    paths = (os.path.join(f, name) for f, _, names in os.walk(folder) for name in names if name.endswith(".jsonl"))
    return any(text in harness.read(path) for path in paths)


def comes_back(ring, name, settings):
    p = begin(ring, name, settings, CRASH)
    p.say("remember the heron")
    wait_for(lambda: p.standin.asked, "the question")
    wait_for(lambda: "That is done" in p.tmux.screen(p.pane), "the answer")
    p.state("idle")
    wait_for(lambda: is_on_disk(os.path.join(ring.env["HOME"], f".{name}"), "That is done"), "the conversation on disk")
    p.kill()
    p.state("crashed")
    p.state("idle", 60)
    wait_for(lambda: said(ring, "restart worked"), "the success in the log")
    p.say("another thing")
    wait_for(lambda: "another thing" in p.standin.asked[-1], "the next question")
    need(any("remember the heron" in text for text in p.standin.asked), f"it has its conversation: {p.standin.asked}")
    return said(ring, "TMUX_ORC_ACTION=restart")


def claude_goes_on_when_its_limit_is_over(ring):
    waits_for_its_limit(ring, "claude", programs.claude_of_a_subscriber)


def claude_tells_when_its_week_is_over(ring):
    p = begin(ring, "claude", programs.claude_of_a_subscriber, LIMIT)
    p.standin.limit_lasts = 3 * 86400
    p.say("now the limit")
    agent = p.state("rate_limited")
    need("weekly limit" in p.tmux.screen(p.pane), "it is that of the week")
    late = agent["ResetTime"] / 1e6 - p.standin.limited_until
    need(0 <= late <= 3600, f"the day is read as it stands there: {late} s late")
    wait_for(lambda: said(ring, "continue is planned"), "the plan")


def codex_goes_on_when_its_limit_is_over(ring):
    waits_for_its_limit(ring, "codex", programs.codex)


def claude_comes_back_with_its_conversation(ring):
    done = comes_back(ring, "claude", programs.claude)
    need("--resume" in str(done), f"that very one: {done}")


def codex_comes_back_with_its_conversation(ring):
    comes_back(ring, "codex", programs.codex)


def sessions(ring):
    """What Codex keeps of its conversations, the oldest first."""
    names = [n for _, _, names in os.walk(os.path.join(ring.env["HOME"], ".codex", "sessions")) for n in names]
    return [re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}(?=\.jsonl$)", n).group() for n in sorted(names)]


def talk(p, text):
    p.say(text)
    wait_for(lambda: text in "".join(p.standin.asked[-1:]), f"the question '{text}'")
    wait_for(lambda: "That is done" in p.tmux.screen(p.pane), "the answer")
    p.state("idle")


def codex_comes_back_with_the_conversation_that_its_hook_named(ring):
    """It has no file that names it and no argument; and the last one of that folder is another one."""
    ring.write_config(CRASH)
    first = programs.Program(ring, "codex", hooked(programs.codex, "codex"))
    agent = codex_trusts(first)
    # On a busy machine a hook may be cut off.
    need(any(talk(first, "remember the heron") or is_told(ring, agent, "UserPromptSubmit") for _ in range(5)), "its hook tells")
    other = copy.copy(first)
    other.pane = first.tmux.pane()
    other.start()
    other.state("idle", 60, Type="codex")
    told = len(ring.changes_of(first.agent()["path"]))
    talk(other, "remember the badger")
    # Both have one service that runs their hooks, with the environment of the first.
    need(not ring.changes_of(first.agent()["path"])[told:], "what the other does is not said of the first")
    wait_for(lambda: len(sessions(ring)) == 2, lambda: f"two conversations: {sessions(ring)}")
    wait_for(lambda: is_on_disk(os.path.join(ring.env["HOME"], ".codex"), "That is done"), "its conversation on disk")
    ids = sessions(ring)
    first.kill()
    first.state("crashed")
    first.state("idle", 60)
    done = wait_for(lambda: said(ring, "restart worked"), "the success in the log")
    need(f"codex resume {ids[0]}" in str(done), f"that of its hook, of {ids}: {done}")
    talk(first, "another thing")
    asked = " ".join(first.standin.asked)
    need("heron" in asked and "badger" not in asked, f"it has its own conversation: {asked}")


harness.main(claude_goes_on_when_its_limit_is_over, claude_tells_when_its_week_is_over, codex_goes_on_when_its_limit_is_over,
             claude_comes_back_with_its_conversation, codex_comes_back_with_its_conversation,
             codex_comes_back_with_the_conversation_that_its_hook_named)
