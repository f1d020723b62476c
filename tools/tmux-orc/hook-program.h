/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hook program
 *
 * An agent program that can tell of itself: where its settings are, and which of its events say
 * something. A new one is a row here, and rows in the watcher's table of what its events mean.
 */

#include "daemon/base/cleanup.h"

typedef struct HookProgram {
        const char *type;
        /* The folder of its settings: this variable, else this folder in the home. */
        const char *variable;
        const char *folder;
        const char *file;
        /* Ended by NULL. Those with a matcher want one, and get one that matches everything. */
        const char *const *events;
        const char *script; /* the whole file is ours, and this; NULL: it is JSON that is edited */
        const char *advice; /* what is left to do after installing; NULL: nothing */
} HookProgram;

/* Ended by a NULL type. */
extern const HookProgram hook_programs[];
const HookProgram *hook_program_find(const char *type);

/* Where the file with its settings is, or would be; -ENOENT if there is no home. */
int hook_program_path(const HookProgram *program, char **ret);
