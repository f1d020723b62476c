/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Two benchmarks: of looks at a tmux server of its own, and of the cycles of an instance that runs.
 */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"

/* As the program look-benchmark prints it; tells what went wrong. */
CommandResult benchmark_run_program(Context *c, unsigned panes, bool compare, json_object **ret);

CommandResult benchmark_instance(Context *c);
