#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The states of a real Codex come out right on the bus."""

import functools

import programs
from programs import harness


def codex_is_seen_in_every_state(ring):
    p = programs.Program(ring, "codex", programs.codex)
    p.state("waiting", Type="codex", Attention="trust")
    p.press("Enter")
    p.state("idle")
    p.fresh()

    p.say("slow please")
    p.state("working")
    p.standin.release()
    agent = p.state("idle")
    harness.need("fresh" not in agent["Attributes"], "it has been asked something")

    p.say("use the tool")
    p.state("waiting", Attention="permission")
    p.press("y")
    p.state("idle")

    p.say("now the limit")
    agent = p.state("rate_limited")
    left = agent["ResetTime"] / 1e6 - programs.standin.time.time()
    harness.need(0 < left <= programs.standin.LIMIT_RESETS_IN + 60, f"the limit ends in {left:.0f} s")

    p.say("now fail", "rate_limited")
    p.state("error")

    p.kill()
    p.state("crashed")
    programs.need_story(ring, agent["path"], (
        "starting", programs.REST, "waiting", "idle", "working", "idle", programs.TURN, "waiting", programs.TURN, "idle",
        programs.TURN, "rate_limited", programs.TURN, "error", "crashed"))


def codex_asks_to_log_in(ring):
    p = programs.Program(ring, "codex", functools.partial(programs.codex, provider=False))
    p.state("waiting", Type="codex", Attention="login")
    p.press("C-c")
    p.state("exited")


harness.main(codex_is_seen_in_every_state, codex_asks_to_log_in)
