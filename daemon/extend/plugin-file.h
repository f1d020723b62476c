/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Files of plugins
 *
 * Opens a file that others could not have written, and seals a copy of it. Every folder on the way
 * is looked at through its own descriptor, so that none can be swapped between the look and the
 * use. Knows nothing of what is in the files.
 */

#include <stddef.h>
#include <sys/types.h>

/*
 * @path must be absolute. The file and all folders above belong to root or @owner, and only they
 * may write there (or the folder is sticky). -EACCES: not so, and @reterr says in a sentence what
 * is not; -EBADF if it is not a regular file; else what open() says.
 */
int plugin_file_open(const char *path, uid_t owner, int *ret, char **reterr);

/* A copy in memory that nobody can change any more. -EFBIG if it has more than @max bytes. */
int plugin_file_seal(int fd, const char *name, size_t max, int *ret);

/* All of a small file, with a NUL behind it that is not counted. -EFBIG as above. */
int plugin_file_read(int fd, size_t max, char **ret, size_t *ret_n);
