/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Snapshot
 *
 * What the registry knows as JSON, and back: so that a restart keeps who was there, since when, for
 * how long in which state, and how often it failed. After a restore nobody can be said to live: the
 * watchers tell when they are back, and who was not found by then is gone.
 */

#include <json-c/json.h>

#include "daemon/agents/registry.h"

int snapshot_take(const Registry *registry, json_object **ret);

/*
 * Into a registry that is empty. -EBADMSG: the snapshot has no sense, or part of it has none; what
 * came before that part is there.
 */
int snapshot_restore(Registry *registry, json_object *snapshot);
