#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The states of a real OpenCode come out right on the bus."""

import programs
from programs import harness


def opencode_is_seen_in_every_state(ring):
    programs.see_every_state(ring, "opencode", programs.opencode, trust=False, yes="Enter")


harness.main(opencode_is_seen_in_every_state)
