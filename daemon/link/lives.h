/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lives
 *
 * How far each user's watcher was heard: its life, which is one process, and the number of the last
 * change that was taken over. It outlives a restart, so that the watcher tells what came after.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"

#define LIFE_NAME_MAX 64U
/* Users that come after that are not remembered. */
#define LIVES_MAX 1024U

typedef struct Life Life;

typedef struct Lives {
        Life *items; /* by uid */
} Lives;

void lives_done(Lives *lives);

/* That user's watcher leads this life from now on. Returns whether it did so before; only then is
 * @ret_taken set. */
bool lives_begin(Lives *lives, uid_t uid, const char *name, uint64_t *ret_taken);
/* Whether this number is new. */
bool lives_take(Lives *lives, uid_t uid, uint64_t number);

int lives_save(const Lives *lives, json_object **ret);
/* Into one that is empty; what makes no sense is left out. */
void lives_restore(Lives *lives, json_object *saved);
