/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hook edit
 *
 * Our entries in the settings of an agent program: a JSON object whose member "hooks" has, for each
 * event, a list of groups of commands. Pure: text in, text out. What is not ours is left as it is,
 * but the layout is that of our writer.
 */

#include <stddef.h>

#include "tools/tmux-orc/hook-program.h"

#define HOOK_FILE_MAX (1024U * 1024U)

/* How many of the program's events have an entry of ours. -EBADMSG: this is no such file. */
int hook_edit_count(const char *text, const HookProgram *program, unsigned *ret);

/* An entry for every event that has none; @text may be NULL or blank: there is no file yet. */
int hook_edit_add(const char *text, const HookProgram *program, const char *command, char **ret);

/* Without our entries, and without what is empty for want of them. */
int hook_edit_remove(const char *text, const HookProgram *program, char **ret);
