/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/*
 * Where the other programs of the project are: beside this one in an installation of any prefix, or
 * in the tree that it was built in. -ENOENT.
 */
int programs_find(const char *name, char **ret);

/* Whether the caller's user runs this very program without arguments. */
bool programs_is_running(const char *path);
