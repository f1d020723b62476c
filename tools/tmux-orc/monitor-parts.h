/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What 'monitor' says of the service's parts, and does to them. */

#include <json-c/json.h>
#include <stdio.h>

#include "tools/tmux-orc/command.h"

CommandResult monitor_component_status(Context *c);
CommandResult monitor_component_dependencies(Context *c);
CommandResult monitor_health_check(Context *c);
CommandResult monitor_restart_component(Context *c, const char *name);
CommandResult monitor_validate_state(Context *c);

/*
 * Rows of "name", "health" and "depends_on" as a tree: each part stands below that one of those it
 * rests on which is deepest itself. Pure. -ENOMEM.
 */
int monitor_print_tree(FILE *out, const Terminal *t, json_object *rows);
