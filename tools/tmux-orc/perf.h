/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How the service does just now, by what its counters grow. */

#include <json-c/json.h>
#include <stdint.h>

#include "tools/tmux-orc/command.h"

/* Waits so long; members as those of a report's performance. */
CommandResult perf_measure(Context *c, uint64_t usec, json_object **ret);
/* Prints such a line again and again. */
CommandResult perf_watch(Context *c);
