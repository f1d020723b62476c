/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The archive of a backup
 *
 * A tar file, not compressed, with config.yaml and perhaps plugins/NAME/… in it. What comes out of
 * one is laid out beside the place that it is for, and looked through, before anything is replaced.
 */

#include <stdbool.h>
#include <stddef.h>

#define ARCHIVE_CONFIG "config.yaml"
#define ARCHIVE_PLUGINS "plugins"

/* @parent has the folder of plugins in it, or has none. FILE is replaced as a whole. -EPIPE: tar
 * failed, and said why. */
int archive_write(const char *file, const char *yaml, const char *parent);

/*
 * Unpacks into a new folder in @parent and looks it through. -EBADMSG: @reterr says what is wrong
 * with it; -EPIPE as above; the folder is gone then.
 */
int archive_unpack(const char *file, const char *parent, char **ret_stage, char **reterr);
/* Names of the plugins in an unpacked archive, ended by NULL. */
int archive_plugins(const char *stage, char ***ret);
/* Each takes the place of the one of its name; all, or none. */
int archive_put_in_place(const char *stage, const char *parent, char *const *plugins);
/* Removes the folder, whatever is in it. */
void archive_clean(const char *stage);
