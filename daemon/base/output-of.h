/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/*
 * Starts a program, by its path or as the search path has it, whose standard output is read from
 * @ret_fd. The caller closes it and waits for the process.
 */
int output_of(char *const *argv, pid_t *ret_pid, int *ret_fd);
