/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hook file
 *
 * The file with an agent program's settings, with our entries in it or without. Before the first
 * change a copy is laid beside it; if nobody else has changed the file by then, taking our entries
 * out brings back that copy, byte for byte.
 */

#include <stdbool.h>

#include "tools/tmux-orc/hook-program.h"

typedef enum HookFileChange {
        HOOK_FILE_AS_IT_WAS, /* there was nothing to do */
        HOOK_FILE_ADDED,
        HOOK_FILE_RESTORED, /* byte for byte as before it was added to */
        HOOK_FILE_REMOVED,  /* what others changed since is still there; its layout is ours */
} HookFileChange;

/*
 * -EBADMSG: the file is not what the program's settings look like, and stays as it is. -EFBIG: it
 * is larger than such a file can be.
 */
int hook_file_install(const HookProgram *program, const char *path, const char *command,
                HookFileChange *ret);
int hook_file_remove(const HookProgram *program, const char *path, const char *command,
                HookFileChange *ret);
/* How many of the program's events are told, of how many. */
int hook_file_status(const HookProgram *program, const char *path, unsigned *ret, unsigned *ret_of);
