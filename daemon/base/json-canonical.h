/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON values as texts that can be compared
 *
 * Two values are equal, as JSON Schema means it, just if their canonical texts are: members are
 * sorted by name, numbers are written by what they are worth (1.0 is 1), nothing is left between
 * the parts. Good as a key, too. Of a number that json-c cannot hold the nearest is written.
 */

#include <stddef.h>

#include "daemon/base/json.h"

/* -ELOOP: deeper than @depth levels; -EFBIG: longer than @max bytes; -ENOMEM. */
int json_canonical(const json_object *value, unsigned depth, size_t max, char **ret, size_t *ret_n);
