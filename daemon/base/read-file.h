/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/*
 * Reads a regular file as it is on disk, and adds a NUL that is not counted. Returns -EFBIG if it
 * holds more than @max bytes, -EBADF if it is not a regular file, -EAGAIN if it grew meanwhile.
 */
int read_regular_file(const char *path, size_t max, char **ret, size_t *ret_n);
/* The same of one that is open, from where it stands. */
int read_regular_fd(int fd, size_t max, char **ret, size_t *ret_n);

/*
 * Reads a file of /proc, whose size is not known before, relative to @dirfd; more than @max bytes
 * are cut off. NUL-ended as above.
 */
int read_proc_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_n);
