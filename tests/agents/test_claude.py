#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The states of a real Claude Code come out right on the bus."""

import programs
from programs import harness


def claude_is_seen_in_every_state(ring):
    programs.see_every_state(ring, "claude", programs.claude)


harness.main(claude_is_seen_in_every_state)
