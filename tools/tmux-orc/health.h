/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The health of the service's components, for health, status and doctor. */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"
#include "tools/tmux-orc/table.h"

/* Rows of "component", "health", "text". */
CommandResult health_fetch(Context *c, json_object **ret);
extern const Column health_columns[];
extern const Column health_facts[];
/* "● green" */
char *health_cell(json_object *row, const char *key);
/* Of "green", "yellow", "red". */
Style health_style_of(const char *health);
