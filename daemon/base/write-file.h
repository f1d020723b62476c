/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/*
 * Puts @data in the place of the file as a whole or not at all, whatever happens meanwhile: it is
 * written beside it, brought to the disk, and renamed. What is there is replaced, not followed.
 */
int write_file_atomically(const char *path, const char *data, size_t n, mode_t mode);

/* All of it, where the descriptor stands. */
int write_all(int fd, const char *data, size_t n);
