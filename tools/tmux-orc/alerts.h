/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is alarming, for alerts and status. */

#include "tools/tmux-orc/command.h"
#include "tools/tmux-orc/table.h"

/* Rows of "id", "severity", "summary", "since", "path", "lasted_usec"; critical ones first. */
CommandResult alerts_fetch(Context *c, json_object **ret);
bool alerts_is_critical(json_object *row);
extern const Column alerts_columns[];
