#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The states of a real Gemini CLI come out right on the bus."""

import programs
from programs import harness


def gemini_is_seen_in_every_state(ring):
    programs.see_every_state(ring, "gemini", programs.gemini)


harness.main(gemini_is_seen_in_every_state)
