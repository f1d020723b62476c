/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of "tmux-orc plugin" share. */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"

/* All properties of one plugin. */
CommandResult plugin_get(Context *c, const char *name, json_object **ret);
