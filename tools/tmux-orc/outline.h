/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Any JSON for people
 *
 * Facts are lines, objects are indented below their name, lists of objects are tables with their
 * members as columns. For answers whose members are for the service to choose.
 */

#include <json-c/json.h>
#include <stdio.h>

#include "tools/tmux-orc/terminal.h"

/* -ENOMEM. */
int outline_print(FILE *out, const Terminal *t, json_object *o);
