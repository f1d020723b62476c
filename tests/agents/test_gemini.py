#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The states of a real Gemini CLI come out right on the bus."""

import programs
from programs import harness


def gemini_is_seen_in_every_state(ring):
    p = programs.Program(ring, "gemini", programs.gemini)
    p.state("waiting", seconds=60, Type="gemini", Attention="trust")
    p.press("Enter")
    agent = p.state("idle", seconds=60)
    harness.need("fresh" in agent["Attributes"], f"nobody has asked it anything: {agent['Attributes']}")

    p.say("slow please")
    p.state("working")
    p.standin.release()
    p.state("idle")

    p.say("use the tool")
    p.state("waiting", Attention="permission")
    p.press("1")
    p.state("idle")

    p.say("now fail")
    p.state("error")

    p.say("now the limit", "error")
    p.state("rate_limited")

    p.kill()
    p.state("crashed")
    programs.need_story(ring, agent["path"], (
        "starting", "waiting", "idle", "working", "idle", "waiting", "idle", "error", "rate_limited", "crashed"))


harness.main(gemini_is_seen_in_every_state)
