/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of "tmux-orc plugin" share. */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"

/* All properties of one plugin. */
CommandResult plugin_get(Context *c, const char *name, json_object **ret);

/* A name as it is; what has a slash in it is a path, and made absolute. */
CommandResult plugin_find_path(Context *c, const char *name, char **ret);

/* The longer ones of its words, each in a file of its name. */
CommandResult plugin_docs(Context *c, const char *name);
CommandResult plugin_new(Context *c, const char *folder);
CommandResult plugin_test(Context *c, const char *name);
CommandResult plugin_validate(Context *c, const char *name);
