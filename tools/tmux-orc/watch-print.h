/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One line per change, for people or, with --json, for programs. Written at once. */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"

void watch_print_start(Context *c, size_t n_agents);
/* "time", "event" (agent, server, strategy, service), "path", "id", "old", "new", "rule" … */
int watch_print_event(Context *c, json_object *event);
